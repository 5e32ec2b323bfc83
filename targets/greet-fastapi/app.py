"""Contract greet/1 with FastAPI; uvicorn serves it as target.toml says."""

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse

# No generated documentation: its routes would shadow paths of the contract.
app = FastAPI(openapi_url=None)


@app.get("/{path:path}")
async def greet(request: Request) -> PlainTextResponse:
    """Name the path as it was sent, escapes included."""
    path: bytes = request.scope["raw_path"]
    return PlainTextResponse(b"Hello, visitor! You've requested: %s\n" % path)
