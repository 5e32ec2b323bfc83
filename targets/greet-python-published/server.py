"""The blog post's Python server, faults included; see README.md."""

import os
from http.server import BaseHTTPRequestHandler, HTTPServer


class Greeter(BaseHTTPRequestHandler):
    """Names the request target as it was sent, the query with it."""

    def do_GET(self) -> None:
        """Answer with a status line and a body, no header of our own."""
        self.send_response(200)
        self.end_headers()
        greeting = f"Hello, visitor! You've requested: {self.path}\n"
        self.wfile.write(greeting.encode())


def main() -> None:
    """Serve at HOST and PORT, one connection at a time."""
    port = int(os.environ["PORT"])
    server = HTTPServer((os.environ["HOST"], port), Greeter)
    print(f"Starting server on :{port}")
    server.serve_forever()


if __name__ == "__main__":
    main()
