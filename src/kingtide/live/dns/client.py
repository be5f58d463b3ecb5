"""Asks one name server, one question at a time: over UDP, or over TCP as `use-vc` has it."""

from __future__ import annotations

import secrets
import socket
import struct
import time
from types import TracebackType
from typing import Self

from kingtide.live.dns.message import Answer, BadMessage, Question, decode, encode

_MOST_BYTES = 65_535
_LENGTH = struct.Struct("!H")
_END_AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER of no seconds: a connection a question would use up this host's ports otherwise, each
of which is kept for a minute after its end."""


class Unanswered(Exception):
    """The server said nothing in time, or nobody listens there."""


class DnsClient:
    """A socket to one server, at most `queries_per_second` questions on it; close it after use.

    It hears that server alone (a connected socket), and takes an answer only to what it asked.
    `over_tcp`: a connection for every question, as glibc has with `use-vc` and `single-request`.
    """

    def __init__(
        self,
        address: str,
        port: int,
        *,
        timeout_seconds: float,
        queries_per_second: int,
        over_tcp: bool = False,
    ) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self._socket.connect((address, port))
        except OSError:
            self._socket.close()
            raise
        self._server = (address, port)
        self._timeout_seconds = timeout_seconds
        self._pause_seconds = 1 / queries_per_second
        self._next = 0.0
        self.over_tcp = over_tcp
        self.queries = 0
        """How many questions were asked."""
        self.spent_microseconds = 0
        """How long they took, those without an answer among them: not the wait for their turn."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def ask(self, question: Question) -> Answer:
        """Return the answer to a question, asked once, and again over TCP where it is cut off.

        Raises:
            Unanswered: there was none in time.
            BadName: the name cannot be asked for.
        """
        if not self.over_tcp:
            found = self._ask(question, is_stream=False)
            if not found.is_truncated:
                return found
        return self._ask(question, is_stream=True)

    def _ask(self, question: Question, *, is_stream: bool) -> Answer:
        identity = secrets.randbelow(1 << 16)
        message = encode(question, identity)
        self._wait_for_turn()
        self.queries += 1
        began = time.perf_counter_ns()
        ends = time.monotonic() + self._timeout_seconds
        try:
            if is_stream:
                return decode(self._by_connection(message, ends), question, identity)
            self._socket.send(message)
            while True:
                self._socket.settimeout(_left(ends))
                try:
                    return decode(self._socket.recv(_MOST_BYTES), question, identity)
                except BadMessage:
                    continue  # late, or not for us
        except TimeoutError as error:
            waited = f"no answer within {self._timeout_seconds:g} s"
            raise Unanswered(f"{question.name}: {waited}") from error
        except OSError as error:  # a port that nobody listens on tells so by ICMP
            raise Unanswered(f"{question.name}: {error.strerror or error}") from error
        except BadMessage as error:
            raise Unanswered(f"{question.name}: {error}") from error
        finally:
            self.spent_microseconds += (time.perf_counter_ns() - began) // 1000

    def _by_connection(self, message: bytes, ends: float) -> bytes:
        with socket.create_connection(self._server, timeout=_left(ends)) as stream:
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _END_AT_ONCE)
            stream.sendall(_LENGTH.pack(len(message)) + message)
            (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size, ends))
            return _exactly(stream, length, ends)

    def _wait_for_turn(self) -> None:
        now = time.monotonic()
        if self._next > now:
            time.sleep(self._next - now)
        self._next = max(self._next, now) + self._pause_seconds


def _exactly(stream: socket.socket, length: int, ends: float) -> bytes:
    found = b""
    while len(found) < length:
        stream.settimeout(_left(ends))
        part = stream.recv(length - len(found))
        if not part:
            raise ConnectionError("the connection was closed before the answer")
        found += part
    return found


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
