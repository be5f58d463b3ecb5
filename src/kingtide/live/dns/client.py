"""Asks one name server over UDP, one question at a time."""

from __future__ import annotations

import secrets
import socket
import time
from types import TracebackType
from typing import Self

from kingtide.live.dns.message import Answer, BadMessage, Question, decode, encode

_MOST_BYTES = 65_535


class Unanswered(Exception):
    """The server said nothing in time, or nobody listens there."""


class DnsClient:
    """A socket to one server, at most `queries_per_second` questions on it; close it after use.

    It hears that server alone (a connected socket), and takes an answer only to what it asked.
    """

    def __init__(
        self, address: str, port: int, *, timeout_seconds: float, queries_per_second: int
    ) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.connect((address, port))
        self._timeout_seconds = timeout_seconds
        self._pause_seconds = 1 / queries_per_second
        self._next = 0.0
        self.queries = 0
        """How many questions were asked."""

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
        """Return the answer to a question, asked once.

        Raises:
            Unanswered: there was none in time.
            BadName: the name cannot be asked for.
        """
        identity = secrets.randbelow(1 << 16)
        message = encode(question, identity)
        self._wait_for_turn()
        self.queries += 1
        ends = time.monotonic() + self._timeout_seconds
        try:
            self._socket.send(message)
            while (left := ends - time.monotonic()) > 0:
                self._socket.settimeout(left)
                try:
                    return decode(self._socket.recv(_MOST_BYTES), question, identity)
                except BadMessage:
                    continue  # late, or not for us
        except TimeoutError:
            pass
        except OSError as error:  # a port that nobody listens on tells so by ICMP
            raise Unanswered(f"{question.name}: {error.strerror}") from error
        raise Unanswered(f"{question.name}: no answer within {self._timeout_seconds:g} s")

    def _wait_for_turn(self) -> None:
        now = time.monotonic()
        if self._next > now:
            time.sleep(self._next - now)
        self._next = max(self._next, now) + self._pause_seconds
