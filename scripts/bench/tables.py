"""One table for each part, as Markdown; pure functions of what was measured."""

# The most that dyno's own lateness and response time may be, ms.
PACING_BARS = {"lag_p50_ms": 0.030, "lag_p99_ms": 0.100, "p50_ms": 0.100}
COLUMNS = {"0.5": "p50", "0.9": "p90", "0.95": "p95", "0.985": "p98.5", "0.99": "p99", "0.999": "p99.9"}
COLUMNS |= {"mean": "mean", "max": "max"}


def table(head, rows):
    rows = [row + [""] * (len(head) - len(row)) for row in rows]
    return "".join(f"| {' | '.join(row)} |\n" for row in [head, ["---"] * len(head), *rows])


def speed(rows):
    head = ["server", "body", "c", "generator", "runs", "requests/s", "CPU per request, µs"]
    return table([*head, "dyno's / its CPU", "bar", "cheaper"], map(speed_row, rows))


def speed_row(row):
    name, cpu, ratio = row["generator"], row.get("cpu_us"), row.get("cpu_ratio")
    cells = [row["server"], f"{row['body_bytes']:,} B", str(row["connections"]), name, str(row["runs"])]
    problems = "; ".join(row["problems"])
    if not cpu:
        return [*cells, f"no result: {problems}"]
    cells += [f"{row['per_second']:,.0f}" + (f" ({problems})" if problems else ""), interval(cpu)]
    if not ratio:
        return cells
    bar = f"{row['bar']:.2f}: {verdict(row)}" if row.get("bar") else ""
    return [*cells, interval(ratio), bar, winner(ratio, name)]


def interval(spread):
    return f"{spread['median']:.2f} ({spread['low']:.2f} – {spread['high']:.2f})"


def verdict(row):
    ratio, bar = row["cpu_ratio"], row["bar"]
    text = "met" if ratio["median"] <= bar else "not met"
    return f"{text}, its interval spans the bar" if ratio["low"] <= bar < ratio["high"] else text


def winner(ratio, name):
    if ratio["high"] < 1:
        return "dyno"
    return name if ratio["low"] > 1 else "no difference seen"


def bars(rows):
    """How many cells meet each bar."""
    judged = {}
    for row in rows:
        if row.get("bar") and "cpu_ratio" in row:
            met = judged.setdefault((row["generator"], row["bar"]), [])
            met.append(row["cpu_ratio"]["median"] <= row["bar"])
    return "".join(
        f"- at most {bar:.2f} of {name}'s: met in {sum(met)} of {len(met)} cells\n"
        for (name, bar), met in judged.items()
    )


def anatomy(rows):
    head = ["generator", "runs", "user, µs", "kernel, µs", "both, µs", "the bar leaves dyno, µs", "system calls"]
    return table(head, map(anatomy_row, rows))


def anatomy_row(row):
    cells = [row["generator"], str(row["runs"])]
    if "cpu_us" not in row:
        return [*cells, "no result"]
    calls = row.get("calls") or {}
    cells += [interval(row[name]) for name in ("user_us", "system_us", "cpu_us")]
    cells.append("" if row["left_us"] is None else f"{row['left_us']:.2f}")
    return [*cells, ", ".join(f"{name} {count:.2f}" for name, count in calls.items()) or "–"]


def functions(rows):
    total = sum(count for _, count in rows)
    shown = [[f"`{name}`" if name != "all others" else name, f"{count:,.0f}"] for name, count in rows]
    return table(["function", "instructions"], [*shown, ["**sum**", f"**{total:,.0f}**"]])


def pacing(rows):
    head = ["starts/s", "generator", "sent of asked", "server saw", "p50, ms", "p99, ms"]
    head += ["send lag p50 / p99, µs", "busy", "hiccup", "steal", "dyno's verdict"]
    return table(head, map(pacing_row, rows))


def pacing_row(row):
    cells = [f"{row['rate']:,}", row["generator"]]
    if "sent" not in row:
        return [*cells, f"no result: {'; '.join(row['problems'])}"]
    sent = row["sent"] / row["asked"]
    cells += [marked(f"{sent:.2%}", is_as_asked(row)), f"{row['server_saw'] / row['asked']:.2%}"]
    cells += [barred(row, "p50_ms", 1, 3), barred(row, "p99_ms", 1, 3)]
    steal = f"{max(row.get('steal') or 0, row['steal_max']):.1%}"
    if "lag_p50_ms" not in row:
        return [*cells, "–", "–", "–", steal]
    lag = " / ".join(barred(row, name, 1000, 0) for name in ("lag_p50_ms", "lag_p99_ms"))
    hiccup = row.get("hiccup_max_ms")
    cells += [lag, f"{row['busy']:.1%}", "–" if hiccup is None else f"{hiccup:.1f} ms", steal]
    return [*cells, "; ".join(sorted({verdict for verdict in row["verdicts"] if verdict}))]


def is_as_asked(row):
    """Whether the generator has sent what it was asked for."""
    return abs(row["sent"] / row["asked"] - 1) <= 0.001


def barred(row, name, scale, digits):
    """A median, marked where dyno misses its bar."""
    value = row.get(name)
    if not value:
        return "–"
    missed = "lag_p50_ms" in row and value["median"] > PACING_BARS.get(name, float("inf"))
    return marked(f"{value['median'] * scale:.{digits}f}", not missed)


def marked(text, is_right):
    return text if is_right else f"{text} ✗"


def truth(test):
    columns = [name for name in COLUMNS if name in test["expected"]]
    head = ["generator", "sent", "failed", *(COLUMNS[name] for name in columns), "verdict"]
    failed = "1 in 20" if test["timeout"] else "0"
    asked = f"{test['rate'] * test['seconds']:,}"
    told = ["**truth**", asked, failed, *(test["expected"][name] for name in columns)]
    return table(head, [told, *(truth_row(row, columns) for row in test["rows"])])


def truth_row(row, columns):
    if "values" not in row:
        return [row["generator"], f"no result: {row['problem']}"]
    cells = [truth_cell(row["values"].get(name)) for name in columns]
    sent = marked(f"{row['sent']:,}", row.get("sent_right", True))
    failed = marked(f"{row['failed']:,}", row["failed_right"])
    own = (row.get("health") or {}).get("verdict") or ""
    # A tool that doubts its own figures has not reported them as the truth.
    doubt = f"; it says {own}" if own.startswith("INVALID") else ""
    return [row["generator"], sent, failed, *cells, ("right" if right(row) else "wrong") + doubt]


def truth_cell(cell):
    if cell is None:
        return "–"
    value = cell["value"]
    shown = value if isinstance(value, str) else f"{value:,.0f}" if value >= 10 else f"{value:.2f}"
    return marked(("≥ " if cell["at_least"] else "") + shown, cell["right"])


def right(row):
    """Whether nothing that it said is wrong, and it was able to say something."""
    values = row.get("values") or {}
    all_right = values and all(cell["right"] for cell in values.values())
    return bool(all_right and row["failed_right"] and row.get("sent_right", True))
