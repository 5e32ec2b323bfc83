"""Opening an account, and signing in."""

from typing import Any

from fastapi import APIRouter, BackgroundTasks, HTTPException, Response
from sqlalchemy.exc import IntegrityError

from app.database import add_user, find_by_email, run
from app.password import check_password, hash_password
from app.tasks import send_welcome
from app.token import TTL_S, create_token
from app.validate import LoginRequest, TokenResponse, UserCreate, UserResponse

router = APIRouter(prefix="/auth")


@router.post("/register", status_code=201, response_model=UserResponse)
async def register(user: UserCreate, background_tasks: BackgroundTasks, response: Response) -> Any:
    """Open an account and send a welcome."""
    hashed_password = await hash_password(user.password)
    try:
        db_user = await run(add_user, user.email, user.name, hashed_password)
    except IntegrityError as error:
        raise HTTPException(409, "email_taken") from error
    background_tasks.add_task(send_welcome, db_user.email, db_user.id)
    response.headers["Location"] = f"/users/{db_user.id}"
    return db_user


@router.post("/login")
async def login(credentials: LoginRequest) -> TokenResponse:
    """Give a token to whoever knows the password; who is not there is told at once."""
    user = await run(find_by_email, credentials.email)
    if not user or not await check_password(credentials.password, user.password_hash):
        headers = {"WWW-Authenticate": "Bearer"}
        raise HTTPException(401, "invalid_credentials", headers)
    return TokenResponse(
        access_token=create_token(user.id),
        token_type="Bearer",  # noqa: S106
        expires_in=TTL_S,
    )
