"""ApacheBench: closed model only, HTTP/1.0 with keep-alive."""

import csv
import re

from .load import Report, Unreadable

NAME = "ab"
OPEN = None
VERSION = ["ab", "-V"]


def command(load, scratch):
    # No -s for a time limit: it ends the whole run when nothing has come for so
    # long, and ab has no limit for a request.
    # -t alone would stop after 50,000 requests.
    count = ["-t", load.seconds, "-n", 20_000_000]
    return [
        "ab",
        "-q",
        "-k",
        "-r",
        *count,
        "-c",
        load.connections,
        "-e",
        scratch / "percent",
        load.url,
    ]


def read(text, _load, scratch):
    complete = re.search(r"Complete requests:\s+(\d+)", text)
    rate = re.search(r"Requests per second:\s+([\d.]+)", text)
    if not (complete and rate):
        raise Unreadable("ab printed no summary")
    failed = int(re.search(r"Failed requests:\s+(\d+)", text)[1])
    total = re.search(r"^Total:\s+\d+\s+(\d+)\s+\S+\s+\d+\s+(\d+)", text, re.M)
    rows = list(csv.reader((scratch / "percent").read_text().splitlines()))[1:]
    return Report(
        succeeded=int(complete[1]) - failed,
        sent=int(complete[1]),
        failed=failed,
        per_second=float(rate[1]),
        quantiles={int(percent) / 100: float(value) for percent, value in rows if 0 < int(percent) < 100},
        mean_ms=float(total[1]) if total else None,
        max_ms=float(total[2]) if total else None,
        said=f"{failed} failed" if failed else "",
    )
