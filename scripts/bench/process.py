"""Runs one generator on its CPU, with a limit in time, and counts its CPU time."""

import dataclasses
import itertools
import os
import pathlib
import select
import subprocess
import tempfile
import time

from .tools import Report, Unreadable

GENERATOR_CPU, SERVER_CPU = "1", "0"
# What a generator may take beyond the length of its load: to start, to wait for
# the last answers, to write its report.
GRACE_S = 90
# What reading a report that is not as expected can end in.
UNREADABLE = (Unreadable, ValueError, LookupError, TypeError, AttributeError, OSError, subprocess.SubprocessError)


@dataclasses.dataclass
class Measured:
    """One run of one generator."""

    # None if it failed; then `problem` says how.
    report: Report | None
    problem: str
    command: list[str]
    # CPU time in user mode and in the kernel.
    user_s: float
    system_s: float
    wall_s: float
    # Share of all CPUs' time that the hypervisor gave to others meanwhile.
    steal: float

    @property
    def cpu_us(self):
        """CPU time of the whole process for each right answer, µs."""
        return self.user_us + self.system_us

    @property
    def user_us(self):
        return self.user_s / self.report.succeeded * 1e6

    @property
    def system_us(self):
        return self.system_s / self.report.succeeded * 1e6


class Runs:
    """Runs generators; keeps what each printed in a folder of its own."""

    def __init__(self, programs):
        self.programs = programs
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rivals-"))
        self.numbers = itertools.count(1)

    def run(self, tool, load, **options):
        """Plays `load` with `tool`; a failure is a result, too."""
        scratch = self.folder / f"{next(self.numbers):04}-{tool.NAME}"
        scratch.mkdir()
        name, *arguments = map(str, tool.command(load, scratch, **options))
        command = [str(self.programs.get(name, name)), *arguments]
        environment = os.environ | getattr(tool, "ENVIRONMENT", {})
        steal = stolen()
        begin = time.monotonic()
        code, user_s, system_s = pinned(command, environment, scratch, load.seconds + GRACE_S)
        wall_s, steal = time.monotonic() - begin, stolen() - steal
        problem = "" if code in getattr(tool, "EXIT_CODES", (0,)) else ending(code, scratch)
        steal /= wall_s * os.cpu_count()
        measured = Measured(None, problem, [name, *arguments], user_s, system_s, wall_s, steal)
        if not problem:
            try:
                measured.report = tool.read((scratch / "out").read_text(errors="replace"), load, scratch)
            except UNREADABLE as error:
                measured.problem = f"its report could not be read: {error!r}"
        for large in ("attack", "requests"):
            (scratch / large).unlink(missing_ok=True)
        return measured


def pinned(command, environment, scratch, limit_s):
    """Runs `command` on GENERATOR_CPU. Returns its exit code, None if it had to be
    killed, and its CPU seconds in user mode and in the kernel."""
    with (scratch / "out").open("wb") as out, (scratch / "err").open("wb") as err:
        command = on_cpu(GENERATOR_CPU, command)
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment)
    in_time, ended = False, os.pidfd_open(process.pid)
    try:
        wait = select.poll()
        wait.register(ended, select.POLLIN)
        in_time = bool(wait.poll(limit_s * 1000))
    finally:
        if not in_time:
            process.kill()
        os.close(ended)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode if in_time else None, usage.ru_utime, usage.ru_stime


def ending(code, scratch):
    """How a run failed, in one line."""
    if code is None:
        return f"did not end {GRACE_S} s after its load"
    talk = [(scratch / name).read_text(errors="replace").strip() for name in ("err", "out")]
    last = (talk[0] or talk[1]).splitlines()[-1:] or [""]
    return f"ended with {code}: {last[0][:120]}"


def on_cpu(cpu, command):
    """The command on that CPU alone; told to end when this script is killed."""
    return ["setpriv", "--pdeathsig", "TERM", "taskset", "-c", cpu, *map(str, command)]


def stolen():
    """CPU seconds that the hypervisor has given to others since boot."""
    fields = pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()
    return int(fields[8]) / os.sysconf("SC_CLK_TCK")
