"""One run of `dyno hit` under a condition. Leaves no process and no control group."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

from .conditions import FROZEN_S, QUOTA_OF_100_MS

SPIN = ["sh", "-c", "while :; do :; done"]


@contextlib.contextmanager
def process(command, **pipes):
    """A process, stopped by its own id at the end of the block."""
    running = subprocess.Popen(command, **pipes)
    try:
        yield running
    finally:
        running.kill()
        running.wait()


@contextlib.contextmanager
def quota():
    """The folder of a control group that may use a part of a CPU; none if that cannot be."""
    folder = None
    for root in map(pathlib.Path, ("/sys/fs/cgroup", "/sys/fs/cgroup/cpu")):
        place = root / f"dyno-calibrate-{os.getpid()}"
        files = {
            "cpu.max": f"{QUOTA_OF_100_MS}000 100000",
            "cpu.cfs_period_us": "100000",
            "cpu.cfs_quota_us": f"{QUOTA_OF_100_MS}000",
        }
        try:
            place.mkdir()
            present = [place / name for name in files if (place / name).exists()]
            for file in present:
                file.write_text(files[file.name])
        except OSError:
            present = []
        if present:
            folder = place
            break
        with contextlib.suppress(OSError):
            place.rmdir()
    try:
        yield folder
    finally:
        if folder:
            folder.rmdir()


def play(condition, address, options):
    """dyno's step under that condition; none if it cannot be had here."""
    command = ["taskset", "-c", options.generator_cpu]
    load = [*condition.load.split(), "-z", f"{options.seconds:g}s", "--threads", "1", "--json"]
    dyno = [str(options.dyno), "hit", f"http://{address}{condition.path}", *load]
    with contextlib.ExitStack() as stack:
        if condition.disturbance == "quota":
            folder = stack.enter_context(quota())
            if folder is None:
                return None
            command += ["sh", "-c", f'echo $$ >{folder}/cgroup.procs && exec "$@"', "sh"]
        if "spin" in condition.disturbance:
            stack.enter_context(process(["taskset", "-c", options.generator_cpu, *SPIN]))
        if "nice" in condition.disturbance:
            command += ["nice", "-n", "19"]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        running = stack.enter_context(process([*command, *dyno], **pipes))
        if condition.disturbance == "freeze":
            time.sleep(options.seconds / 2)
            running.send_signal(signal.SIGSTOP)
            time.sleep(FROZEN_S)
            running.send_signal(signal.SIGCONT)
        out, err = running.communicate(timeout=options.seconds + 60)
        if running.returncode not in (0, 5):
            sys.exit(f"calibrate-verdict: {condition.name}: dyno ended with {running.returncode}: {err}")
    step = json.loads(out)["trials"][0]["steps"][0]
    words = condition.load.split()
    step["connections"] = None if "-q" in words else int(words[words.index("-c") + 1])
    return step
