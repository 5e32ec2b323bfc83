"""The statements with SQLAlchemy's ORM on asyncpg."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from time import perf_counter

from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Engine,
    ExceptionContext,
    Identity,
    Text,
    delete,
    event,
    func,
    insert,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, load_only, mapped_column

from app import timing
from app.config import Settings
from app.database import EmailTakenError, Login, UnavailableError

UNIQUE_VIOLATION = "23505"


class Base(DeclarativeBase):
    """The tables of this application."""


class User(Base):
    """A row of `users`; the hash is only loaded by who asks for it."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    email: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text, deferred=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


PUBLIC = load_only(User.id, User.name, User.created_at)


class OrmDatabase:
    """A session for each operation, a connection of the pool for each session."""

    def __init__(self, engine: AsyncEngine, *, timed: bool) -> None:
        """Make sessions of an engine."""
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)
        self._timed = timed

    async def ping(self) -> None:
        """Ask for nothing."""
        try:
            async with self._session() as session:
                await session.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError) as error:
            raise UnavailableError from error

    async def insert(self, email: str, name: str, password_hash: str) -> User:
        """Add a user."""
        values = {"email": email, "name": name, "password_hash": password_hash}
        try:
            async with self._session() as session:
                added = await session.scalars(insert(User).values(values).returning(User))
                return added.one()
        except IntegrityError as error:
            if getattr(error.orig, "sqlstate", None) == UNIQUE_VIOLATION:
                raise EmailTakenError from error
            raise

    async def find_login(self, email: str) -> Login | None:
        """Find what a login is checked against."""
        wanted = select(User.id, User.password_hash).where(User.email == email)
        async with self._session() as session:
            row = (await session.execute(wanted)).one_or_none()
        return Login(*row) if row else None

    async def find(self, user: int) -> User | None:
        """Find a user."""
        async with self._session() as session:
            return await session.scalar(select(User).where(User.id == user))

    async def rename(self, user: int, name: str) -> User | None:
        """Change a user's name."""
        renamed = update(User).where(User.id == user).values(name=name, updated_at=func.now())
        async with self._session() as session:
            return await session.scalar(renamed.returning(User))

    async def delete(self, user: int) -> bool:
        """Delete a user; say whether there was one."""
        async with self._session() as session:
            deleted = delete(User).where(User.id == user).returning(User.id)
            return await session.scalar(deleted) is not None

    async def find_public(self, user: int) -> User | None:
        """Find what everybody may see of a user."""
        async with self._session() as session:
            return await session.scalar(select(User).where(User.id == user).options(PUBLIC))

    async def page(self, after: int, limit: int) -> Sequence[User]:
        """Find what everybody may see of the users of the next ids."""
        wanted = select(User).where(User.id > after).order_by(User.id).limit(limit)
        async with self._session() as session:
            return (await session.scalars(wanted.options(PUBLIC))).all()

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[AsyncSession]:
        async with self._sessions() as session:
            if self._timed:
                # Otherwise the first statement takes a connection by itself.
                asked = perf_counter()
                await session.connection()
                timing.add("pool", perf_counter() - asked)
            yield session


@asynccontextmanager
async def open_orm(settings: Settings) -> AsyncIterator[OrmDatabase]:
    """Open a pool of fixed size, and close it in the end."""
    engine = create_async_engine(
        make_url(settings.database_url).set(drivername="postgresql+asyncpg"),
        # Every operation is one statement: BEGIN and COMMIT would be two more round trips.
        isolation_level="AUTOCOMMIT",
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_pre_ping=False,
    )
    if settings.server_timing:
        _time_statements(engine.sync_engine)
    try:
        async with AsyncExitStack() as opened:
            for _ in range(settings.pool_size):
                await opened.enter_async_context(engine.connect())
        yield OrmDatabase(engine, timed=settings.server_timing)
    finally:
        await engine.dispose()


def _time_statements(engine: Engine) -> None:
    """Add to `db` the time from sending a statement to its last row, or its error."""

    @event.listens_for(engine, "before_cursor_execute")
    def sent(connection: Connection, *_: object) -> None:
        connection.info["sent"] = perf_counter()

    @event.listens_for(engine, "after_cursor_execute")
    def read(connection: Connection, *_: object) -> None:
        timing.add("db", perf_counter() - connection.info["sent"])

    @event.listens_for(engine, "handle_error")
    def refused(context: ExceptionContext) -> None:
        if context.connection is not None and "sent" in context.connection.info:
            timing.add("db", perf_counter() - context.connection.info["sent"])
