"""hey: its `-q` is a rate for each worker, from a ticker that drops."""

import re

from .load import Report, Unreadable

NAME = "hey"
OPEN = "-q for each worker"
# It cannot say; the package can.
VERSION = None


def command(load, _scratch):
    rate = ["-q", load.rate / load.connections] if load.rate else []
    timeout = ["-t", load.timeout] if load.timeout else []
    plain = ["-disable-compression", "-disable-redirects"]
    return ["hey", "-z", f"{load.seconds}s", "-c", load.connections, *rate, *timeout, *plain, load.url]


def read(text, _load, _scratch):
    def seconds(pattern):
        found = re.search(pattern, text)
        return float(found[1]) * 1e3 if found else None

    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    if not rate:
        raise Unreadable("hey printed no Requests/sec")
    errors = re.findall(r"^\s+\[(\d+)\]\s+(?!\d+ responses)(.*)", text.partition("Error distribution")[2], re.M)
    statuses = re.findall(r"\[(\d+)\]\s+(\d+) responses", text)
    succeeded = sum(int(count) for status, count in statuses if status < "400")
    failed = sum(int(count) for status, count in statuses if status >= "400") + sum(int(n) for n, _ in errors)
    quantiles = re.findall(r"(\d+)% in ([\d.]+) secs", text)
    return Report(
        succeeded=succeeded,
        sent=succeeded + failed,
        failed=failed,
        per_second=float(rate[1]),
        quantiles={int(percent) / 100: float(value) * 1e3 for percent, value in quantiles},
        mean_ms=seconds(r"Average:\s+([\d.]+)"),
        max_ms=seconds(r"Slowest:\s+([\d.]+)"),
        said=f"{sum(int(n) for n, _ in errors)} errors" if errors else "",
    )
