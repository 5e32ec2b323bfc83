"""What is played, and whether its figures can be right."""

import dataclasses

GOOD, BAD, OPEN = "good", "bad", "open"
FROZEN_S, QUOTA_OF_100_MS = 0.205, 20
MS = 1_000_000


@dataclasses.dataclass(frozen=True)
class Condition:
    name: str
    what: str
    kind: str
    load: str
    path: str = "/ok"
    # The quiet condition whose figures are true for this one; none if nobody knows.
    truth: str | None = None
    # What the server takes beyond that one's.
    extra_ns: int = 0
    disturbance: str = ""


HYBRID, SLEEP = "-c 50 --pacing hybrid", "-c 50 --pacing sleep"
CONDITIONS = [
    Condition("hybrid-1k", "quiet, 1,000/s, hybrid", GOOD, f"-q 1000 {HYBRID}", truth="hybrid-1k"),
    Condition("hybrid-10k", "quiet, 10,000/s, hybrid", GOOD, f"-q 10000 {HYBRID}", truth="hybrid-10k"),
    Condition("sleep-1k", "quiet, 1,000/s, sleep", GOOD, f"-q 1000 {SLEEP}", truth="sleep-1k"),
    Condition("sleep-10k", "quiet, 10,000/s, sleep", GOOD, f"-q 10000 {SLEEP}", truth="sleep-10k"),
    Condition("poisson-1k", "quiet, 1,000/s Poisson, hybrid", GOOD, f"-q 1000 --poisson {HYBRID}", truth="poisson-1k"),
    # Such a server answers faster than dyno can ask: the throughput is dyno's own.
    Condition("closed", "closed, 10 connections, answers at once", BAD, "-c 10"),
    Condition(
        "closed-10ms",
        "quiet, closed, 10 connections, answers after 10 ms",
        GOOD,
        "-c 10",
        path="/delay?time=10ms",
        truth="hybrid-1k",
        extra_ns=10 * MS,
    ),
    Condition(
        "queue",
        "the server is the limit: 1 ms one at a time, 500/s",
        GOOD,
        f"-q 500 {HYBRID}",
        path="/queue?service=1ms",
        truth="hybrid-1k",
        extra_ns=MS,
    ),
    Condition(
        "beside", "a spinner on dyno's CPU, as nice", OPEN, f"-q 1000 {HYBRID}", truth="hybrid-1k", disturbance="spin"
    ),
    Condition(
        "starved",
        "a spinner on dyno's CPU, dyno at nice 19",
        BAD,
        f"-q 1000 {HYBRID}",
        truth="hybrid-1k",
        disturbance="spin nice",
    ),
    Condition(
        "frozen",
        f"dyno stopped for {FROZEN_S * 1000:.0f} ms",
        BAD,
        f"-q 1000 {HYBRID}",
        truth="hybrid-1k",
        disturbance="freeze",
    ),
    Condition("overloaded", "400,000/s from one CPU", BAD, f"-q 400000 -t 1s {HYBRID}"),
    Condition(
        "throttled",
        f"a quota of {QUOTA_OF_100_MS} ms in 100 ms, 10,000/s",
        BAD,
        f"-q 10000 {HYBRID}",
        truth="hybrid-10k",
        disturbance="quota",
    ),
]


def of(runs, condition):
    return [run for run in runs if run["condition"] == condition.name]
