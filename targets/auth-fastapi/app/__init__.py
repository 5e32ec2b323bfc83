"""Contract auth/1 with FastAPI."""
