"""shb (io_uring): closed model only."""

import json

from .load import Report

NAME = "shb"
OPEN = None
# It cannot say; the crate can.
VERSION = None


def command(load, _scratch):
    timeout = ["--timeout", f"{load.timeout}s"] if load.timeout else []
    return ["shb", "-t", "1", "-z", f"{load.seconds}s", "-c", load.connections, *timeout, "--json", load.url]


def read(text, _load, _scratch):
    seen = json.loads(text)
    counts, latency = seen["requests"], seen["latencySeconds"] or {}
    wrong = sum(count for status, count in seen["statusCodes"].items() if status >= "400")
    quantiles = {round(float(p[1:]) / 100, 4): s * 1e3 for p, s in latency.get("percentiles", {}).items()}
    return Report(
        succeeded=counts["ok"] - wrong,
        sent=counts["total"],
        failed=counts["errors"] + wrong,
        per_second=seen["requestsPerSec"],
        quantiles=quantiles,
        mean_ms=latency["mean"] * 1e3 if latency else None,
        max_ms=latency["max"] * 1e3 if latency else None,
        said=f"{counts['errors']} errors" if counts["errors"] else "",
    )
