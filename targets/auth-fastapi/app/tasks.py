"""Mails and webhooks: queued by handlers, posted to the sink after the answer."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, Self

import aiohttp
from fastapi import Depends, Request

from app.config import Settings

TIMEOUT_S = 5
DRAIN_S = 5
ATTEMPTS = 2

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A body for a path of the sink."""

    path: str
    body: dict[str, Any]


class QueueFullError(Exception):
    """There is no room for another delivery."""


class Tasks:
    """A bounded queue in this process, and those who deliver from it."""

    def __init__(self, settings: Settings) -> None:
        """Start nothing yet."""
        self._sink = settings.sink_url
        self._workers = settings.queue_workers
        self._room = settings.queue_size
        # Its bound is `_room`: a place is taken before there is something to put there.
        self._queue: asyncio.Queue[Delivery] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        """Start the deliverers."""
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        self._client = aiohttp.ClientSession(timeout=timeout)
        self._deliverers = [asyncio.create_task(self._deliver()) for _ in range(self._workers)]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Deliver what is left, for a while."""
        try:
            async with asyncio.timeout(DRAIN_S):
                await self._queue.join()
        except TimeoutError:
            log.warning("%d deliveries are lost", self._queue.qsize())
        for deliverer in self._deliverers:
            deliverer.cancel()
        await asyncio.gather(*self._deliverers, return_exceptions=True)
        await self._client.close()

    def reserve(self) -> None:
        """Take a place in the queue."""
        if self._room == 0:
            raise QueueFullError
        self._room -= 1

    def put(self, delivery: Delivery) -> None:
        """Fill a place that was reserved."""
        self._queue.put_nowait(delivery)

    async def _deliver(self) -> None:
        while True:
            delivery = await self._queue.get()
            self._room += 1
            for _ in range(ATTEMPTS):
                if await self._post(delivery):
                    break
            else:
                log.warning("a delivery to %s is lost", delivery.path)
            self._queue.task_done()

    async def _post(self, delivery: Delivery) -> bool:
        try:
            async with self._client.post(self._sink + delivery.path, json=delivery.body) as answer:
                await answer.read()
                return answer.status in range(200, 300)
        except (aiohttp.ClientError, TimeoutError):
            return False


class Outbox:
    """What is to be delivered once a request has been answered."""

    def __init__(self, tasks: Tasks) -> None:
        """Begin empty."""
        self._tasks = tasks
        self._deliveries: list[Delivery] = []

    def add(self, delivery: Delivery) -> None:
        """Promise a delivery, or raise QueueFullError."""
        self._tasks.reserve()
        self._deliveries.append(delivery)

    def release(self) -> None:
        """Hand all of them over."""
        for delivery in self._deliveries:
            self._tasks.put(delivery)


async def outbox(request: Request) -> AsyncIterator[Outbox]:
    """Give a handler an outbox; FastAPI comes back here when the answer is sent."""
    outbox = Outbox(request.state.tasks)
    try:
        yield outbox
    finally:
        outbox.release()


Outgoing = Annotated[Outbox, Depends(outbox)]
