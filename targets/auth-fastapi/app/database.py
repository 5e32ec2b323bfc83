"""What is stored: one statement an operation, whichever way it is sent.

The statements stand in `database_orm` (SQLAlchemy, what the target is measured
with) and `database_raw` (asyncpg alone, the variant that shows what the ORM costs).
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Annotated, NamedTuple, Protocol

from fastapi import Depends, Request

from app.config import Settings


class PublicRow(Protocol):
    """What everybody may see of a user."""

    @property
    def id(self) -> int:
        """Their number."""

    @property
    def name(self) -> str:
        """What they are called."""

    @property
    def created_at(self) -> datetime:
        """Since when they are here."""


class UserRow(PublicRow, Protocol):
    """All of a user but the password's hash."""

    @property
    def email(self) -> str:
        """What they sign in with."""

    @property
    def updated_at(self) -> datetime:
        """When something of theirs was changed."""


class Login(NamedTuple):
    """What a login is checked against."""

    id: int
    password_hash: str


class EmailTakenError(Exception):
    """There is a user with this e-mail."""


class UnavailableError(Exception):
    """The database does not answer."""


class Database(Protocol):
    """The operations; what is not there is None."""

    async def ping(self) -> None:
        """Ask for nothing, or raise UnavailableError."""

    async def insert(self, email: str, name: str, password_hash: str) -> UserRow:
        """Add a user, or raise EmailTakenError."""

    async def find_login(self, email: str) -> Login | None:
        """Find what a login is checked against."""

    async def find(self, user: int) -> UserRow | None:
        """Find a user."""

    async def rename(self, user: int, name: str) -> UserRow | None:
        """Change a user's name."""

    async def delete(self, user: int) -> bool:
        """Delete a user; say whether there was one."""

    async def find_public(self, user: int) -> PublicRow | None:
        """Find what everybody may see of a user."""

    async def page(self, after: int, limit: int) -> Sequence[PublicRow]:
        """Find the users of the next ids."""


def open_database(settings: Settings) -> AbstractAsyncContextManager[Database]:
    """Open the pool of this process; all connections are made before it is entered."""
    # The library of the other variant is not loaded: it would be in the memory figures.
    if settings.database_raw:
        from app.database_raw import open_raw  # noqa: PLC0415

        return open_raw(settings)
    from app.database_orm import open_orm  # noqa: PLC0415

    return open_orm(settings)


async def database(request: Request) -> Database:
    """Give a handler the database."""
    found: Database = request.state.database
    return found


Storage = Annotated[Database, Depends(database)]
