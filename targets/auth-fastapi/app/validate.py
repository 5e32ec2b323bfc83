"""What clients send: the rules of each field, and how a body is read.

FastAPI reads and parses a body before it calls any dependency, so that a bad
body would be answered before a missing token. Here the body is a dependency
like the others, asked in the order of a handler's parameters.
"""

import re
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Request
from pydantic import AfterValidator, BaseModel, BeforeValidator, StringConstraints, ValidationError
from pydantic_core import from_json, to_json

from app.errors import ApiError, Problem

LARGEST_BODY_BYTES = 65_536
LARGEST_PAYLOAD_BYTES = 4_096
LARGEST_ID = 2**53 - 1

_ID = re.compile(r"[1-9][0-9]{0,15}")
_DECIMAL = re.compile(r"[0-9]{1,16}")

PASSWORD = re.compile(r"^[\x21-\x7e]{8,64}$")


def _ascii_lower(value: Any) -> Any:
    # `lower` would make a plain `k` of the Kelvin sign; what is not ASCII is
    # refused by the pattern.
    return value.lower() if isinstance(value, str) and value.isascii() else value


def _small(payload: dict[str, Any]) -> dict[str, Any]:
    if len(to_json(payload)) > LARGEST_PAYLOAD_BYTES:
        raise ValueError("payload is too large")
    return payload


Email = Annotated[
    str,
    BeforeValidator(_ascii_lower),
    StringConstraints(
        strict=True,
        max_length=254,
        pattern=r"^[a-z0-9._%+-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,24}$",
    ),
]
Password = Annotated[str, StringConstraints(strict=True, pattern=PASSWORD.pattern)]
Name = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$"),
]
Credential = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=254)]
CredentialEmail = Annotated[Credential, BeforeValidator(_ascii_lower)]
EventName = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z][a-z0-9._]{0,63}$")]
Payload = Annotated[dict[str, Any], AfterValidator(_small)]


def decimal(least: int, most: int) -> BeforeValidator:
    """Make a validator of a query parameter: digits only, within limits."""

    def parse(value: str | int) -> int:
        if not _DECIMAL.fullmatch(str(value)) or not least <= int(value) <= most:
            raise ValueError("not such a number")
        return int(value)

    return BeforeValidator(parse)


def user_id(text: str) -> int | None:
    """Read the id of a user, if it is one."""
    return int(text) if _ID.fullmatch(text) else None


Model = TypeVar("Model", bound=BaseModel)


class JsonBody(Generic[Model]):
    """A dependency: the body of a request as a model, checked in the contract's order."""

    def __init__(self, model: type[Model]) -> None:
        """Name the model."""
        self._model = model

    async def __call__(self, request: Request) -> Model:
        """Check the type, the size, the syntax, and then every field."""
        media_type = request.headers.get("content-type", "").partition(";")[0]
        if media_type.strip().lower() != "application/json":
            raise ApiError(Problem.UNSUPPORTED_MEDIA_TYPE)
        body = await _read(request)
        try:
            value = from_json(body, allow_inf_nan=False)
        except ValueError as error:
            raise ApiError(Problem.BAD_JSON) from error
        try:
            # What is no object has no members: all of them are missing.
            return self._model.model_validate(value if isinstance(value, dict) else {})
        except ValidationError as error:
            fields = {
                str(problem["loc"][0]): "required" if problem["type"] == "missing" else "invalid"
                for problem in error.errors(include_url=False, include_context=False)
            }
            raise ApiError(Problem.VALIDATION_FAILED, fields) from error


async def _read(request: Request) -> bytes:
    # FastAPI's own `max_body_size` puts 413 in the place of a 401 or a 404, too.
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > LARGEST_BODY_BYTES:
        raise ApiError(Problem.TOO_LARGE)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY_BYTES:
            raise ApiError(Problem.TOO_LARGE)
    return bytes(body)
