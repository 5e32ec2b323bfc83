"""Puts the parts together: `uvicorn --factory app.main:create_app`."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from app.config import Settings
from app.database import open_database
from app.errors import add_error_handlers
from app.limiter import RateLimit
from app.password import Passwords
from app.routes import add_routes
from app.tasks import Tasks
from app.timing import ServerTiming
from app.token import Tokens


def create_app() -> FastAPI:
    """Make the application of one worker process."""
    settings = Settings.from_environment(os.environ)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        # Left in reverse: what is queued is delivered before the pool closes.
        async with open_database(settings) as database, Tasks(settings) as tasks:
            with Passwords(settings) as passwords:
                yield {
                    "database": database,
                    "tasks": tasks,
                    "passwords": passwords,
                    "tokens": Tokens(settings),
                }

    # No generated documentation and no redirects: both answer paths that the
    # contract does not have.
    app = FastAPI(openapi_url=None, redirect_slashes=False, lifespan=lifespan)
    add_error_handlers(app)
    add_routes(app)
    # The one that is added last is the outermost.
    app.add_middleware(
        RateLimit,
        rate=settings.rate_rps,
        burst=settings.rate_burst,
        trust_proxy=settings.trust_proxy,
    )
    if settings.server_timing:
        app.add_middleware(ServerTiming)
    return app
