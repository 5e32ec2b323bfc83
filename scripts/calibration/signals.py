"""What the verdict looks at, read from a step of a result, and its limits, from the source."""

import dataclasses
import math
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
THRESHOLDS = ROOT / "crates/dyno-result/src/verdict/thresholds.rs"


@dataclasses.dataclass(frozen=True)
class Signal:
    name: str
    # The field of `Thresholds`, and its number in `Limits::new`; none for a limit of 0.
    warn: str | None
    invalid: str | None
    unit: str
    value: object
    # Whether small values are the bad ones.
    falls: bool = False


def at(summary, q):
    """The value at that quantile, ns: none if dyno does not say, infinite for failures."""
    for quantile in (summary or {}).get("quantiles", []):
        if quantile["q"] == q:
            value = quantile["value"]
            if isinstance(value, dict):
                return next(iter(value.values()))
            # Too few requests to say; or failures.
            return None if value is None else math.inf
    return None


def ratio(part, whole):
    return None if part is None or not whole or math.isinf(whole) else part / whole


def kernel(step, field):
    return (step["generator"].get("kernel") or {}).get(field)


def unsent(step):
    """Due, not dropped, not sent, and not for want of a connection."""
    counts = step["counts"]
    before = sum(f["count"] for f in step["failures"] if f["kind"].split(".")[0] in ("connect", "tls", "generator"))
    return ratio(max(counts["due"] - counts["dropped"] - counts["sent"] - before, 0), counts["due"])


def little(step):
    """How far the connections are from always occupied; none in the open model."""
    connections = step.get("connections")
    mean = step["response"]["mean_ns"]
    if connections is None or mean is None:
        return None
    return abs(step["response"]["count"] * mean / (connections * step["window_ns"]) - 1)


SIGNALS = [
    Signal("send lag p99", "send_lag_ns 0", "send_lag_ns 1", "ns", lambda s: at(s["send_lag"], 0.99)),
    Signal(
        "send lag p99 / response p99",
        None,
        "send_lag_share 1",
        "%",
        lambda s: ratio(at(s["send_lag"], 0.99), at(s["response"], 0.99)),
    ),
    Signal(
        "late starts",
        "not_sent 0",
        "not_sent 1",
        "%",
        lambda s: ratio(s["generator"]["late_starts"], s["counts"]["due"]),
    ),
    Signal("dropped", "dropped 0", "dropped 1", "%", lambda s: ratio(s["counts"]["dropped"], s["counts"]["due"])),
    Signal("never sent", "not_sent 0", "not_sent 1", "%", unsent),
    Signal("busy", "busy 0", "busy 1", "%", lambda s: s["generator"]["busy_fraction"]),
    Signal("run delay", "run_delay_shared 0", "run_delay_shared 1", "%", lambda s: kernel(s, "run_delay_fraction")),
    Signal("steal", "steal 0", "steal 1", "%", lambda s: kernel(s, "steal_fraction")),
    Signal("throttled periods", None, None, "", lambda s: kernel(s, "throttled_periods")),
    Signal(
        "hiccup max", "hiccup_ns 0", "hiccup_ns 1", "ns", lambda s: (s["generator"].get("hiccup") or {}).get("max_ns")
    ),
    Signal("off Little's law", "littles_law 0", "littles_law 1", "%", little),
    Signal("Poisson p", "poisson_p", None, "p", lambda s: s["generator"]["poisson_p"], falls=True),
]


def thresholds():
    """The limits as they stand in the source: `busy 0` to warn, `busy 1` invalid."""
    text = THRESHOLDS.read_text().partition("impl Default")[2]
    found = {}
    for name, warn, invalid in re.findall(r"(\w+): Limits::new\(([\d_.e]+), ([\d_.e]+)\)", text):
        found[f"{name} 0"], found[f"{name} 1"] = float(warn), float(invalid)
    found |= {name: float(value) for name, value in re.findall(r"(\w+): ([\d_.e]+),", text)}
    return found
