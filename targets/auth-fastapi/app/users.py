"""Profiles: the caller's own, and what everybody may see."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response, status
from pydantic import BaseModel, PlainSerializer

from app.database import Storage, UserRow
from app.errors import ApiError, Problem
from app.token import Caller
from app.validate import LARGEST_ID, JsonBody, Name, decimal, user_id

router = APIRouter()


def rfc3339(time: datetime) -> str:
    """Write a time in UTC with exactly three decimals."""
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


Time = Annotated[datetime, PlainSerializer(rfc3339)]


class Profile(BaseModel):
    """All of a user but the password's hash."""

    id: int
    email: str
    name: str
    created_at: Time
    updated_at: Time


class PublicProfile(BaseModel):
    """What everybody may see of a user."""

    id: int
    name: str
    created_at: Time


class Page(BaseModel):
    """Some users, and where the next ones begin."""

    items: list[PublicProfile]
    next: int | None


class Renaming(BaseModel):
    """A new name."""

    name: Name


Limit = Annotated[int, decimal(1, 100), Query()]
After = Annotated[int, decimal(0, LARGEST_ID), Query()]


@router.get("/users/me", response_model=Profile)
async def me(caller: Caller, storage: Storage) -> Any:
    """Show the caller's own profile."""
    return present(await storage.find(caller))


@router.patch("/users/me", response_model=Profile)
async def rename(
    caller: Caller,
    renaming: Annotated[Renaming, Depends(JsonBody(Renaming))],
    storage: Storage,
) -> Any:
    """Change the caller's name."""
    return present(await storage.rename(caller, renaming.name))


@router.delete("/users/me", status_code=status.HTTP_204_NO_CONTENT, response_class=Response)
async def leave(caller: Caller, storage: Storage) -> None:
    """Close the caller's account."""
    if not await storage.delete(caller):
        raise ApiError(Problem.INVALID_TOKEN)


@router.get("/users/{id}", response_model=PublicProfile)
async def user(caller: Caller, id: str, storage: Storage) -> Any:  # noqa: A002
    """Show anybody's public profile."""
    wanted = user_id(id)
    found = None if wanted is None else await storage.find_public(wanted)
    if found is None:
        raise ApiError(Problem.NOT_FOUND)
    return found


@router.get("/users", response_model=Page)
async def users(caller: Caller, storage: Storage, limit: Limit = 20, after: After = 0) -> Any:
    """Show the public profiles of the ids above `after`."""
    items = await storage.page(after, limit)
    return {"items": items, "next": items[-1].id if len(items) == limit else None}


def present(row: UserRow | None) -> UserRow:
    """Let a caller pass whose row is there; without one no token is valid."""
    if row is None:
        raise ApiError(Problem.INVALID_TOKEN)
    return row
