"""How evenly each generator starts requests: fixed rates, 64 connections, nginx."""

import statistics
import sys

from . import servers
from .tools import RIVALS, Load, dyno

RATES = (1_000, 10_000, 50_000)
CONNECTIONS = 64
# Each is played so often, in changing order.
ROUNDS = 3


def players(names):
    """(row name, tool, options); those without a rate are not here."""
    ours = [(f"dyno --pacing {mode}", dyno, {"pacing": mode}) for mode in ("hybrid", "sleep")]
    return ours + [(f"{n} {RIVALS[n].OPEN}", RIVALS[n], {}) for n in names if RIVALS[n].OPEN]


def estimate_s(names, seconds, rounds):
    return len(RATES) * rounds * len(players(names)) * (seconds + 1)


def measure(runs, names, seconds, rounds):
    rows = []
    with servers.nginx(runs.programs) as server:
        for rate in RATES:
            load = Load(server.url("/abc"), CONNECTIONS, seconds, rate=rate, in_flight=CONNECTIONS, detailed=True)
            seen = {name: [] for name, _, _ in players(names)}
            order = players(names)
            for _ in range(rounds):
                for name, tool, options in order:
                    before = servers.nginx_requests(server)
                    measured = runs.run(tool, load, **options)
                    # Less the question itself.
                    served = servers.nginx_requests(server) - before - 1
                    seen[name].append((measured, served))
                order.reverse()
            rows += [summarize(name, load, seen[name]) for name, _, _ in players(names)]
            print(f"rivals: pacing, {rate}/s: done", file=sys.stderr)
    return rows


def summarize(name, load, seen):
    reports = [(measured.report, served) for measured, served in seen if measured.report]
    row = {"generator": name, "rate": load.rate, "asked": load.asked, "runs": len(reports)}
    row["problems"] = sorted({measured.problem or measured.report.said for measured, _ in seen} - {""})
    row["steal_max"] = max(measured.steal for measured, _ in seen)
    if not reports:
        return row
    row["sent"] = statistics.median(report.sent for report, _ in reports)
    row["server_saw"] = statistics.median(served for _, served in reports)
    for q in (0.5, 0.99):
        row[f"p{q * 100:g}_ms"] = middle([report.quantiles.get(q) for report, _ in reports])
    health = [report.health for report, _ in reports if report.health]
    if health:
        for q in (0.5, 0.99):
            row[f"lag_p{q * 100:g}_ms"] = middle([h["send_lag_ms"].get(q) for h in health])
        row["verdicts"] = [h["verdict"] for h in health]
        for key in ("busy", "hiccup_max_ms", "run_delay", "steal"):
            seen = [h[key] for h in health if h[key] is not None]
            row[key] = max(seen) if seen else None
    return row


def middle(values):
    values = [value for value in values if value is not None]
    return {"median": statistics.median(values), "low": min(values), "high": max(values)} if values else None
