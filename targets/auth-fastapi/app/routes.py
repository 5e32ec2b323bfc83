"""The routes in the order of the contract, and what answers where there is none."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.routing import Match

from app import auth, health, users, webhooks
from app.errors import Problem

ROUTERS = (health.router, auth.router, users.router, webhooks.router)


def add_routes(app: FastAPI) -> None:
    """Add every route; paths and methods stand with the handlers."""
    for router in ROUTERS:
        app.include_router(router)

    @app.exception_handler(404)
    async def not_found(_: Request, error: Exception) -> JSONResponse:
        return Problem.NOT_FOUND.response()

    @app.exception_handler(405)
    async def method_not_allowed(request: Request, error: Exception) -> JSONResponse:
        # Starlette names the methods of the first route with this path only.
        methods: set[str] = set()
        for router in ROUTERS:
            for route in router.routes:
                if isinstance(route, APIRoute) and route.matches(request.scope)[0] != Match.NONE:
                    methods |= route.methods or set()
        return Problem.METHOD_NOT_ALLOWED.response(headers={"Allow": ", ".join(sorted(methods))})
