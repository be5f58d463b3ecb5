"""Ports for programs that have to be told one: they bind it later, and nobody takes it before."""

from __future__ import annotations

import itertools
import os
import socket
import sys

LOOPBACK = "127.0.0.1"
FIRST, COUNT = 16_384, 16_384
"""Below the ports that systems give to outgoing connections (Linux from 32,768, others from 49,152:
ip(7) and RFC 6335). One of those may be some client's a moment after it was free, and tests
of load use hundreds at a time."""
TRIES = 1_000

_numbers = itertools.count(os.getpid() * 151)
"""Processes begin at different places; each asks for some hundreds in its life."""


def free_port() -> int:
    """Return a port of loopback that is free by UDP and TCP, and no other test process's."""
    for number in itertools.islice(_numbers, TRIES):
        port = FIRST + number % COUNT
        if _is_free(port) and _is_ours(port):
            return port
    raise AssertionError("no port is free")


def _is_free(port: int) -> bool:
    with socket.socket() as streams, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        try:
            streams.bind((LOOPBACK, port))
            datagrams.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _is_ours(port: int) -> bool:
    """Whether the port could be noted as ours, by a name that ends with this process (unix(7))."""
    if sys.platform != "linux":
        return True
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0kingtide-tests-{port}")
    except OSError:
        name.close()
        return False
    name.detach()  # held until the process ends
    return True
