"""wrk: closed model only. `done` of Lua runs after the load, so it costs nothing."""

import json

from .load import QUANTILES, Report

NAME = "wrk"
OPEN = None
VERSION = ["wrk", "-v"]
DONE = """
done = function(summary, latency, requests)
    local e = summary.errors
    local counts = '\\n{"requests": %d, "us": %d, "status": %d, "timeout": %d, "socket": %d'
    local socket = e.connect + e.read + e.write
    io.write(string.format(counts, summary.requests, summary.duration, e.status, e.timeout, socket))
    io.write(string.format(', "mean": %f, "max": %f', latency.mean, latency.max))
    for _, q in pairs({QUANTILES}) do
        io.write(string.format(', "%s": %f', tostring(q), latency:percentile(q * 100)))
    end
    io.write("}\\n")
end
""".replace("QUANTILES", ", ".join(map(str, QUANTILES)))


def command(load, scratch):
    script = scratch / "done.lua"
    script.write_text(DONE)
    timeout = ["--timeout", f"{load.timeout}s"] if load.timeout else []
    return ["wrk", "-t1", f"-c{load.connections}", f"-d{load.seconds}s", *timeout, "-s", script, load.url]


def read(text, _load, _scratch):
    seen = json.loads(text.strip().rsplit("\n", 1)[-1])
    counts = {"timeouts": seen["timeout"], "status errors": seen["status"], "socket errors": seen["socket"]}
    return Report(
        succeeded=seen["requests"] - seen["status"],
        sent=seen["requests"],
        failed=sum(counts.values()),
        per_second=seen["requests"] / seen["us"] * 1e6,
        quantiles={q: seen[str(q)] / 1e3 for q in QUANTILES},
        mean_ms=seen["mean"] / 1e3,
        max_ms=seen["max"] / 1e3,
        said=", ".join(f"{count} {name}" for name, count in counts.items() if count),
    )
