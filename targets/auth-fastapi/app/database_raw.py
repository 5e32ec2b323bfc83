"""The same statements with asyncpg alone: the variant without an ORM."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from time import perf_counter
from typing import Any, NamedTuple

import asyncpg

from app import timing
from app.config import Settings
from app.database import EmailTakenError, Login, UnavailableError

INSERT = """
INSERT INTO users (email, name, password_hash) VALUES ($1, $2, $3)
RETURNING id, email, name, created_at, updated_at"""

FIND_LOGIN = "SELECT id, password_hash FROM users WHERE email = $1"

FIND = "SELECT id, email, name, created_at, updated_at FROM users WHERE id = $1"

RENAME = """
UPDATE users SET name = $2, updated_at = now() WHERE id = $1
RETURNING id, email, name, created_at, updated_at"""

DELETE = "DELETE FROM users WHERE id = $1 RETURNING id"

FIND_PUBLIC = "SELECT id, name, created_at FROM users WHERE id = $1"

PAGE = "SELECT id, name, created_at FROM users WHERE id > $1 ORDER BY id LIMIT $2"


class User(NamedTuple):
    """All of a row but the password's hash."""

    id: int
    email: str
    name: str
    created_at: datetime
    updated_at: datetime


class PublicUser(NamedTuple):
    """What everybody may see of a row."""

    id: int
    name: str
    created_at: datetime


class RawDatabase:
    """A connection of the pool for each operation; asyncpg keeps the prepared statements."""

    def __init__(self, pool: Any) -> None:
        """Take connections from a pool."""
        self._pool = pool

    async def ping(self) -> None:
        """Ask for nothing, or raise UnavailableError."""
        try:
            await self._fetch("SELECT 1")
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise UnavailableError from error

    async def insert(self, email: str, name: str, password_hash: str) -> User:
        """Add a user, or raise EmailTakenError."""
        try:
            (row,) = await self._fetch(INSERT, email, name, password_hash)
        except asyncpg.UniqueViolationError as error:
            raise EmailTakenError from error
        return User(*row)

    async def find_login(self, email: str) -> Login | None:
        """Find what a login is checked against."""
        rows = await self._fetch(FIND_LOGIN, email)
        return Login(*rows[0]) if rows else None

    async def find(self, user: int) -> User | None:
        """Find a user."""
        rows = await self._fetch(FIND, user)
        return User(*rows[0]) if rows else None

    async def rename(self, user: int, name: str) -> User | None:
        """Change a user's name."""
        rows = await self._fetch(RENAME, user, name)
        return User(*rows[0]) if rows else None

    async def delete(self, user: int) -> bool:
        """Delete a user; say whether there was one."""
        return bool(await self._fetch(DELETE, user))

    async def find_public(self, user: int) -> PublicUser | None:
        """Find what everybody may see of a user."""
        rows = await self._fetch(FIND_PUBLIC, user)
        return PublicUser(*rows[0]) if rows else None

    async def page(self, after: int, limit: int) -> Sequence[PublicUser]:
        """Find the users of the next ids."""
        return [PublicUser(*row) for row in await self._fetch(PAGE, after, limit)]

    async def _fetch(self, query: str, *arguments: object) -> list[Any]:
        asked = perf_counter()
        async with self._pool.acquire() as connection:
            sent = perf_counter()
            timing.add("pool", sent - asked)
            try:
                rows: list[Any] = await connection.fetch(query, *arguments)
            finally:
                timing.add("db", perf_counter() - sent)
        return rows


@asynccontextmanager
async def open_raw(settings: Settings) -> AsyncIterator[RawDatabase]:
    """Open a pool of fixed size, and close it in the end."""
    async with asyncpg.create_pool(
        settings.database_url,
        min_size=settings.pool_size,
        max_size=settings.pool_size,
        # A connection is neither closed for being idle nor replaced for being old.
        max_inactive_connection_lifetime=0,
        max_queries=2**31,
        # By default a statement cleans up after each use; ours leave nothing behind.
        reset=_leave,
    ) as pool:
        yield RawDatabase(pool)


async def _leave(_: object) -> None:
    pass
