"""vegeta: an attack to a file, read by `vegeta report` afterwards, so that only
the attack counts as its work."""

import json
import re
import subprocess

from .load import QUANTILES, Report

NAME = "vegeta"
OPEN = "-rate"
VERSION = ["vegeta", "-version"]


def command(load, scratch):
    targets = scratch / "targets"
    targets.write_text(f"GET {load.url}\n")
    # Without a rate, -max-workers is the number of connections.
    pace = ["-rate", f"{load.rate}/s"] if load.rate else ["-rate", "0", "-max-workers", load.connections]
    pace += ["-workers", load.connections, "-connections", 10_000]
    timeout = ["-timeout", f"{load.timeout}s"] if load.timeout else []
    time = ["-duration", f"{load.seconds}s", "-redirects", "-1", "-max-body", "0"]
    return ["vegeta", "attack", *time, *pace, *timeout, "-targets", targets, "-output", scratch / "attack"]


def report(kind, scratch):
    command = ["vegeta", "report", f"-type={kind}", scratch / "attack"]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout


def read(_text, _load, scratch):
    seen = json.loads(report("json", scratch))
    latencies = seen["latencies"]
    # Lines of value, fraction, count, from which the finer percentiles come.
    lines = re.findall(r"^([\d.]+)\s+([\d.]+)\s+\d+\s", report("hdrplot", scratch), re.M)
    spectrum = [(float(fraction), float(value)) for value, fraction in lines]
    quantiles = {q: next((v for f, v in spectrum if f >= q), None) for q in QUANTILES}
    quantiles |= {0.5: latencies["50th"] / 1e6, 0.9: latencies["90th"] / 1e6}
    quantiles |= {0.95: latencies["95th"] / 1e6, 0.99: latencies["99th"] / 1e6}
    succeeded = sum(count for status, count in seen["status_codes"].items() if "200" <= status < "400")
    return Report(
        succeeded=succeeded,
        sent=seen["requests"],
        failed=seen["requests"] - succeeded,
        per_second=seen["requests"] / ((seen["duration"] + seen["wait"]) / 1e9),
        quantiles={q: value for q, value in quantiles.items() if value is not None},
        mean_ms=latencies["mean"] / 1e6,
        max_ms=latencies["max"] / 1e6,
        said="; ".join(error[:60] for error in (seen["errors"] or [])[:2]),
    )
