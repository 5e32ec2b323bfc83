"""The published page: what was measured how, the tables, and where a rival wins."""

from . import tables

HEAD = """# dyno beside other load generators

The server alone on one CPU, the generator alone on the other, over loopback. Machine:
{machine}.
Versions: {versions}.
Every figure is in [`rivals.json`](rivals.json); `scripts/rivals --render` makes this
page from it.
"""

TRUTH = """## What each tool reports when the truth is known

Times in ms. A value that is not what must be seen, within the tolerance of the test,
is marked ✗; "–" is what the tool does not report. "Failed" is what it counts as
failed, timed out, dropped or unfinished. A row is right if nothing in it is wrong.
Tools without a rate play the closed model over the same connections.
"""

PACING = """## Pacing

nginx, 64 connections, starts at a constant rate. p50 and p99 are what each tool calls
latency: dyno's is response time from the intended start, oha's with its correction;
the others count from when they got round to sending, so that their own lateness is
not in it. Medians of the rounds. Send lag is dyno's own lateness, busy the share of
the time that its thread was on the CPU, hiccup the longest that the machine stood
still for it. ✗: more than 0.1 % from what was asked for, or beyond dyno's bars (send
lag p50 30 µs, p99 100 µs; response p50 0.1 ms). wrk, ab and shb have no rate.
"""

SPEED = """## Speed

CPU time of the whole generator process (user + system, start-up included) for each
right answer; closed model; dyno records everything that it records by default. Each
rival is paired with a run of dyno just before or after it, in turns. Ratios are
medians over the pairs, with the smallest and the largest pair in brackets: with 7
pairs these enclose the true median with 98.4 % confidence, with 3 pairs with 75 %.
The generator that needs less CPU time is cheaper; "no difference seen" where the
interval spans 1.
"""

ANATOMY = """## Where the CPU time of a request goes

nginx, 39 bytes, 64 connections, closed model. CPU time as the kernel splits it, µs for
each right answer (medians, with the smallest and the largest run); system calls for
each answer as strace counts them in a run of its own. A bar leaves dyno its part of the
rival's time; the kernel's share of dyno's time is the same work that every generator
without io_uring asks of it: one send and one receive for each request.
"""

FUNCTIONS = """
dyno's own work, instructions for each answer as callgrind counts them: the difference
of two runs of different length, so that starting up is not in it. Functions are named
with what the compiler has put into them. Below callgrind dyno is some twenty times
slower: what it does once a second (zero, pack and merge histograms: `memset`,
`miniz_oxide`, `HistogramIterator`, `Packed`, `merge`, quantiles) is shared by so many
fewer answers than in truth.
"""


def page(found):
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    parts = [HEAD.format(machine=found["machine"], versions=versions)]
    parts.append("".join(f"Not here: {name}: {reason}.\n" for name, reason in found["missing"].items()))
    if found.get("quick"):
        parts.append("**Made with `--quick`: too short to be quoted.**\n")
    for name, write in (("truth", truth), ("pacing", pacing), ("speed", speed), ("anatomy", anatomy)):
        if name in found:
            parts += [write(found[name]["rows"]), made(found[name])]
    parts.append("## Where a rival is better\n\n" + ("".join(better(found)) or "Nowhere in these tables.\n"))
    return "\n".join(part for part in parts if part)


def made(part):
    before = f"load average before it {part['load_average']:.2f}"
    if cpus := part.get("awake"):
        which = "the CPUs were" if len(cpus) > 1 else "the server's CPU was"
        before += f"; {which} kept awake by a loop of the lowest class, as idle=poll would"
    return f"Made by `{part['command']}`, {part['date']}, dyno {part['commit']}, {before}.\n"


def truth(tests):
    return TRUTH + "\n" + "\n".join(map(truth_section, tests))


def truth_section(test):
    limit = f", time limit {test['timeout']} s" if test["timeout"] else ""
    load = f"{test['rate']:,} starts/s for {test['seconds']} s, {test['connections']} connections{limit}.\n"
    hiccups = [row["health"]["hiccup_max_ms"] or 0 for row in test["rows"] if row.get("health")]
    stood = f"the longest that it stood still for dyno was {max(hiccups):.1f} ms, " if hiccups else ""
    steal = max(row["steal"] for row in test["rows"])
    meanwhile = f"The machine meanwhile: {stood}steal at most {steal:.1%}.\n"
    title = f"### {test['name']}: the server {test['situation']}\n"
    return "\n".join([title, load, tables.truth(test), meanwhile])


def pacing(rows):
    return PACING + "\n" + tables.pacing(rows)


def speed(rows):
    bars = tables.bars(rows)
    judged = f"\nBars for dyno's CPU time per request:\n\n{bars}" if bars else ""
    return SPEED + judged + "\n" + tables.speed(rows)


def anatomy(rows):
    functions = rows[0].get("functions")
    own = FUNCTIONS + "\n" + tables.functions(functions) if functions else ""
    return ANATOMY + "\n" + tables.anatomy(rows) + own


def better(found):
    """Where a rival beats dyno, so that nobody has to search for it."""

    def rows(part):
        return found.get(part, {}).get("rows", [])

    for row in rows("speed"):
        place = f"{row['server']}, {row['body_bytes']:,} B, c = {row['connections']}"
        cpu, rate = row.get("cpu_ratio"), row.get("rate_ratio")
        if cpu and cpu["low"] > 1:
            ratio = f"dyno's / its {cpu['median']:.2f}"
            yield f"- {row['generator']}: less CPU time per request ({place}; {ratio})\n"
        if rate and rate["high"] < 1:
            ratio = f"dyno's / its {rate['median']:.2f}"
            yield f"- {row['generator']}: more requests/s ({place}; {ratio})\n"
    for row in rows("pacing"):
        yield from better_paced(row, rows("pacing"))
    for test in rows("truth"):
        ours = next((row for row in test["rows"] if row["generator"].startswith("dyno")), None)
        if ours and not tables.right(ours):
            others = [row["generator"] for row in test["rows"] if tables.right(row)]
            yield f"- {test['name']}: dyno is wrong; right: {', '.join(others) or 'nobody'}\n"


def better_paced(row, rows):
    ours = next((r for r in rows if r["rate"] == row["rate"] and "hybrid" in r["generator"]), {})
    # Fewer requests than asked for are an easier task.
    if row["generator"].startswith("dyno") or "sent" not in row or not tables.is_as_asked(row):
        return
    for name, title in (("p50_ms", "p50"), ("p99_ms", "p99")):
        if row.get(name) and ours.get(name) and row[name]["median"] < ours[name]["median"]:
            values = f"{row[name]['median']:.3f} ms, dyno {ours[name]['median']:.3f} ms"
            yield f"- {row['generator']}: lower {title} as reported at {row['rate']:,}/s ({values})\n"
