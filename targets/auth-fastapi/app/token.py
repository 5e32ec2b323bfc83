"""Tokens: issued at login, checked wherever there is a caller."""

import time
from typing import Annotated

import jwt
from fastapi import Depends, Request
from starlette.datastructures import Headers

from app.config import Settings
from app.errors import ApiError, Problem
from app.validate import user_id

ALGORITHM = "HS256"
ISSUER = "dyno"

# The type of `exp` is not PyJWT's concern: it would take a text. Nothing is
# asked of `iat`.
_OPTIONS: jwt.types.Options = {
    "require": ["exp", "iss", "sub"],
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_aud": False,
}


class Tokens:
    """JSON Web Tokens of one secret."""

    def __init__(self, settings: Settings) -> None:
        """Keep the secret."""
        self._secret = settings.jwt_secret
        self.ttl_s = settings.jwt_ttl_s

    def issue(self, user: int) -> str:
        """Make a token for the user with this id."""
        now = int(time.time())
        claims = {"iss": ISSUER, "sub": str(user), "iat": now, "exp": now + self.ttl_s}
        return jwt.encode(claims, self._secret, ALGORITHM)

    def check(self, token: str) -> int:
        """Read the id of the user that a token was issued for."""
        try:
            # PyJWT takes padding, which a JWS does not have.
            if "=" in token:
                raise jwt.DecodeError
            claims = jwt.decode(
                token, self._secret, algorithms=[ALGORITHM], issuer=ISSUER, options=_OPTIONS
            )
        except jwt.InvalidTokenError as error:
            raise ApiError(Problem.INVALID_TOKEN) from error
        expiry, user = claims["exp"], user_id(claims["sub"])
        if type(expiry) is not int or user is None:
            raise ApiError(Problem.INVALID_TOKEN)
        if time.time() >= expiry:
            raise ApiError(Problem.TOKEN_EXPIRED)
        return user


def bearer(headers: Headers) -> str | None:
    """Find the token of a request; the scheme's name may have any case."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


async def tokens(request: Request) -> Tokens:
    """Give a handler the tokens of this process."""
    found: Tokens = request.state.tokens
    return found


Issuing = Annotated[Tokens, Depends(tokens)]


async def caller(request: Request, tokens: Issuing) -> int:
    """Give a handler the id of whoever asks."""
    token = bearer(request.headers)
    if token is None:
        raise ApiError(Problem.MISSING_TOKEN)
    return tokens.check(token)


Caller = Annotated[int, Depends(caller)]
