"""Servers on a CPU of their own, stopped by their own id at the end of the block."""

import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from .process import SERVER_CPU, on_cpu

ROOT = pathlib.Path(__file__).resolve().parents[2]
# `return` touches no file: the least that nginx can do for a body. Its parser
# takes no more than 4 KiB at once, so that the large body comes in pieces.
NGINX = """
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log crit;
events {{ worker_connections 8192; }}
http {{
  access_log off; keepalive_requests 1000000000; default_type text/plain;
  client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
  uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location /abc {{ return 200 "Hello, visitor! You've requested: /abc\\n"; }}
    location /large {{ set $part "{part}"; return 200 "$part$part$part$part$part"; }}
    location /status {{ stub_status; }}
  }}
}}
"""


class Server:
    """A server under load. `stop` and `resume` are for tests that need a frozen one."""

    def __init__(self, command, port=None):
        self.name = pathlib.Path(command[0]).name
        command = on_cpu(SERVER_CPU, command)
        pipe = None if port else subprocess.PIPE
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=pipe or subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.port = port
        self.folder = None

    def __enter__(self):
        try:
            if self.port:
                self.wait()
            else:
                # Address and port on the first line, as dyno-truth says them.
                self.port = int(self.process.stdout.readline().rpartition(b":")[2])
        except BaseException:
            self.__exit__()
            raise
        return self

    def wait(self):
        limit = time.monotonic() + 60
        while True:
            if self.process.poll() is not None:
                sys.exit(f"{self.name} ended with {self.process.returncode}")
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if time.monotonic() > limit:
                    raise
                time.sleep(0.02)

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.folder:
            shutil.rmtree(self.folder)

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def ask(self, path):
        with urllib.request.urlopen(self.url(path), timeout=30) as answer:
            return answer.read().decode()

    def stop(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def nginx(_programs):
    folder, port = pathlib.Path(tempfile.mkdtemp(prefix="rivals-nginx-")), free_port()
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, port=port, part="x" * 2048))
    server = Server(["nginx", "-c", config, "-e", folder / "error.log"], port)
    server.folder = folder
    return server


def greet_rust(programs):
    return target("greet-rust", programs)


def greet_go(programs):
    return target("greet-go", programs)


def target(name, programs):
    port = free_port()
    return Server([programs["dyno"], "targets", "serve", name, "--port", port], port)


def truth(programs):
    return Server([programs["dyno-truth"]])


def nginx_requests(server):
    """How many requests nginx has served, this question included."""
    return int(server.ask("/status").splitlines()[2].split()[2])


def truth_requests(server):
    """How many complete requests the truth server has seen since its reset."""
    counts = dict(line.split() for line in server.ask("/truth/counts").splitlines())
    return int(counts["requests"])
