"""Tokens: made at login, read wherever there is a caller."""

import os
import time
from typing import Annotated

import jwt
from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

SECRET_KEY = os.environ["JWT_SECRET"]
TTL_S = int(os.environ.get("JWT_TTL_S", "900"))

INVALID = {"WWW-Authenticate": 'Bearer error="invalid_token"'}

bearer = HTTPBearer(auto_error=False)


def create_token(user_id: int) -> str:
    """Make a token for the user with this id."""
    now = int(time.time())
    claims = {"iss": "dyno", "sub": str(user_id), "iat": now, "exp": now + TTL_S}
    return jwt.encode(claims, SECRET_KEY, "HS256")


async def current_user(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> int:
    """Read the id of whoever asks; they are not looked up."""
    if not credentials or not credentials.credentials:
        raise HTTPException(401, "missing_token", {"WWW-Authenticate": "Bearer"})
    try:
        claims = jwt.decode(
            credentials.credentials,
            SECRET_KEY,
            algorithms=["HS256"],
            issuer="dyno",
            options={"require": ["exp", "iss", "sub"]},
        )
        return int(claims["sub"])
    except jwt.ExpiredSignatureError as error:
        raise HTTPException(401, "token_expired", INVALID) from error
    except (jwt.InvalidTokenError, ValueError) as error:
        raise HTTPException(401, "invalid_token", INVALID) from error


CurrentUser = Annotated[int, Depends(current_user)]
