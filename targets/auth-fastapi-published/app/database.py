"""What is stored. The statements are written for SQLAlchemy's synchronous session."""

import os
from collections.abc import Callable
from datetime import datetime
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import BigInteger, DateTime, Identity, Text, create_engine, func, make_url, text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from app.ladder import ASYNC_DRIVER, call

URL = make_url(os.environ["DATABASE_URL"])

Given = ParamSpec("Given")
Result = TypeVar("Result")


class Base(DeclarativeBase):
    """The tables of this application."""


class User(Base):
    """A row of `users`."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    email: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


def ping(db: Session) -> None:
    """Ask for nothing."""
    db.execute(text("SELECT 1"))


def add_user(db: Session, email: str, name: str, password_hash: str) -> User:
    """Add a user."""
    user = User(email=email, name=name, password_hash=password_hash)
    db.add(user)
    db.commit()
    db.refresh(user)
    return user


def find_by_email(db: Session, email: str) -> User | None:
    """Find a user by e-mail."""
    return db.query(User).filter(User.email == email).first()


def find(db: Session, user_id: int) -> User | None:
    """Find a user."""
    return db.query(User).filter(User.id == user_id).first()


def rename(db: Session, user_id: int, name: str) -> User | None:
    """Change a user's name."""
    user = find(db, user_id)
    if user:
        user.name = name
        user.updated_at = func.now()
        db.commit()
        db.refresh(user)
    return user


def delete(db: Session, user_id: int) -> User | None:
    """Delete a user; say who it was."""
    user = find(db, user_id)
    if user:
        db.delete(user)
        db.commit()
    return user


def page(db: Session, after: int, limit: int) -> list[User]:
    """Find the users of the next ids."""
    return db.query(User).filter(User.id > after).order_by(User.id).limit(limit).all()


# Both with their default pools; neither connects before it is used.
sessions = sessionmaker(create_engine(URL.set(drivername="postgresql+psycopg")))
async_sessions = async_sessionmaker(create_async_engine(URL.set(drivername="postgresql+asyncpg")))


def with_session(
    work: Callable[Concatenate[Session, Given], Result], *args: Given.args, **kwargs: Given.kwargs
) -> Result:
    """Do some work with a session of its own."""
    with sessions() as session:
        return work(session, *args, **kwargs)


async def run(
    work: Callable[Concatenate[Session, Given], Result], *args: Given.args, **kwargs: Given.kwargs
) -> Result:
    """Do some work from a handler."""
    if ASYNC_DRIVER:
        # The work is the same; the loop gets on with others whenever it waits.
        async with async_sessions() as session:
            return await session.run_sync(work, *args, **kwargs)
    return await call(lambda: with_session(work, *args, **kwargs))
