"""Settings as a run would give them."""

from app.config import Settings

ENVIRONMENT = {
    "DATABASE_URL": "postgres://dyno@127.0.0.1:5432/db",
    "JWT_SECRET": "0123456789abcdef0123456789abcdef",
    "SINK_URL": "http://127.0.0.1:9/",
    "BCRYPT_COST": "4",
}


def settings(**variables: str) -> Settings:
    """Make them, with other values for some variables."""
    return Settings.from_environment(ENVIRONMENT | variables)
