"""Installs the other generators where they can be had, each at a stated version.

What cannot be installed is said, with the reason, and left out of every table.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "target/rivals"

# Of the Debian release at hand.
PACKAGES = {
    "wrk": "wrk",
    "hey": "hey",
    "h2load": "nghttp2-client",
    "ab": "apache2-utils",
    "nginx": "nginx-light",
    "strace": "strace",
    "callgrind_annotate": "valgrind",
}
CRATES = {"oha": "1.16.0", "shb": "0.6.0"}
MODULES = {"vegeta": ("github.com/tsenart/vegeta/v12", "v12.12.0"), "k6": ("go.k6.io/k6", "v1.8.1")}
# Named in the published pages whatever --tools says.
NEVER = {"wrk2": "neither packaged by Debian nor published as a crate or Go module"}


def find_programs():
    """Puts what is installed here, and Go as scripts/setup installs it, on the PATH."""
    home = os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo")
    more = [FOLDER / "bin", ROOT / "target/tools/go/bin", f"{home}/bin", "/usr/sbin"]
    os.environ["PATH"] = os.pathsep.join([*map(str, more), os.environ["PATH"]])


def is_here(name):
    return shutil.which(name) is not None


def pinned_version(name):
    """The version of a program that this script has built; None for others."""
    here = shutil.which(name)
    if here is None or pathlib.Path(here).parent != FOLDER / "bin":
        return None
    return CRATES.get(name) or MODULES[name][1].lstrip("v")


def install(names):
    """Installs those of `names` that are missing. Returns why some still are."""
    missing = {}
    for name in names:
        if is_here(name):
            continue
        print(f"rivals: installing {name}", file=sys.stderr)
        try:
            if name in PACKAGES:
                debian(PACKAGES[name])
            elif name in CRATES:
                run("cargo", "install", "--locked", "--version", CRATES[name], "--root", FOLDER, name)
            else:
                module(name, *MODULES[name])
        except (OSError, subprocess.CalledProcessError) as error:
            lines = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
            missing[name] = lines[-1][:200] if lines else "no reason given"
    return missing


def debian(package):
    if os.geteuid() != 0:
        raise OSError(f"only root can install it: sudo apt-get install {package}")
    run("apt-get", "update", "-qq")
    run("apt-get", "install", "-y", "-qq", package, DEBIAN_FRONTEND="noninteractive")


def module(name, path, version):
    """Builds a command from a Go module of its own: `go install` also asks for the
    list of all versions, which a proxy need not have."""
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "go.mod").write_text(f"module rivals\n\ngo 1.21\n\nrequire {path} {version}\n")
        (FOLDER / "bin").mkdir(parents=True, exist_ok=True)
        run("go", "build", "-mod=mod", "-o", FOLDER / "bin" / name, path, cwd=folder)


def run(*command, cwd=None, **environment):
    command = list(map(str, command))
    subprocess.run(command, check=True, cwd=cwd, env=os.environ | environment, text=True, capture_output=True)
