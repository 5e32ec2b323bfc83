"""The machine and the versions that the figures belong to, read from the machine."""

import os
import pathlib
import platform
import re
import shutil
import subprocess

from . import install


def describe():
    """`2 CPUs, AMD EPYC (VM), 24 GiB, Debian GNU/Linux 12, Linux 6.18`."""
    cpu = pathlib.Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*:\s*(.*)", cpu)
    name = model[1].strip() if model else platform.machine()
    virtual = " (VM)" if re.search(r"^flags.*\bhypervisor\b", cpu, re.M) else ""
    total = re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())
    release = pathlib.Path("/etc/os-release")
    system = re.search(r'PRETTY_NAME="(.*)"', release.read_text()) if release.exists() else None
    kernel = ".".join(platform.release().split("-")[0].split(".")[:2])
    memory = f"{round(int(total[1]) / 1024**2)} GiB"
    return f"{os.cpu_count()} CPUs, {name}{virtual}, {memory}, {system[1] if system else 'Linux'}, Linux {kernel}"


def load_average():
    return os.getloadavg()[0]


def versions(programs, tools):
    """What each program calls its version; what installed it knows better."""
    seen = {}
    for tool in tools:
        pinned = install.pinned_version(tool.NAME)
        if pinned:
            text = pinned
        elif tool.VERSION:
            command = [str(programs.get(tool.NAME, tool.VERSION[0])), *tool.VERSION[1:]]
            ended = subprocess.run(command, capture_output=True, text=True, timeout=30)
            text = ended.stdout or ended.stderr
        elif tool.NAME in install.PACKAGES and shutil.which("dpkg-query"):
            query = ["dpkg-query", "-W", "-f", "${Version}", install.PACKAGES[tool.NAME]]
            text = subprocess.run(query, capture_output=True, text=True, timeout=30).stdout
        else:
            text = ""
        found = re.search(r"\d+\.\d+(\.\d+)?", text)
        seen[tool.NAME] = found[0] if found else "unknown"
    ended = subprocess.run(["nginx", "-v"], capture_output=True, text=True, timeout=30)
    seen["nginx"] = ended.stderr.strip().rpartition("/")[2]
    return seen


def commit():
    """The commit of dyno that was measured, and whether it had changes."""
    command = ["git", "describe", "--always", "--dirty"]
    ended = subprocess.run(command, cwd=install.ROOT, capture_output=True, text=True, timeout=30)
    return ended.stdout.strip() or "unknown"
