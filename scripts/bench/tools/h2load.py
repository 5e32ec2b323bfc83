"""h2load over HTTP/1.1: `--rps` is a rate for each connection. Percentiles come
from its own log of requests, which the load of the speed table does without."""

import re

from .load import Report, Unreadable, quantiles_of

NAME = "h2load"
OPEN = "--rps for each connection"
VERSION = ["h2load", "--version"]


def command(load, scratch):
    rate = ["--rps", load.rate / load.connections] if load.rate else []
    timeout = ["-N", load.timeout] if load.timeout else []
    log = ["--log-file", scratch / "requests"] if load.detailed else []
    plain = ["--h1", "-t1", "-c", load.connections, "-D", load.seconds]
    return ["h2load", *plain, *rate, *timeout, *log, load.url]


def milliseconds(text):
    value, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(value) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit]


def read(text, _load, scratch):
    names = ("total", "started", "done", "succeeded", "failed", "errored", "timeout")
    counts = re.search("requests: " + ", ".join(rf"(\d+) {name}" for name in names), text)
    times = re.search(r"time for request:\s+\S+\s+(\S+)\s+(\S+)", text)
    rate = re.search(r"([\d.]+) req/s", text)
    if not (counts and times and rate):
        raise Unreadable("h2load printed no summary")
    _, started, _, succeeded, failed, _, _ = map(int, counts.groups())
    log = scratch / "requests"
    rows = [line.split("\t") for line in log.read_text().splitlines()] if log.exists() else []
    return Report(
        succeeded=succeeded,
        sent=started,
        failed=failed,
        per_second=float(rate[1]),
        # Failed ones stand in the log without a status; the summary leaves them out, too.
        quantiles=quantiles_of([int(row[2]) / 1e3 for row in rows if int(row[1]) > 0]),
        mean_ms=milliseconds(times[2]),
        max_ms=milliseconds(times[1]),
        said=f"{failed} failed" if failed else "",
    )
