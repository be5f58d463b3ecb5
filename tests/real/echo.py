"""Origins that answer with the request they got, and a client that tells all of the answer."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, TCPServer, ThreadingTCPServer
from typing import Any

import msgspec


class Answer(msgspec.Struct, frozen=True):
    """What a client saw: names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def request(self) -> Mapping[str, Any]:
        """What the origin got: `method`, `path`, `headers` (names in lower case), `proxy`."""
        found: dict[str, Any] = json.loads(self.body)
        return found


class _Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        told = {
            "method": self.command,
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "client": _subject(self.connection),
            "name": getattr(self.server, "told", ""),
        }
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_HEAD = do_OPTIONS = do_PUT = _answer  # noqa: N815 (the handler's own names)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


def _subject(connection: socket.socket) -> str:
    if not isinstance(connection, ssl.SSLSocket):
        return ""
    shown = connection.getpeercert() or {}
    return str(shown.get("subject", ""))


class _Server(ThreadingHTTPServer):
    """Says nothing of clients that go away, as checks do."""

    told = ""

    def handle_error(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def echo(name: str = "echo", tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Run an origin; return its port."""
    server = _Server(("127.0.0.1", 0), _Echo)
    server.told = name
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    with _serving(server) as port:
        yield port


class _Proxied(StreamRequestHandler):
    """Tells the first line that a connection begins with."""

    def handle(self) -> None:
        first = self.rfile.readline(200)
        while self.rfile.readline(8_000).strip():
            pass
        body = json.dumps({"proxy": first.decode("latin-1").strip()}).encode()
        self.wfile.write(
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
            % (len(body), body)
        )


@contextmanager
def first_line() -> Iterator[int]:
    """Run an origin that tells the first line of a connection; return its port."""
    with _serving(ThreadingTCPServer(("127.0.0.1", 0), _Proxied)) as port:
        yield port


@contextmanager
def _serving(server: TCPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def ask(
    port: int,
    host: str,
    path: str = "/",
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    tls: ssl.SSLContext | None = None,
    server_name: str | None = None,
) -> Answer:
    """Return the answer to one request; over TLS for `server_name`, the host where it is None."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.connect()
        if tls is not None:
            connection.sock = tls.wrap_socket(
                connection.sock, server_hostname=host if server_name is None else server_name
            )
        connection.putrequest(method, path, skip_host=True)
        connection.putheader("Host", host)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        body = response.read().decode()
        return Answer(
            response.status, {name.lower(): value for name, value in response.getheaders()}, body
        )
    finally:
        connection.close()
