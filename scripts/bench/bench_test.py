"""What scripts/rivals works out without measuring: orders, truths, marks, outputs.

python3 -m unittest discover -s scripts/bench -t scripts -p '*_test.py'
"""

import itertools
import math
import pathlib
import tempfile
import unittest

from bench import anatomy, page, speed, tables, truth
from bench.tools import RIVALS, Load, Report, dyno

# As Debian 12's versions print them, shortened.
OUTPUTS = {
    "wrk": (
        "1 threads\nRequests/sec: 5.0\n\n"
        '{"requests": 10, "us": 2000000, "status": 0, "timeout": 1, "socket": 2, "mean": 1500.0, "max": 9000.0,'
        ' "0.5": 1000, "0.9": 2000, "0.95": 3000, "0.985": 4000, "0.99": 5000, "0.999": 9000}\n',
        Report(10, 10, 3, 5.0, {0.5: 1, 0.9: 2, 0.95: 3, 0.985: 4, 0.99: 5, 0.999: 9}, 1.5, 9.0),
    ),
    "hey": (
        "Summary:\n  Slowest:\t0.0070 secs\n  Average:\t0.0010 secs\n  Requests/sec:\t99.5\n"
        "Latency distribution:\n  50% in 0.0004 secs\n  99% in 0.0065 secs\n"
        "Status code distribution:\n  [200]\t190 responses\n  [503]\t4 responses\n\n"
        'Error distribution:\n  [10]\tGet "http://x": timeout\n  [2]\tEOF\n',
        Report(190, 206, 16, 99.5, {0.5: 0.4, 0.99: 6.5}, 1.0, 7.0),
    ),
    "h2load": (
        "finished in 2.22s, 1000.00 req/s, 182.62KB/s\n"
        "requests: 2000 total, 2003 started, 2000 done, 1990 succeeded, 10 failed, 10 errored, 0 timeout\n"
        "time for request:       41us     22.84ms       719us      2.27ms    94.45%\n",
        Report(1990, 2003, 10, 1000.0, {}, 0.719, 22.84),
    ),
    "ab": (
        "Complete requests:      100\nFailed requests:        3\nRequests per second:    50.00 [#/sec] (mean)\n"
        "Total:          0    2   0.6      1      18\n",
        Report(97, 100, 3, 50.0, {0.5: 1.5, 0.99: 3.25}, 2.0, 18.0),
    ),
    "shb": (
        '{"requests": {"total": 12, "ok": 10, "errors": 2}, "requestsPerSec": 5.0,'
        ' "statusCodes": {"200": 9, "500": 1},'
        ' "latencySeconds": {"mean": 0.002, "max": 0.009, "percentiles": {"p50": 0.001, "p99.9": 0.008}}}',
        Report(9, 12, 3, 5.0, {0.5: 1.0, 0.999: 8.0}, 2.0, 9.0),
    ),
    "oha": (
        '{"summary": {"total": 2.0, "average": 0.002, "slowest": 0.009},'
        ' "statusCodeDistribution": {"200": 8, "503": 2}, "errorDistribution": {"deadline": 3},'
        ' "latencyPercentiles": {"p50": 0.001, "p99.9": 0.008}}',
        Report(8, 13, 5, 5.0, {0.5: 1.0, 0.999: 8.0}, 2.0, 9.0),
    ),
}


class Outputs(unittest.TestCase):
    def test_outputs_are_read_as_their_tools_mean_them(self):
        for name, (text, expected) in OUTPUTS.items():
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                scratch = pathlib.Path(folder)
                (scratch / "percent").write_text("Percentage served,Time in ms\n0,0.1\n50,1.5\n99,3.25\n100,18\n")
                seen = RIVALS[name].read(text, Load("http://x", 1, 1), scratch)
                for field in ("succeeded", "sent", "failed", "per_second"):
                    self.assertEqual(getattr(seen, field), getattr(expected, field), field)
                for field in ("mean_ms", "max_ms"):
                    self.assertAlmostEqual(getattr(seen, field), getattr(expected, field), msg=field)
                self.assertEqual(seen.quantiles.keys(), expected.quantiles.keys())
                for q, value in expected.quantiles.items():
                    self.assertAlmostEqual(seen.quantiles[q], value)

    def test_failed_percentiles_of_dyno_are_infinite_and_unknown_ones_absent(self):
        seen = [{"q": 0.5, "value": {"ns": 1000}}, {"q": 0.9, "value": {"at_least_ns": 2000}}]
        seen += [{"q": 0.99, "value": "failed"}, {"q": 0.999, "value": None}]
        self.assertEqual(dyno.quantiles({"quantiles": seen}), {0.5: 0.001, 0.9: 0.002, 0.99: math.inf})


class Order(unittest.TestCase):
    def test_each_rival_stands_beside_dyno_before_and_after_it_in_turns(self):
        names = list(RIVALS)
        for name in names:
            sides = []
            for block in speed.blocks(names, 7):
                if name in block:
                    away = block.index(name) - block.index("dyno")
                    self.assertEqual(abs(away), 1, block)
                    sides.append(away)
            self.assertEqual(len(sides), speed.pairs_of(name, 7), name)
            self.assertTrue(all(a == -b for a, b in itertools.pairwise(sides)), (name, sides))


class Truths(unittest.TestCase):
    def test_expected_values_are_those_of_the_design(self):
        design = {
            "T1": {0.95: 50, 0.99: 90, 0.999: 99, "mean": 5, "max": 100},
            "T2": {0.99: 1100, 0.999: 1370, "mean": 32.67, "max": 1400},
            "T8": {0.999: 100},
            "T11": {},
            "T17": {0.5: 2500, 0.99: 4950, "mean": 2500, "max": 5000},
        }
        for test in truth.tests(quick=False):
            seen = truth.expected(test)
            for name, value in design[test.name].items():
                low, high, _ = seen[name]
                self.assertTrue(low < value < high, (test.name, name, low, high))
                self.assertAlmostEqual((low + high) / 2, value, delta=0.01, msg=(test.name, name))
            if test.name != "T17":
                self.assertEqual(seen[0.5][0], 0.0)

    def test_survivors_only_are_wrong_where_requests_timed_out(self):
        test = next(test for test in truth.tests(quick=False) if test.name == "T11")
        load = test.load("http://x", dyno)

        def judge(failed, p99, limit):
            quantiles = {0.5: 0.1, 0.9: 0.2, 0.99: p99, 0.999: p99}
            report = Report(10_000 - failed, 10_000, failed, 1000.0, quantiles, limit_ms=limit)
            return tables.right(truth.judge(test, load, report, 10_000))

        self.assertTrue(judge(500, 1000.0, 1000.0))
        self.assertTrue(judge(500, 1001.5, None))
        self.assertFalse(judge(500, 3.0, None))
        self.assertFalse(judge(499, 1000.0, 1000.0))


class Marks(unittest.TestCase):
    def test_bars_and_winners_follow_the_interval(self):
        for low, median, high, bar, verdict, winner in [
            (0.80, 0.85, 0.90, 0.92, "met", "dyno"),
            (0.90, 0.91, 0.95, 0.92, "met, its interval spans the bar", "dyno"),
            (0.91, 0.95, 1.02, 0.92, "not met, its interval spans the bar", "no difference seen"),
            (1.01, 1.05, 1.10, 0.92, "not met", "rival"),
        ]:
            ratio = {"low": low, "median": median, "high": high}
            self.assertEqual(tables.verdict({"cpu_ratio": ratio, "bar": bar}), verdict)
            self.assertEqual(tables.winner(ratio, "rival"), winner)

    def test_the_page_says_where_a_rival_is_better(self):
        place = {
            "server": "nginx",
            "body_bytes": 39,
            "connections": 10,
            "generator": "shb",
            "bar": 1.0,
            "problems": [],
        }
        row = place | {
            "runs": 7,
            "per_second": 1.0,
            "cpu_us": speed.spread([5.0]),
            "cpu_ratio": speed.spread([1.1] * 7),
        }
        made = {
            "command": "scripts/rivals",
            "date": "2026-11-22",
            "commit": "abc",
            "load_average": 0.1,
            "rows": [row],
        }
        found = {
            "machine": "2 CPUs",
            "versions": {"shb": "0.6.0"},
            "missing": {"oha": "no cargo"},
            "speed": made,
        }
        text = page.page(found)
        self.assertIn("- shb: less CPU time per request (nginx, 39 B, c = 10; dyno's / its 1.10)", text)
        self.assertIn("1.00: not met | shb |", text)
        self.assertIn("Not here: oha: no cargo.", text)


class Anatomy(unittest.TestCase):
    def test_strace_and_callgrind_are_read(self):
        text = (
            "% time     seconds  usecs/call     calls    errors syscall\n"
            "------ ----------- ----------- --------- --------- ------------------\n"
            " 17.75    0.372330           9     40000           sendto\n"
            "  0.00    0.000000           0        64        60 connect\n"
            "100.00    0.372330                 40064        60 total\n"
        )
        self.assertEqual(anatomy.system_calls(text), {"sendto": 40000, "connect": 64})
        text = (
            "138,473,903 (100.0%)  PROGRAM TOTALS\n"
            " 4,800,000 ( 3.47%)  ???:tokio::net::TcpStream::poll [/x/dyno]\n"
            "   600,000 ( 0.40%)  ./string/../memset.S:memset [/lib/libc.so.6]\n"
            "   200,000 ( 0.10%)  other.S:memset [/lib/libc.so.6]\n"
        )
        self.assertEqual(anatomy.instructions(text), {"tokio::net::TcpStream::poll": 4800000, "memset": 800000})

    def test_the_table_says_what_the_bar_leaves(self):
        spread = {"median": 2.0, "low": 1.0, "high": 3.0, "values": [1.0, 2.0, 3.0]}
        row = anatomy.row("wrk", []) | {"user_us": spread, "system_us": spread, "cpu_us": spread}
        row |= {"left_us": anatomy.left("wrk", row), "calls": {"read": 1.0}}
        self.assertIn("| 1.84 | read 1.00 |", tables.anatomy([row]))
        self.assertIsNone(anatomy.left("dyno", row))
        self.assertIn("| **30** |", tables.functions([("f", 25.0), ("all others", 5.0)]))


if __name__ == "__main__":
    unittest.main()
