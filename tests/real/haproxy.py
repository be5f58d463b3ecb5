"""Starts the distribution's HAProxy for a test."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

HAPROXY = shutil.which(
    os.environ.get("KINGTIDE_TEST_HAPROXY", "haproxy"), path=f"{os.environ['PATH']}:/usr/sbin"
)
"""Another version's where somebody gives it: `KINGTIDE_TEST_HAPROXY=/opt/haproxy-3.0/haproxy`."""
needs_haproxy = pytest.mark.skipif(HAPROXY is None, reason="HAProxy is not installed")


@contextmanager
def short_folder() -> Iterator[Path]:
    """Make a folder whose name leaves room for those of sockets, until the end of the block.

    HAProxy takes 97 characters. A folder of pytest's has the name of the user and of the test in
    it, and a number; TMPDIR may be long as well.
    """
    with tempfile.TemporaryDirectory(prefix="kt", dir="/tmp") as found:
        yield Path(found)


def write(files: Mapping[str, str]) -> None:
    """Write HAProxy's files, with their folders."""
    for name, text in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@contextmanager
def running(configuration: str, port: int) -> Iterator[None]:
    """Run HAProxy until it listens on the port, and end it afterwards."""
    assert HAPROXY is not None
    with subprocess.Popen([HAPROXY, "-W", "-db", "-f", configuration]) as process:
        try:
            _wait_for(port, process)
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        assert process.poll() is None, "HAProxy ended at once"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError(f"HAProxy does not listen on {port}")


def get(port: int, host: str | None, path: str) -> tuple[int, str]:
    """Return status and body of a request; a host of None sends no Host header."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.putrequest("GET", path, skip_host=True)
        if host is not None:
            connection.putheader("Host", host)
        connection.endheaders()
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()
