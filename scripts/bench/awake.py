"""Keeps the CPUs awake, as idle=poll would: a CPU that sleeps wakes up late, in a
virtual machine by milliseconds.

    python3 scripts/bench/awake.py COMMAND...   while the command runs; its exit code
"""

import contextlib
import os
import subprocess
import sys


@contextlib.contextmanager
def awake(cpus=None):
    """A loop of the lowest class on each of `cpus`, all by default, which gives way to
    everything else."""
    loop = ["chrt", "--idle", "0", "sh", "-c", "while :; do :; done"]
    loops = [
        subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "taskset", "-c", str(cpu), *loop])
        for cpu in cpus or os.sched_getaffinity(0)
    ]
    try:
        yield
    finally:
        for process in loops:
            process.kill()
            process.wait()


if __name__ == "__main__":
    with awake():
        code = subprocess.call(sys.argv[1:])
    sys.exit(code)
