"""Profiles: the caller's own, and what everybody may see."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query

from app import database
from app.database import run
from app.token import INVALID, CurrentUser
from app.validate import PageResponse, PublicUser, UserResponse, UserUpdate, is_user_id

router = APIRouter(prefix="/users")


@router.get("/me", response_model=UserResponse)
async def me(current: CurrentUser) -> Any:
    """Show the caller's own profile."""
    return present(await run(database.find, current))


@router.patch("/me", response_model=UserResponse)
async def rename(current: CurrentUser, update: UserUpdate) -> Any:
    """Change the caller's name."""
    return present(await run(database.rename, current, update.name))


@router.delete("/me", status_code=204)
async def leave(current: CurrentUser) -> None:
    """Close the caller's account."""
    present(await run(database.delete, current))


@router.get("/{user_id}", response_model=PublicUser)
async def user(current: CurrentUser, user_id: str) -> Any:
    """Show anybody's public profile."""
    found = await run(database.find, int(user_id)) if is_user_id(user_id) else None
    if not found:
        raise HTTPException(404)
    return found


@router.get("", response_model=PageResponse)
async def users(
    current: CurrentUser,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    after: Annotated[int, Query(ge=0, le=2**53 - 1)] = 0,
) -> Any:
    """Show the public profiles of the ids above `after`."""
    items = await run(database.page, after, limit)
    return {"items": items, "next": items[-1].id if len(items) == limit else None}


def present(found: database.User | None) -> database.User:
    """Let a caller pass whose row is there."""
    if not found:
        raise HTTPException(401, "invalid_token", INVALID)
    return found
