"""Answers that are errors: the messages, and FastAPI's own errors in the contract's shape."""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

MESSAGES = {
    "bad_json": "request body is not valid JSON",
    "missing_token": "authentication required",
    "invalid_token": "token is not valid",
    "token_expired": "token has expired",
    "invalid_credentials": "email or password is wrong",
    "not_found": "resource not found",
    "method_not_allowed": "method not allowed",
    "email_taken": "email is already registered",
    "validation_failed": "request is not valid",
    "rate_limited": "too many requests",
    "not_ready": "database is not available",
}

# Codes of the errors that FastAPI raises itself.
BY_STATUS = {400: "bad_json", 404: "not_found", 405: "method_not_allowed"}


def error_response(
    status: int,
    code: str,
    headers: Mapping[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Make an answer that is an error."""
    error: dict[str, object] = {"code": code, "message": MESSAGES[code]}
    if fields is not None:
        error["fields"] = fields
    return JSONResponse({"error": error}, status, headers)


def add_error_handlers(app: FastAPI) -> None:
    """Answer every error in the contract's shape."""

    @app.exception_handler(HTTPException)
    async def http_error(_: Request, error: HTTPException) -> JSONResponse:
        code = BY_STATUS.get(error.status_code, error.detail)
        return error_response(error.status_code, code, error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        problems = error.errors()
        if any(problem["type"] == "json_invalid" for problem in problems):
            return error_response(400, "bad_json")
        fields: dict[str, str] = {}
        for problem in problems:
            # Where it is: `body` or `query`, and the name if it is one member that is wrong.
            name = str((*problem["loc"], "body")[1])
            fields[name] = "required" if problem["type"] == "missing" else "invalid"
        return error_response(422, "validation_failed", fields=fields)
