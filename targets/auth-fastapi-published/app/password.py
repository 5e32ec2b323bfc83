"""Password hashes."""

import os

import bcrypt

from app.ladder import GIVEN_COST, call


async def hash_password(password: str) -> str:
    """Hash a password."""
    salt = bcrypt.gensalt(int(os.environ["BCRYPT_COST"])) if GIVEN_COST else bcrypt.gensalt()
    hashed = await call(lambda: bcrypt.hashpw(password.encode(), salt))
    return hashed.decode()


async def check_password(password: str, password_hash: str) -> bool:
    """Say whether a hash is that of the password."""
    # From version 5 on bcrypt refuses what it would not read to the end.
    given = password.encode()[:72]
    return await call(lambda: bcrypt.checkpw(given, password_hash.encode()))
