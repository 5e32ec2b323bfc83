"""Every answer that is an error: the one table of statuses, codes and messages."""

from collections.abc import Mapping
from enum import Enum

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

_CHALLENGE = {"WWW-Authenticate": "Bearer"}
_BAD_TOKEN = {"WWW-Authenticate": 'Bearer error="invalid_token"'}

Headers = dict[str, str]


class Problem(Enum):
    """Status, message and headers; the code is the name in lower case."""

    BAD_JSON = (400, "request body is not valid JSON")
    MISSING_TOKEN = (401, "authentication required", _CHALLENGE)
    INVALID_TOKEN = (401, "token is not valid", _BAD_TOKEN)
    TOKEN_EXPIRED = (401, "token has expired", _BAD_TOKEN)
    INVALID_CREDENTIALS = (401, "email or password is wrong", _CHALLENGE)
    NOT_FOUND = (404, "resource not found")
    METHOD_NOT_ALLOWED = (405, "method not allowed")
    EMAIL_TAKEN = (409, "email is already registered")
    TOO_LARGE = (413, "request body is too large")
    UNSUPPORTED_MEDIA_TYPE = (415, "content type must be application/json")
    VALIDATION_FAILED = (422, "request is not valid")
    RATE_LIMITED = (429, "too many requests")
    INTERNAL = (500, "internal server error")
    NOT_READY = (503, "database is not available")
    QUEUE_FULL = (503, "task queue is full", {"Retry-After": "1"})

    def __init__(self, status: int, message: str, headers: Headers | None = None) -> None:
        """Take a row of the table apart."""
        self.status = status
        self.message = message
        self.headers = headers or {}

    def response(
        self, *, headers: Headers | None = None, fields: Mapping[str, str] | None = None
    ) -> JSONResponse:
        """Make the answer; `fields` says what is wrong with each of them."""
        error: dict[str, object] = {"code": self.name.lower(), "message": self.message}
        if fields:
            error["fields"] = fields
        return JSONResponse({"error": error}, self.status, self.headers | (headers or {}))


class ApiError(Exception):
    """A problem that ends the handling of a request."""

    def __init__(self, problem: Problem, fields: Mapping[str, str] | None = None) -> None:
        """Name the problem, and the fields that have it."""
        super().__init__(problem.message)
        self.problem = problem
        self.fields = fields


def add_error_handlers(app: FastAPI) -> None:
    """Let every error be answered from the table, FastAPI's own too."""

    @app.exception_handler(ApiError)
    async def api_error(_: Request, error: ApiError) -> JSONResponse:
        return error.problem.response(fields=error.fields)

    # Only query parameters are left to FastAPI, and none of them is required.
    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        fields = {str(problem["loc"][-1]): "invalid" for problem in error.errors()}
        return Problem.VALIDATION_FAILED.response(fields=fields)

    @app.exception_handler(500)
    async def internal(_: Request, error: Exception) -> JSONResponse:
        return Problem.INTERNAL.response()
