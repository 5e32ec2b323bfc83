"""A token bucket for each client, in the memory of this process."""

import os
import time
from collections.abc import Awaitable, Callable
from math import ceil

from fastapi import Request, Response

from app.errors import error_response

RATE = float(os.environ.get("RATE_RPS", "1000000"))
BURST = float(os.environ.get("RATE_BURST", "1000000"))
TRUST_PROXY = os.environ.get("TRUST_PROXY", "1") == "1"

# Tokens left, and the moment at which they were. It grows with every new client.
buckets: dict[str, tuple[float, float]] = {}


async def limit_rate(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Refuse a client that asks too often."""
    if request.url.path in ("/healthz", "/readyz"):
        return await call_next(request)
    client = request.client.host if request.client else ""
    if TRUST_PROXY:
        forwarded = request.headers.get("x-forwarded-for", "")
        client = forwarded.partition(",")[0].strip() or client
    now = time.monotonic()
    tokens, then = buckets.get(client, (BURST, now))
    tokens = min(BURST, tokens + (now - then) * RATE)
    if tokens < 1:
        buckets[client] = (tokens, now)
        wait = max(1, ceil((1 - tokens) / RATE))
        return error_response(429, "rate_limited", {"Retry-After": str(wait)})
    buckets[client] = (tokens - 1, now)
    return await call_next(request)
