"""The application: `uvicorn app.main:app`."""

from fastapi import FastAPI, HTTPException
from sqlalchemy.exc import SQLAlchemyError

from app import auth, users, webhooks
from app.database import ping, run
from app.errors import add_error_handlers
from app.limiter import limit_rate

app = FastAPI(openapi_url=None, redirect_slashes=False)
add_error_handlers(app)
app.middleware("http")(limit_rate)


@app.get("/healthz")
async def health() -> dict[str, str]:
    """Say that the process is there."""
    return {"status": "ok"}


@app.get("/readyz")
async def ready() -> dict[str, str]:
    """Say whether the database answers."""
    try:
        await run(ping)
    except SQLAlchemyError as error:
        raise HTTPException(503, "not_ready") from error
    return {"status": "ready"}


app.include_router(auth.router)
app.include_router(users.router)
app.include_router(webhooks.router)
