"""Starts the distribution's dnsmasq for a test, and name servers for it to ask."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest

from kingtide.compile.dns.dnsmasq import NodeDns, configuration
from tests.free_ports import free_port

DNSMASQ = shutil.which(
    os.environ.get("KINGTIDE_TEST_DNSMASQ", "dnsmasq"), path=f"{os.environ['PATH']}:/usr/sbin"
)
"""Another version's where somebody gives it."""
needs_dnsmasq = pytest.mark.skipif(DNSMASQ is None, reason="dnsmasq is not installed")
LOCAL = "127.0.0.1"


class NameServer:
    """Answers A questions about its names, and that there is no other; counts what it was asked."""

    def __init__(self, names: Mapping[str, str], ttl_seconds: int = 30) -> None:
        self.names = dict(names)
        self.ttl_seconds = ttl_seconds
        self.asked: list[str] = []
        self.port = free_port()

    @property
    def address(self) -> str:
        """As dnsmasq writes a server's address."""
        return f"{LOCAL}#{self.port}"

    @contextmanager
    def running(self) -> Iterator[NameServer]:
        """Answer until the end of the block."""
        with socket.socket(type=socket.SOCK_DGRAM) as found:
            found.bind((LOCAL, self.port))
            found.settimeout(0.05)
            ended = threading.Event()
            thread = threading.Thread(target=self._answer, args=(found, ended))
            thread.start()
            try:
                yield self
            finally:
                ended.set()
                thread.join(5)

    def _answer(self, server: socket.socket, ended: threading.Event) -> None:
        while not ended.is_set():
            try:
                message, caller = server.recvfrom(4096)
            except TimeoutError:
                continue
            server.sendto(self._answered(message), caller)

    def _answered(self, message: bytes) -> bytes:
        labels, at = [], 12
        while message[at]:
            labels.append(message[at + 1 : at + 1 + message[at]].decode())
            at += 1 + message[at]
        name = ".".join(labels).lower()
        (kind,) = struct.unpack_from("!H", message, at + 1)
        question = message[12 : at + 5]
        self.asked.append(name)
        records = b""
        if kind == 1 and name in self.names:
            address = ip_address(self.names[name]).packed
            records = struct.pack("!HHHIH", 0xC00C, 1, 1, self.ttl_seconds, 4) + address
        code = 0 if name in self.names else 3
        head = struct.pack("!HHHHH", 0x8180 | code, 1, bool(records), 0, 0)
        return message[:2] + head + question + records


def node_dns(core_dns: str, *upstreams: str, **changes: int) -> NodeDns:
    """Return settings as they are compiled, with addresses of this machine."""
    settings = {
        "cache_size": 10_000,
        "max_forwards": 500,
        "negative_ttl_seconds": 5,
        "stale_seconds": 300,
        "tcp_connections": 100,
        **changes,
    }
    return NodeDns(
        address=LOCAL,
        domain="cluster.local",
        core_dns=core_dns,
        upstreams=upstreams,
        reverse="100.64.0.0/10",
        **settings,
    )


@contextmanager
def running(folder: Path, dns: NodeDns, port: int) -> Iterator[None]:
    """Run dnsmasq with a compiled configuration until the end of the block."""
    assert DNSMASQ is not None
    file = folder / "dnsmasq.conf"
    file.write_text(configuration(dns, port), encoding="utf-8")
    command = [DNSMASQ, "--keep-in-foreground", f"--conf-file={file}"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            _wait_for(port, process)
            yield
        finally:
            process.terminate()
            process.communicate(timeout=60)


def _wait_for(port: int, process: subprocess.Popen[str]) -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        assert process.poll() is None, process.stderr and process.stderr.read()
        with socket.socket() as probe:
            if probe.connect_ex((LOCAL, port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError(f"dnsmasq does not listen on {port}")
