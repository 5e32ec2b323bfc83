"""The load generators: one file each, with `command` and `read`."""

from . import ab, dyno, h2load, hey, k6, oha, shb, vegeta, wrk
from .load import Load, Report, Unreadable

RIVALS = {tool.NAME: tool for tool in (wrk, shb, oha, hey, h2load, ab, k6, vegeta)}

__all__ = ["RIVALS", "Load", "Report", "Unreadable", "dyno"]
