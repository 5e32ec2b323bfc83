"""Where the CPU time of a request goes: user and kernel time of each generator, its
system calls (strace), and dyno's own instructions by function (callgrind)."""

import collections
import re
import statistics
import subprocess
import sys

from . import install, servers
from .speed import BARS, spread, usable
from .tools import RIVALS, Load, dyno

INSTRUMENTS = ["strace", "callgrind_annotate"]
CONNECTIONS = 64
# Requests of the two runs below callgrind; what they differ in is not start-up.
SHORT, LONG = 10_000, 30_000
# Functions with fewer instructions for each answer are told as a sum.
FEW = 40


def compared(names):
    return ["dyno", *(name for name in BARS if name in names)]


def estimate_s(names, pairs, seconds):
    return len(compared(names)) * ((pairs + 1) * (seconds + 0.4)) + 30


def measure(runs, names, pairs, seconds):
    """A row for each generator."""
    with servers.nginx(runs.programs) as server:
        load = Load(server.url("/abc"), CONNECTIONS, seconds)
        seen = collections.defaultdict(list)
        for turn in range(pairs):
            # There and back, so that drift of the machine falls on all alike.
            for name in compared(names)[:: 1 if turn % 2 == 0 else -1]:
                seen[name].append(runs.run(tool_of(name), load))
        rows = [row(name, list(filter(usable, measured))) for name, measured in seen.items()]
        for row_of in rows:
            if install.is_here("strace"):
                row_of["calls"] = calls(runs, tool_of(row_of["generator"]), load)
        if install.is_here("callgrind_annotate"):
            rows[0]["functions"] = functions(runs, load)
    print("rivals: anatomy: done", file=sys.stderr)
    return rows


def tool_of(name):
    return dyno if name == "dyno" else RIVALS[name]


def row(name, good):
    found = {"generator": name, "runs": len(good)}
    if good:
        found["user_us"] = spread([run.user_us for run in good])
        found["system_us"] = spread([run.system_us for run in good])
        found["cpu_us"] = spread([run.cpu_us for run in good])
        found["left_us"] = left(name, found)
    return found


def left(name, found):
    """µs that the bar leaves for the whole of a request; None where there is no bar."""
    return BARS[name] * statistics.median(found["cpu_us"]["values"]) if name in BARS else None


class Traced:
    """A generator below strace, which counts its system calls."""

    def __init__(self, tool, programs):
        self.tool, self.programs = tool, programs
        self.NAME, self.ENVIRONMENT = tool.NAME, getattr(tool, "ENVIRONMENT", {})
        # strace makes dyno so slow that it says so.
        self.EXIT_CODES = getattr(tool, "EXIT_CODES", (0,))
        self.counts = None

    def command(self, load, scratch):
        self.counts = scratch / "calls"
        name, *arguments = self.tool.command(load, scratch)
        return ["strace", "-f", "-c", "-o", self.counts, self.programs.get(name, name), *arguments]

    def read(self, text, load, scratch):
        return self.tool.read(text, load, scratch)


def calls(runs, tool, load):
    """System call → how many for each answer, those that matter."""
    traced = Traced(tool, runs.programs)
    measured = runs.run(traced, load)
    if not usable(measured):
        return None
    counts = system_calls(traced.counts.read_text())
    by_answer = {name: count / measured.report.succeeded for name, count in counts.items()}
    return {name: count for name, count in by_answer.items() if count >= 0.02}


def system_calls(text):
    """The table of `strace -c`: name → calls, the most frequent first."""
    line = re.compile(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)(?:\s+\d+)?\s+(\w+)$", re.M)
    counts = {name: int(count) for count, name in line.findall(text) if name != "total"}
    return dict(sorted(counts.items(), key=lambda pair: -pair[1]))


def functions(runs, load):
    """dyno's functions and their instructions for each answer, the most first."""
    short, long = (counted(runs, load, requests) for requests in (SHORT, LONG))
    by_answer = {name: (count - short.get(name, 0)) / (LONG - SHORT) for name, count in long.items()}
    large = {name: count for name, count in by_answer.items() if count >= FEW}
    found = sorted(large.items(), key=lambda pair: -pair[1])
    return [*found, ("all others", sum(by_answer.values()) - sum(large.values()))]


def counted(runs, load, requests):
    out = runs.folder / f"callgrind.{requests}"
    hit = [runs.programs["dyno"], "hit", "-n", requests, "-c", CONNECTIONS, "--threads", 1, "--json", load.url]
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", *hit]
    # 5: below callgrind dyno is too slow to be VALID.
    ended = subprocess.run(list(map(str, command)), capture_output=True, timeout=300)
    if ended.returncode not in (0, 5):
        sys.exit(f"rivals: callgrind: {ended.stderr.decode(errors='replace')[-500:]}")
    annotate = ["callgrind_annotate", "--threshold=100", "--show=Ir", str(out)]
    return instructions(subprocess.run(annotate, capture_output=True, text=True, check=True).stdout)


def instructions(text):
    """The list of `callgrind_annotate`: function → its own instructions."""
    line = re.compile(r"^\s*([\d,]+) \(\s*[\d.]+%\)\s+\S*?:(.+?)(?: \[[^\]]*\])?$", re.M)
    counts = collections.Counter()
    for count, name in line.findall(text):
        counts[name.strip()] += int(count.replace(",", ""))
    return dict(counts)
