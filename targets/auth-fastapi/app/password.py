"""Password hashes, made in threads: bcrypt leaves the interpreter to others meanwhile."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Annotated, Self, TypeVar

import bcrypt
from fastapi import Depends, Request

from app import timing
from app.config import Settings
from app.validate import PASSWORD

Result = TypeVar("Result")


class Passwords:
    """A bounded number of hashes at once; more would take the CPUs from other requests."""

    def __init__(self, settings: Settings) -> None:
        """Start no thread yet."""
        self._cost = settings.bcrypt_cost
        self._threads = ThreadPoolExecutor(settings.hash_threads, "bcrypt")
        # Nobody's password: an unknown e-mail costs as much as a known one.
        self._nobody = f"$2b${self._cost:02}${'.' * 53}".encode()

    def __enter__(self) -> Self:
        """Nothing to begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the threads."""
        self._threads.shutdown()

    async def hash(self, password: str) -> str:
        """Hash a password with a fresh salt."""
        secret = password.encode()
        hashed = await self._run(lambda: bcrypt.hashpw(secret, bcrypt.gensalt(self._cost)))
        return hashed.decode()

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """Say whether a hash is that of the password; None takes as long as any other."""
        # What could never be registered is never right, and bcrypt would refuse some of it.
        possible = PASSWORD.fullmatch(password) is not None
        secret = password.encode() if possible else b""
        known = self._nobody if password_hash is None else password_hash.encode()
        equal = await self._run(lambda: bcrypt.checkpw(secret, known))
        return equal and possible and password_hash is not None

    async def _run(self, work: Callable[[], Result]) -> Result:
        asked = perf_counter()

        def timed() -> tuple[Result, float, float]:
            started = perf_counter()
            return work(), started, perf_counter()

        loop = asyncio.get_running_loop()
        result, started, ended = await loop.run_in_executor(self._threads, timed)
        timing.add("hashq", started - asked)
        timing.add("hash", ended - started)
        return result


async def passwords(request: Request) -> Passwords:
    """Give a handler the hashing of this process."""
    found: Passwords = request.state.passwords
    return found


Hashing = Annotated[Passwords, Depends(passwords)]
