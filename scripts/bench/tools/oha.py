"""oha: `--latency-correction` with a rate, and `-w`, so that what is in flight at
the end is waited for."""

import json

from .load import Report

NAME = "oha"
OPEN = "-q --latency-correction"
VERSION = ["oha", "--version"]


def command(load, _scratch, until=None):
    rate = ["-q", load.rate, "--latency-correction"] if load.rate else []
    timeout = ["-t", f"{load.timeout}s"] if load.timeout else []
    until = until or ["-z", f"{load.seconds}s", "-w"]
    plain = ["--no-tui", "--output-format", "json", "--disable-compression", "--redirect", "0"]
    return ["oha", *until, "-c", load.connections, *rate, *timeout, *plain, load.url]


def read(text, _load, _scratch):
    seen = json.loads(text)
    summary = seen["summary"]
    errors = seen["errorDistribution"]
    succeeded = sum(count for status, count in seen["statusCodeDistribution"].items() if status < "400")
    answered = sum(seen["statusCodeDistribution"].values())
    failed = answered - succeeded + sum(errors.values())
    percentiles = {float(name[1:]) / 100: value for name, value in seen["latencyPercentiles"].items()}
    return Report(
        succeeded=succeeded,
        sent=answered + sum(errors.values()),
        failed=failed,
        per_second=answered / summary["total"],
        quantiles={round(q, 4): value * 1e3 for q, value in percentiles.items() if value is not None},
        mean_ms=summary["average"] * 1e3 if summary["average"] is not None else None,
        max_ms=summary["slowest"] * 1e3 if summary["slowest"] is not None else None,
        said=", ".join(f"{count} {text}" for text, count in errors.items()),
    )
