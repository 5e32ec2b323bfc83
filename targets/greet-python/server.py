"""Contract greet/1 with http.server alone, its traps mended."""

import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Greeter(BaseHTTPRequestHandler):
    """Names the path as it was sent, escapes included."""

    protocol_version = "HTTP/1.1"
    # Buffered, so that head and body leave in one write: the default sends
    # them in two, and the second one waits 40 ms for a delayed ACK.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer with one line of text."""
        path = self.path.partition("?")[0]
        # The request line was decoded as ISO 8859-1; this gives its bytes back.
        body = f"Hello, visitor! You've requested: {path}\n".encode("iso-8859-1")
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing per request; errors are still logged."""


class Server(ThreadingHTTPServer):
    """A thread for each connection."""

    request_queue_size = 4096
    daemon_threads = True


def main() -> None:
    """Serve at HOST and PORT until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with Server((os.environ["HOST"], int(os.environ["PORT"])), Greeter) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
