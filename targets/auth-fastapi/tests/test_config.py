import unittest

from app.config import Settings
from tests.settings import ENVIRONMENT, settings


class ConfigTest(unittest.TestCase):
    def test_each_process_has_its_share_of_what_is_given_in_total(self) -> None:
        for workers, expected in [
            ("1", (20, 3, 10, 4)),
            ("2", (10, 2, 5, 2)),
            ("3", (6, 1, 3, 2)),
            ("40", (1, 1, 1, 1)),
        ]:
            with self.subTest(workers=workers):
                share = settings(
                    WORKERS=workers,
                    DB_POOL_SIZE="20",
                    HASH_PARALLELISM="3",
                    QUEUE_SIZE="10",
                    QUEUE_WORKERS="4",
                )
                found = (
                    share.pool_size,
                    share.hash_threads,
                    share.queue_size,
                    share.queue_workers,
                )
                self.assertEqual(found, expected)

    def test_what_is_wrong_is_named(self) -> None:
        for variables, expected in [
            ({"JWT_SECRET": "short"}, "JWT_SECRET must have 32 bytes or more"),
            ({"WORKERS": "two"}, "WORKERS must be a whole number above 0, found 'two'"),
            ({"DB_POOL_SIZE": "0"}, "DB_POOL_SIZE must be a whole number above 0, found '0'"),
            ({"RATE_RPS": "nan"}, "RATE_RPS must be a number above 0, found 'nan'"),
        ]:
            with self.subTest(expected), self.assertRaises(SystemExit) as raised:
                settings(**variables)
            self.assertEqual(str(raised.exception), expected)
        for missing in ["DATABASE_URL", "JWT_SECRET", "SINK_URL"]:
            rest = {name: value for name, value in ENVIRONMENT.items() if name != missing}
            with self.assertRaises(SystemExit) as raised:
                Settings.from_environment(rest)
            self.assertEqual(str(raised.exception), f"{missing} is not set")
