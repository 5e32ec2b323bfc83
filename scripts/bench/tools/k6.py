"""k6: constant arrival rate with as many virtual users as can be in flight."""

import json

from .load import QUANTILES, Report

NAME = "k6"
OPEN = "constant-arrival-rate"
VERSION = ["k6", "version"]
# Nothing of this leaves the machine.
ENVIRONMENT = {"K6_NO_USAGE_REPORT": "true", "K6_AUTO_EXTENSION_RESOLUTION": "false"}
SCRIPT = """
import http from 'k6/http';
export const options = %(options)s;
export default function () { http.get('%(url)s', { timeout: '%(timeout)ss' }); }
export function handleSummary(data) { return { '%(summary)s': JSON.stringify(data) }; }
"""
STATISTICS = ["avg", "max", *(f"p({q * 100:g})" for q in QUANTILES)]


def command(load, scratch):
    time = {"duration": f"{load.seconds}s", "gracefulStop": "30s"}
    if load.rate:
        users = max(load.connections, load.in_flight)
        scenario = {"executor": "constant-arrival-rate", "rate": load.rate, "timeUnit": "1s"}
        scenario |= {"preAllocatedVUs": users, "maxVUs": users}
    else:
        scenario = {"executor": "constant-vus", "vus": load.connections}
    options = {
        "scenarios": {"load": scenario | time},
        "summaryTrendStats": STATISTICS,
        "discardResponseBodies": True,
        "systemTags": ["status", "error_code"],
        "thresholds": {},
    }
    values = {"options": json.dumps(options), "url": load.url, "timeout": load.timeout or 60}
    script = scratch / "script.js"
    script.write_text(SCRIPT % (values | {"summary": scratch / "summary.json"}))
    return ["k6", "run", "--quiet", "--no-color", "--address", "", "--log-output", "none", script]


def read(_text, load, scratch):
    metrics = json.loads((scratch / "summary.json").read_text())["metrics"]

    def values(name):
        return metrics.get(name, {"values": {}})["values"]

    latency, requests = values("http_req_duration"), values("http_reqs")
    # http_req_failed counts failures as passes: true is what it looks for.
    failed = values("http_req_failed").get("passes", 0)
    dropped = values("dropped_iterations").get("count", 0)
    return Report(
        succeeded=requests["count"] - failed,
        sent=requests["count"],
        failed=failed + dropped,
        per_second=requests["rate"],
        quantiles={q: latency[f"p({q * 100:g})"] for q in QUANTILES},
        mean_ms=latency["avg"],
        max_ms=latency["max"],
        said=", ".join(f"{count} {name}" for name, count in (("failed", failed), ("dropped", dropped)) if count),
    )
