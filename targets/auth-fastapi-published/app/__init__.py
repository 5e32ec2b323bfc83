"""The blog post's API with FastAPI, faults included; see README.md."""
