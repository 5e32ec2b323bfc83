"""The rungs between the post's program and a good one: three switches, all off in the post.

The other two rungs, workers and the access log, are settings of uvicorn.
"""

import os
from collections.abc import Callable
from typing import TypeVar

from fastapi.concurrency import run_in_threadpool

# bcrypt's cost is BCRYPT_COST, not the 12 of the library.
GIVEN_COST = os.environ.get("GIVEN_COST") == "1"

# Hashing and the session's statements run in threads, not on the event loop.
OFF_THE_LOOP = os.environ.get("OFF_THE_LOOP") == "1"

# Statements are sent by asyncpg, which needs no thread, not by psycopg.
ASYNC_DRIVER = os.environ.get("ASYNC_DRIVER") == "1"

Result = TypeVar("Result")


async def call(work: Callable[[], Result]) -> Result:
    """Do something that blocks: here and now, as the post does, or in a thread."""
    if OFF_THE_LOOP:
        return await run_in_threadpool(work)
    return work()
