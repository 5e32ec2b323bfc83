import unittest

from app.limiter import Buckets


class LimiterTest(unittest.TestCase):
    def setUp(self) -> None:
        self.now = 1000.0

    def buckets(self, most_clients: int = 10) -> Buckets:
        return Buckets(rate=5, burst=10, clock=lambda: self.now, most_clients=most_clients)

    def test_a_bucket_begins_full_and_fills_again(self) -> None:
        buckets = self.buckets()
        self.assertEqual([buckets.take("a") for _ in range(10)], [0.0] * 10)
        self.assertAlmostEqual(buckets.take("a"), 0.2)
        self.assertEqual(buckets.take("b"), 0.0)
        self.now += 0.5
        self.assertEqual(buckets.take("a"), 0.0)
        self.assertEqual(buckets.take("a"), 0.0)
        self.assertAlmostEqual(buckets.take("a"), 0.1)

    def test_a_bucket_holds_no_more_than_the_burst(self) -> None:
        buckets = self.buckets()
        buckets.take("a")
        self.now += 3600
        self.assertEqual(sum(buckets.take("a") == 0 for _ in range(30)), 10)

    def test_the_client_seen_longest_ago_is_dropped(self) -> None:
        buckets = self.buckets(most_clients=2)
        for client in ["a"] * 10 + ["b"] * 10 + ["a", "c"]:
            buckets.take(client)
        self.assertGreater(buckets.take("a"), 0)
        self.assertEqual(buckets.take("b"), 0, "forgotten, so full again")
