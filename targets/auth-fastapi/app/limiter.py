"""A token bucket for each client, asked before everything else."""

import time
from collections import OrderedDict
from collections.abc import Callable
from math import ceil

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import Problem

UNLIMITED = {"/healthz", "/readyz"}
MOST_CLIENTS = 100_000


class Buckets:
    """The buckets of this process; each begins full. The client seen longest ago is dropped."""

    def __init__(
        self,
        rate: float,
        burst: float,
        clock: Callable[[], float] = time.monotonic,
        most_clients: int = MOST_CLIENTS,
    ) -> None:
        """Take tokens a second, tokens at most, and a clock of seconds."""
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._most_clients = most_clients
        # Tokens left, and the moment at which they were.
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> float:
        """Take a token: 0 when there was one, else the seconds until there is."""
        now = self._clock()
        tokens, then = self._buckets.get(client, (self._burst, now))
        tokens = min(self._burst, tokens + (now - then) * self._rate)
        admitted = tokens >= 1
        self._buckets[client] = (tokens - admitted, now)
        self._buckets.move_to_end(client)
        if len(self._buckets) > self._most_clients:
            self._buckets.popitem(last=False)
        return 0.0 if admitted else (1 - tokens) / self._rate


class RateLimit:
    """ASGI middleware that refuses a client whose bucket is empty."""

    def __init__(self, app: ASGIApp, *, rate: float, burst: float, trust_proxy: bool) -> None:
        """Make the buckets."""
        self._app = app
        self._buckets = Buckets(rate, burst)
        self._trust_proxy = trust_proxy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with 429."""
        if scope["type"] == "http" and scope["path"] not in UNLIMITED:
            wait = self._buckets.take(self._client(scope))
            if wait:
                headers = {"Retry-After": str(max(1, ceil(wait)))}
                await Problem.RATE_LIMITED.response(headers=headers)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _client(self, scope: Scope) -> str:
        if self._trust_proxy:
            forwarded = Headers(scope=scope).get("x-forwarded-for", "")
            if first := forwarded.partition(",")[0].strip():
                return first
        host: str = (scope["client"] or ("", 0))[0]
        return host
