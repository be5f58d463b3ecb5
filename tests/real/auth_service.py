"""A service that says who may come in, by the token that a request shows."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec


class AuthService:
    """What it was asked last, and where it listens. `seconds` is how long it thinks."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.asked: dict[str, str] = {}
        self.method = ""
        self.count = 0
        self.seconds = 0.0


class Said(msgspec.Struct, frozen=True):
    """What it says: a status, headers, a body."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b"said"


ANSWERS: Mapping[str, Said] = {
    "bob": Said(
        200, (("X-User", "bob"), ("X-Other", "kept"), ("Set-Cookie", "s=1"), ("Set-Cookie", "t=2"))
    ),
    "nameless": Said(200),
    "mallory": Said(403, (("Set-Cookie", "s="),)),
    "broken": Said(500, (("Set-Cookie", "s=stolen"),)),
    "elsewhere": Said(302, (("Location", "https://elsewhere.test/"),)),
    "huge": Said(200, (("X-User", "huge"),), b"x" * 5_000_000),
    "large": Said(200, (("X-User", "l" * 8_000),)),
    "larger": Said(200, (("X-User", "l" * 9_000),)),
    "many": Said(200, tuple((f"X-{place}", "y" * 2_000) for place in range(40))),
}
NOBODY = Said(401, (("WWW-Authenticate", 'Bearer realm="shop"'),))


class _Server(ThreadingHTTPServer):
    request_queue_size = 200
    daemon_threads = True
    service: AuthService

    def handle_error(self, *_: object) -> None:
        """Say nothing of who goes away."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _answer(self) -> None:
        service = self.server.service
        service.asked = {name.lower(): value for name, value in self.headers.items()}
        service.method, service.count = self.command, service.count + 1
        time.sleep(service.seconds)
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        said = ANSWERS.get(token, NOBODY)
        self.send_response(said.status)
        for name, value in said.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(said.body)

    do_GET = do_POST = do_HEAD = _answer  # noqa: N815 (the handler's own names)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def auth_service() -> Iterator[AuthService]:
    """Run a service."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.service = AuthService(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.service
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
