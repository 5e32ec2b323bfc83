"""CPU time for each request, dyno beside each rival: closed model, servers and
generators on CPUs of their own.

A block is one rival, dyno, another rival; the next block is the same the other way
round. Each rival thus stands beside a run of dyno, before it and after it in turns
(A B B A), so that drift of the machine falls on both.
"""

import statistics
import sys

from . import servers
from .tools import RIVALS, Load, dyno

# The most CPU time for each request, as a part of the rival's, that is good enough.
BARS = {"wrk": 0.92, "shb": 1.00, "oha": 0.65, "hey": 0.40}
# The others are far away or stand in for nobody's first choice.
FEW_PAIRS = 3
CONNECTIONS = (10, 64, 512)
SMALL, LARGE = 39, 10_240
CELLS = [
    ("nginx", SMALL, servers.nginx, "/abc"),
    ("nginx", LARGE, servers.nginx, "/large"),
    ("greet-rust (axum)", SMALL, servers.greet_rust, "/abc"),
    ("dyno-truth (Rust, epoll)", LARGE, servers.truth, f"/ok?bytes={LARGE}"),
]


def cells(quick):
    return [CELLS[0], CELLS[3]] if quick else CELLS


def pairs_of(name, pairs):
    return pairs if name in BARS else min(FEW_PAIRS, pairs)


def blocks(names, pairs):
    """The order of runs: lists of (generator, pair) in which dyno is beside each rival."""
    ranked = sorted(names, key=lambda name: -pairs_of(name, pairs))
    groups = [ranked[i : i + 2] for i in range(0, len(ranked), 2)]
    for pair in range(pairs):
        for group in groups:
            group = [name for name in group if pair < pairs_of(name, pairs)]
            if group:
                order = [group[0], "dyno", *group[1:]]
                yield order if pair % 2 == 0 else order[::-1]


def estimate_s(names, pairs, seconds, count):
    runs = sum(len(block) for block in blocks(names, pairs))
    return count * (runs * (seconds + 0.4) + 1)


def measure(runs, names, pairs, seconds, connections, quick):
    """All cells; a list of rows, one for each cell and generator."""
    rows = []
    for server_name, body_bytes, start, path in cells(quick):
        if start is servers.truth and "dyno-truth" not in runs.programs:
            print("rivals: no dyno-truth: its cells are left out", file=sys.stderr)
            continue
        with start(runs.programs) as server:
            for count in connections:
                load = Load(server.url(path), count, seconds)
                seen = cell(runs, load, names, pairs)
                place = {"server": server_name, "body_bytes": body_bytes, "connections": count}
                rows += [place | row for row in summarize(seen)]
                print(f"rivals: speed, {server_name}, {body_bytes} B, c = {count}: done", file=sys.stderr)
    return rows


def cell(runs, load, names, pairs):
    """Generator → its runs, and rival → its pairs (dyno's run, the rival's run)."""
    alone, paired = {name: [] for name in ("dyno", *names)}, {name: [] for name in names}
    for block in blocks(names, pairs):
        ended = {name: runs.run(dyno if name == "dyno" else RIVALS[name], load) for name in block}
        for name, measured in ended.items():
            alone[name].append(measured)
            if name != "dyno":
                paired[name].append((ended["dyno"], measured))
    return alone, paired


def summarize(seen):
    alone, paired = seen
    for name, all_runs in alone.items():
        good = [run for run in all_runs if usable(run)]
        problems = sorted({run.problem or run.report.said for run in all_runs if run.problem or run.report.failed})
        doubts = [run.report.health["verdict"] for run in good if run.report.health]
        doubts = [doubt for doubt in doubts if doubt and doubt.startswith("INVALID")]
        if doubts:
            problems.append(f"{len(doubts)} runs {', '.join(sorted(set(doubts)))}")
        row = {
            "generator": name,
            "runs": len(all_runs),
            "bar": BARS.get(name),
            "problems": problems,
            "steal_max": max(r.steal for r in all_runs),
        }
        if good:
            row |= {"per_second": statistics.median(run.report.per_second for run in good)}
            row |= {"cpu_us": spread([run.cpu_us for run in good])}
        pairs = [(ours, its) for ours, its in paired.get(name, []) if usable(ours) and usable(its)]
        if pairs:
            row["cpu_ratio"] = spread([ours.cpu_us / its.cpu_us for ours, its in pairs])
            row["rate_ratio"] = spread([ours.report.per_second / its.report.per_second for ours, its in pairs])
        yield row


def usable(run):
    """Whether a run may count: it ended well and nearly all its answers were right."""
    report = run.report
    return report is not None and report.succeeded > 0 and report.failed <= 0.001 * report.succeeded


def spread(values):
    """Median, and the range of all: what covers the true median with `confidence`."""
    confidence = 1 - 2 * 0.5 ** len(values)
    return {
        "median": statistics.median(values),
        "low": min(values),
        "high": max(values),
        "values": values,
        "confidence": confidence,
    }
