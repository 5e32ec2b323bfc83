import unittest

from app import timing


class TimingTest(unittest.TestCase):
    def test_parts_in_order_and_none_that_reads_zero(self) -> None:
        spent: dict[timing.Part, float] = {
            "pool": 0.000012,
            "db": 0.000934,
            "hashq": 0.0000004,
            "hash": 0.04821,
        }
        self.assertEqual(
            timing.header(spent, 0.0498),
            "pool;dur=0.012, db;dur=0.934, hash;dur=48.210, app;dur=49.800",
        )

    def test_outside_a_timed_request_nothing_is_kept(self) -> None:
        timing.add("db", 1.0)
