"""A name server of a test's own: what it sends for each question, by UDP and TCP."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LOCAL = "127.0.0.1"


def unused_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as streams:
        streams.bind((LOCAL, 0))
        return int(streams.getsockname()[1])


@contextmanager
def serving(
    by_datagram: Callable[[bytes], bytes], by_connection: Callable[[bytes], bytes] | None = None
) -> Iterator[int]:
    """Answer on a port, by TCP where that is given, until the end of the block.

    What is given takes a question's message; by TCP the answer has its length before it.
    """
    streams, datagrams = _bound()
    with streams, datagrams:
        port = int(streams.getsockname()[1])
        ended = threading.Event()
        for each in (streams, datagrams):
            each.settimeout(0.05)
        threads = [threading.Thread(target=_datagrams, args=(datagrams, by_datagram, ended))]
        if by_connection is not None:
            streams.listen()
            threads += [threading.Thread(target=_streams, args=(streams, by_connection, ended))]
        for thread in threads:
            thread.start()
        try:
            yield port
        finally:
            ended.set()
            for thread in threads:
                thread.join(5)


def _bound() -> tuple[socket.socket, socket.socket]:
    """Return sockets for TCP and UDP at one port, which is not free by both at the first try."""
    for _ in range(100):
        streams, datagrams = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
        streams.bind((LOCAL, 0))
        try:
            datagrams.bind(streams.getsockname())
        except OSError:
            streams.close()
            datagrams.close()
            continue
        return streams, datagrams
    raise AssertionError("no port is free")


def _datagrams(
    server: socket.socket, answer: Callable[[bytes], bytes], ended: threading.Event
) -> None:
    while not ended.is_set():
        try:
            message, caller = server.recvfrom(4096)
        except TimeoutError:
            continue
        server.sendto(answer(message), caller)


def _streams(
    server: socket.socket, answer: Callable[[bytes], bytes], ended: threading.Event
) -> None:
    while not ended.is_set():
        try:
            stream, _ = server.accept()
        except TimeoutError:
            continue
        with stream:
            stream.settimeout(5)
            stream.sendall(answer(stream.recv(4096)[2:]))
