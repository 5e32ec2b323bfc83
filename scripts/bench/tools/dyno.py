"""dyno itself, with everything recorded that it records by default."""

import json

from .load import Report

NAME = "dyno"
OPEN = "-q"
VERSION = ["dyno", "--version"]
PACING = "hybrid"
# 5: the report is there, and its verdict is INVALID.
EXIT_CODES = (0, 5)


def command(load, _scratch, pacing=None):
    rate = ["-q", load.rate, "--pacing", pacing or PACING] if load.rate else []
    timeout = ["-t", f"{load.timeout}s"] if load.timeout else []
    time = ["-z", f"{load.seconds}s", "-c", load.connections]
    return ["dyno", "hit", *time, *rate, *timeout, "--json", load.url]


def quantiles(distribution):
    """Fraction → ms; one beyond the time limit is the limit, a failed one infinite.
    Those that too few requests would stand behind are null in the result."""
    seen = distribution["quantiles"]
    return {q["q"]: milliseconds(q["value"]) for q in seen if q["value"] is not None}


def milliseconds(value):
    if value == "failed":
        return float("inf")
    ns = value.get("ns", value.get("at_least_ns"))
    return float("inf") if ns is None else ns / 1e6


def read(text, _load, _scratch):
    step = json.loads(text)["trials"][0]["steps"][0]
    counts, response = step["counts"], step["response"]
    return Report(
        succeeded=counts["succeeded"],
        sent=counts["sent"],
        failed=counts["due"] - counts["succeeded"],
        per_second=step["throughput_per_s"],
        quantiles=quantiles(response),
        mean_ms=response["mean_ns"] / 1e6 if response["mean_ns"] is not None else None,
        max_ms=response["max_ns"] / 1e6 if response["max_ns"] is not None else None,
        limit_ms=response["limit_ns"] / 1e6 if response["timed_out"] else None,
        said=said(step),
        health=health(step),
    )


def said(step):
    counts = {name: step["counts"][name] for name in ("dropped", "unfinished")}
    counts["timed out"] = step["response"]["timed_out"]
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)


def health(step):
    generator, lag = step["generator"], step.get("send_lag")
    kernel = generator.get("kernel") or {}
    hiccup = generator.get("hiccup") or {}
    return {
        "pacing": generator.get("pacing"),
        "send_lag_ms": quantiles(lag) if lag else None,
        "busy": generator["busy_fraction"],
        "hiccup_max_ms": hiccup["max_ns"] / 1e6 if hiccup.get("max_ns") else None,
        "run_delay": kernel.get("run_delay_fraction"),
        "steal": kernel.get("steal_fraction"),
        "due": step["counts"]["due"],
        "verdict": verdict(step.get("verdict")),
    }


def verdict(seen):
    """`VALID`, or `WARN: run_delay`, `INVALID: hiccup, send_lag`; None before there were verdicts."""
    if seen is None:
        return None
    signals = [reason["signal"] for reason in seen["reasons"] if reason["level"] == seen["level"] != "valid"]
    return seen["level"].upper() + (f": {', '.join(signals)}" if signals else "")
