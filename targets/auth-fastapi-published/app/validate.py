"""What clients send, and what they get."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, PlainSerializer
from pydantic_core import to_json

EMAIL = r"^[a-z0-9._%+-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,24}$"
ID = re.compile(r"[1-9][0-9]{0,15}")


def is_user_id(text: str) -> bool:
    """Say whether a text can be the id of a user."""
    return ID.fullmatch(text) is not None


def lower(value: Any) -> Any:
    """Write an e-mail in lower case."""
    return value.lower() if isinstance(value, str) and value.isascii() else value


def small(payload: dict[str, Any]) -> dict[str, Any]:
    """Refuse what has more than 4 KiB."""
    if len(to_json(payload)) > 4096:  # noqa: PLR2004
        raise ValueError("payload is too large")
    return payload


def rfc3339(time: datetime) -> str:
    """Write a time in UTC with exactly three decimals."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Lower = BeforeValidator(lower)
Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
Time = Annotated[datetime, PlainSerializer(rfc3339)]


class UserCreate(BaseModel):
    """What opens an account."""

    email: Annotated[str, Lower, Field(max_length=254, pattern=EMAIL)]
    password: Annotated[str, Field(pattern=r"^[\x21-\x7e]{8,64}$")]
    name: Name


class LoginRequest(BaseModel):
    """What signs in."""

    email: Annotated[str, Lower, Field(min_length=1, max_length=254)]
    password: Annotated[str, Field(min_length=1, max_length=254)]


class UserUpdate(BaseModel):
    """A new name."""

    name: Name


class Event(BaseModel):
    """Something that happened."""

    event: Annotated[str, Field(pattern=r"^[a-z][a-z0-9._]{0,63}$")]
    payload: Annotated[dict[str, Any], AfterValidator(small)]


class TokenResponse(BaseModel):
    """A token, and how long it is good for."""

    access_token: str
    token_type: str
    expires_in: int


class UserResponse(BaseModel):
    """All of a user but the password's hash."""

    id: int
    email: str
    name: str
    created_at: Time
    updated_at: Time


class PublicUser(BaseModel):
    """What everybody may see of a user."""

    id: int
    name: str
    created_at: Time


class PageResponse(BaseModel):
    """Some users, and where the next ones begin."""

    items: list[PublicUser]
    next: int | None
