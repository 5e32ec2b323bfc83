"""Whether the process is there, and whether its database is."""

from fastapi import APIRouter
from pydantic import BaseModel

from app.database import Storage, UnavailableError
from app.errors import ApiError, Problem

router = APIRouter()


class Status(BaseModel):
    """How things are, in a word."""

    status: str


@router.get("/healthz")
async def health() -> Status:
    """Say that the process is there."""
    return Status(status="ok")


@router.get("/readyz")
async def ready(storage: Storage) -> Status:
    """Say whether the database answers."""
    try:
        await storage.ping()
    except UnavailableError as error:
        raise ApiError(Problem.NOT_READY) from error
    return Status(status="ready")
