"""What each generator reports when the truth is known: tests T1, T2, T8, T11, T17.

The server answers at times that are given in closed form. Each generator plays
with its best settings for the purpose; those without a rate play the closed model
over the same connections, which is what their users can do.
"""

import dataclasses
import sys
import threading
import time

from . import servers
from .tools import RIVALS, Load, dyno

INFINITE = float("inf")


@dataclasses.dataclass(frozen=True)
class Test:
    name: str
    # What the server does, for the reader.
    situation: str
    path: str
    rate: int
    connections: int
    seconds: int
    # Most requests in flight at once if every start is sent when due.
    in_flight: int
    timeout: int | None = None
    # Seconds for which the server is stopped once.
    frozen: float = 0

    def load(self, url, tool):
        rate = self.rate if tool.OPEN else None
        return Load(url, self.connections, self.seconds, rate, self.timeout, self.in_flight, detailed=True)


def tests(quick):
    """The five; shorter ones have the same truths, by their formulas."""
    short = 0.2 if quick else 1

    def seconds(full):
        return max(5, round(full * short))

    return [
        Test(
            "T1",
            "stands still for the first 100 ms of every second",
            "/stall?period=1s&length=100ms",
            1000,
            200,
            seconds(30),
            200,
        ),
        Test("T2", "is stopped once (SIGSTOP) for 1.4 s", "/ok", 1000, 200, seconds(30), 1600, frozen=1.4),
        Test(
            "T8",
            "takes 100 ms for one answer in a hundred, at random",
            "/slow?share=0.01&time=100ms&seed=8",
            2000,
            20,
            seconds(20),
            200,
        ),
        Test(
            "T11",
            "answers every 20th request after 10 s; the limit is 1 s",
            "/every?n=20&time=10s",
            1000,
            200,
            seconds(10),
            200,
            timeout=1,
        ),
        Test(
            "T17",
            "needs 1 ms for each request, in turn, and is asked 1.5 times too often",
            "/queue?service=1ms",
            1500,
            100,
            seconds(10),
            seconds(10) * 500 + 200,
        ),
    ]


def expected(test):
    """Value → (lowest right, highest right, how it is written). Times in ms."""

    def near(value, tolerance):
        return (
            max(0.0, value - tolerance),
            value + tolerance,
            f"{value:,.0f}" if value >= 10 else f"{value:.1f}",
        )

    def below(limit):
        return 0.0, limit, "≈ 0"

    length = test.seconds * 1000
    if test.name == "T1":
        # Not p90: there the times jump from nothing to the stall's, and a stall of the
        # machine decides on which side it is.
        quantile = {q: max(0.0, 100 * (q - 0.9) / 0.1) for q in (0.5, 0.95, 0.99, 0.999)}
        values = {q: near(value, 2) if value > 1e-6 else below(2) for q, value in quantile.items()}
        return values | {"mean": near(5.0, 2), "max": near(100, 2)}
    if test.name == "T2":
        stop = test.frozen * 1000
        quantile = {q: stop - (1 - q) * length for q in (0.5, 0.9, 0.95, 0.99, 0.999)}
        values = {q: near(value, 20) if value > 0 else below(20) for q, value in quantile.items()}
        return values | {"mean": near(stop * stop / 2 / length, 20), "max": near(stop, 20)}
    if test.name == "T8":
        values = dict.fromkeys((0.5, 0.9, 0.95, 0.985), below(1))
        # A hundredth of the answers, give or take what the seed drew. Not the maximum:
        # of 400 slow answers one meets the machine's longest stall.
        return values | {0.999: near(100, 2), "mean": (0.8, 1.5, "1.0")}
    if test.name == "T11":
        values = dict.fromkeys((0.5, 0.9), below(2))
        late = (1000.0, INFINITE, "≥ 1,000")
        return values | {0.99: late, 0.999: late}
    growth = test.rate / 1000 - 1
    values = {q: growth * length * q for q in (0.5, 0.9, 0.95, 0.99, 0.999)}
    values |= {"mean": growth * length / 2, "max": growth * length}
    return {name: near(value, 0.02 * value) for name, value in values.items()}


def players(test, names):
    """(row name, tool, options)."""
    yield f"dyno {dyno.OPEN}", dyno, {"pacing": "hybrid"}
    for name in names:
        tool = RIVALS[name]
        yield f"{name} {tool.OPEN}" if tool.OPEN else f"{name}, closed", tool, {}
        if name == "oha" and test.name == "T17":
            # With -n it has no deadline that could cut off late answers.
            yield "oha -n -q --latency-correction", tool, {"until": ["-n", test.rate * test.seconds]}


def estimate_s(names, quick):
    return sum((test.seconds + 4) * len(list(players(test, names))) for test in tests(quick))


def measure(runs, names, quick):
    if "dyno-truth" not in runs.programs:
        print("rivals: no dyno-truth: no truth table", file=sys.stderr)
        return []
    found = []
    for test in tests(quick):
        rows = [play(runs, test, *player) for player in players(test, names)]
        told = {str(name): text for name, (_, _, text) in expected(test).items()}
        found.append({**dataclasses.asdict(test), "expected": told, "rows": rows})
        print(f"rivals: truth, {test.name}: done", file=sys.stderr)
    return found


def play(runs, test, name, tool, options):
    # A fresh server each, so that nothing of the last load is still on its way.
    with servers.truth(runs.programs) as server:
        load = test.load(server.url(test.path), tool)
        server.ask("/truth/reset")
        freezer = threading.Thread(target=freeze, args=(server, test))
        if test.frozen:
            freezer.start()
        measured = runs.run(tool, load, **options)
        if test.frozen:
            freezer.join()
        saw = servers.truth_requests(server)
    row = {"generator": name, "open": bool(load.rate), "problem": measured.problem, "server_saw": saw}
    row["steal"] = measured.steal
    if measured.report:
        row |= judge(test, load, measured.report, saw)
    return row


def freeze(server, test):
    time.sleep(test.seconds / 3)
    begin = time.monotonic()
    server.stop()
    time.sleep(begin + test.frozen - time.monotonic())
    server.resume()


def judge(test, load, report, saw):
    """Each reported value, and whether it is right."""
    seen = dict(report.quantiles) | {"mean": report.mean_ms, "max": report.max_ms}
    values = {}
    for name, (low, high, _) in expected(test).items():
        value = seen.get(name)
        if value is not None:
            at_least = report.limit_ms is not None and value >= report.limit_ms
            # JSON has no infinity: a percentile that failed requests have reached.
            shown = "failed" if value == INFINITE else value
            values[str(name)] = {"value": shown, "at_least": at_least, "right": low <= value <= high}
    row = {
        "values": values,
        "sent": report.sent,
        "failed": report.failed,
        "said": report.said,
        "health": report.health,
    }
    if load.rate:
        row["sent_right"] = abs(report.sent / load.asked - 1) <= 0.001
    # Those that the server kept too long, of those that it got.
    if test.timeout:
        row["failed_expected"] = saw // 20
        row["failed_right"] = report.failed == saw // 20
    else:
        row["failed_right"] = report.failed == 0
    return row
