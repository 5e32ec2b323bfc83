"""The variables of the contract, and each process's share of what they give in total."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

SECRET_LEAST_BYTES = 32


@dataclass(frozen=True, slots=True)
class Settings:
    """What one worker process needs to know; numbers are of this process alone."""

    database_url: str
    database_raw: bool
    pool_size: int
    bcrypt_cost: int
    hash_threads: int
    jwt_secret: str
    jwt_ttl_s: int
    rate_rps: float
    rate_burst: float
    trust_proxy: bool
    sink_url: str
    queue_size: int
    queue_workers: int
    server_timing: bool

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the variables, or say which one is missing or wrong."""
        variables = _Variables(environment)
        workers = variables.count("WORKERS", 1)
        secret = variables.text("JWT_SECRET")
        if len(secret.encode()) < SECRET_LEAST_BYTES:
            raise SystemExit(f"JWT_SECRET must have {SECRET_LEAST_BYTES} bytes or more")
        return cls(
            database_url=variables.text("DATABASE_URL"),
            database_raw=variables.text("DATABASE", "orm") == "raw",
            # What is bounded by somebody else is rounded down, what is to be kept busy up.
            pool_size=max(1, variables.count("DB_POOL_SIZE", 20) // workers),
            bcrypt_cost=variables.count("BCRYPT_COST", 10),
            hash_threads=-(-variables.count("HASH_PARALLELISM", workers) // workers),
            jwt_secret=secret,
            jwt_ttl_s=variables.count("JWT_TTL_S", 900),
            rate_rps=variables.number("RATE_RPS", 1_000_000),
            rate_burst=variables.number("RATE_BURST", 1_000_000),
            trust_proxy=variables.text("TRUST_PROXY", "1") == "1",
            sink_url=variables.text("SINK_URL").rstrip("/"),
            queue_size=max(1, variables.count("QUEUE_SIZE", 10_000) // workers),
            queue_workers=-(-variables.count("QUEUE_WORKERS", 4) // workers),
            server_timing=variables.text("SERVER_TIMING", "0") == "1",
        )


class _Variables:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def text(self, name: str, default: str | None = None) -> str:
        value = self._environment.get(name, default)
        if value is None:
            raise SystemExit(f"{name} is not set")
        return value

    def number(self, name: str, default: float) -> float:
        value = self.text(name, str(default))
        try:
            number = float(value)
        except ValueError:
            number = 0.0
        if not number > 0:
            raise SystemExit(f"{name} must be a number above 0, found {value!r}")
        return number

    def count(self, name: str, default: int) -> int:
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdecimal() and int(value) > 0):
            raise SystemExit(f"{name} must be a whole number above 0, found {value!r}")
        return int(value)
