"""What every tool is asked, and what every tool says: its own words, one unit."""

import dataclasses
import math

# Percentiles that a tool should report if it can, as fractions.
QUANTILES = (0.5, 0.9, 0.95, 0.985, 0.99, 0.999)


@dataclasses.dataclass(frozen=True)
class Load:
    """One load on one URL."""

    url: str
    connections: int
    seconds: int
    # Starts a second; None for the closed model, and for tools that have no other.
    rate: int | None = None
    # Seconds until a request has failed; None leaves the tool's own limit.
    timeout: int | None = None
    # The most requests that are in flight at once if nothing holds them back.
    in_flight: int = 0
    # Ask for every percentile, even where that costs the tool something.
    detailed: bool = False

    @property
    def asked(self):
        return self.rate * self.seconds if self.rate else None


@dataclasses.dataclass
class Report:
    """What a tool says of one load. Missing is None, never 0."""

    # Right answers.
    succeeded: int
    # Requests that the tool says it sent; with rate, everything it started.
    sent: int
    # Requests that it counts as failed, for whatever reason.
    failed: int
    per_second: float
    # Fraction → ms, of what the tool calls latency.
    quantiles: dict[float, float]
    mean_ms: float | None = None
    max_ms: float | None = None
    # Values from here on mean "at least".
    limit_ms: float | None = None
    # In the tool's own words: errors, dropped requests.
    said: str = ""
    # Only dyno: what it knows of itself.
    health: dict | None = None


class Unreadable(Exception):
    """A tool's output is not what its version is known to print."""


def quantiles_of(values_ms):
    """Quantiles of all values, for tools that hand them out instead."""
    if not values_ms:
        return {}
    ordered = sorted(values_ms)
    return {q: ordered[min(len(ordered) - 1, math.ceil(q * len(ordered)) - 1)] for q in QUANTILES}
