import unittest

from app.tasks import Delivery, Outbox, QueueFullError, Tasks
from tests.settings import settings


class TasksTest(unittest.TestCase):
    def test_a_promise_takes_a_place_in_the_queue(self) -> None:
        tasks = Tasks(settings(QUEUE_SIZE="2"))
        first, second = Outbox(tasks), Outbox(tasks)
        first.add(Delivery("/mail", {}))
        second.add(Delivery("/mail", {}))
        for outbox in [first, second, Outbox(tasks)]:
            with self.assertRaises(QueueFullError):
                outbox.add(Delivery("/mail", {}))
