"""Opening an account, and signing in."""

from contextlib import suppress
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Response, status
from pydantic import BaseModel

from app.database import EmailTakenError, Storage
from app.errors import ApiError, Problem
from app.password import Hashing
from app.tasks import Delivery, Outgoing, QueueFullError
from app.token import Issuing
from app.users import Profile
from app.validate import Credential, CredentialEmail, Email, JsonBody, Name, Password

router = APIRouter()


class Registration(BaseModel):
    """What opens an account."""

    email: Email
    password: Password
    name: Name


class Credentials(BaseModel):
    """What signs in; whether they look right is not said."""

    email: CredentialEmail
    password: Credential


class Grant(BaseModel):
    """A token, and how long it is good for."""

    access_token: str
    token_type: str
    expires_in: int


@router.post("/auth/register", status_code=status.HTTP_201_CREATED, response_model=Profile)
async def register(
    registration: Annotated[Registration, Depends(JsonBody(Registration))],
    storage: Storage,
    hashing: Hashing,
    outgoing: Outgoing,
    response: Response,
) -> Any:
    """Open an account and send a welcome."""
    password_hash = await hashing.hash(registration.password)
    try:
        user = await storage.insert(registration.email, registration.name, password_hash)
    except EmailTakenError as error:
        raise ApiError(Problem.EMAIL_TAKEN) from error
    mail = {"id": str(uuid4()), "kind": "welcome", "to": user.email, "user_id": user.id}
    # With a full queue the account is open all the same.
    with suppress(QueueFullError):
        outgoing.add(Delivery("/mail", mail))
    response.headers["Location"] = f"/users/{user.id}"
    return user


@router.post("/auth/login")
async def login(
    credentials: Annotated[Credentials, Depends(JsonBody(Credentials))],
    storage: Storage,
    hashing: Hashing,
    issuing: Issuing,
) -> Grant:
    """Give a token to whoever knows the password."""
    # PostgreSQL has no texts with a NUL, so nobody has such an e-mail.
    possible = "\0" not in credentials.email
    found = await storage.find_login(credentials.email) if possible else None
    password_hash = found.password_hash if found else None
    if not await hashing.matches(credentials.password, password_hash) or found is None:
        raise ApiError(Problem.INVALID_CREDENTIALS)
    return Grant(
        access_token=issuing.issue(found.id),
        token_type="Bearer",  # noqa: S106
        expires_in=issuing.ttl_s,
    )
