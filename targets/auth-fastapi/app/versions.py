"""Prints the versions that are installed, as JSON: `python -m app.versions`."""

import json
import platform
from importlib.metadata import version

PACKAGES = (
    "fastapi",
    "starlette",
    "pydantic",
    "uvicorn",
    "uvloop",
    "httptools",
    "sqlalchemy",
    "asyncpg",
    "bcrypt",
    "pyjwt",
    "aiohttp",
)

if __name__ == "__main__":
    versions = {"python": platform.python_version()}
    versions |= {name: version(name) for name in PACKAGES}
    print(json.dumps(versions))
