"""The Server-Timing header: where the time of a request went."""

from contextvars import ContextVar
from time import perf_counter
from typing import Literal

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Part = Literal["pool", "db", "hashq", "hash"]

_spent: ContextVar[dict[Part, float] | None] = ContextVar("spent", default=None)


def add(part: Part, seconds: float) -> None:
    """Add to a part of the request that is being handled, if it is timed."""
    if (spent := _spent.get()) is not None:
        spent[part] += seconds


def header(spent: dict[Part, float], app: float) -> str:
    """Write the header's value: milliseconds, and nothing for what would read 0.000."""
    parts = [*spent.items(), ("app", app)]
    written = ((part, f"{seconds * 1000:.3f}") for part, seconds in parts)
    return ", ".join(f"{part};dur={dur}" for part, dur in written if dur != "0.000")


class ServerTiming:
    """ASGI middleware, the outermost: from the request line to the headers of the answer."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Time one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        spent: dict[Part, float] = {"pool": 0.0, "db": 0.0, "hashq": 0.0, "hash": 0.0}
        _spent.set(spent)

        async def timed_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Server-Timing"] = header(spent, perf_counter() - started)
            await send(message)

        await self._app(scope, receive, timed_send)
