"""Clients of the API's benchmark, in a process of their own: `watch` or `write`, and arguments.

watch URL TOKEN AUTHORITY COUNT REVISION     holds so many watches of pods until it is ended
write URL TOKEN AUTHORITY NAMES SECONDS RATE patches pods named in a file, and prints how many;
                                             RATE 0 is as fast as it goes
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from select import POLLIN, poll
from urllib.parse import urlparse

CONNECTIONS = 8
"""Writers at once: as many as kube-controller-manager has busy workers of one kind."""


def watch(url: str, token: str, authority: str, count: str, revision: str) -> None:
    """Hold watches and read what comes, until terminated."""
    address, context = urlparse(url), ssl.create_default_context(cafile=authority)
    ready, by_descriptor = poll(), {}
    query = f"GET /api/v1/pods?watch=true&resourceVersion={revision} HTTP/1.1\r\n"
    headers = f"Host: x\r\nAuthorization: Bearer {token}\r\n\r\n"
    for _ in range(int(count)):
        plain = socket.create_connection((address.hostname, address.port))
        it = context.wrap_socket(plain, server_hostname=address.hostname)
        it.sendall((query + headers).encode())
        it.setblocking(False)
        by_descriptor[it.fileno()] = it
        ready.register(it, POLLIN)
    while True:
        for descriptor, _ in ready.poll():
            try:
                while by_descriptor[descriptor].recv(1 << 18):
                    pass
            except ssl.SSLWantReadError:
                continue


def write(url: str, token: str, authority: str, names: str, seconds: str, rate: str) -> None:
    """Patch pods for so long; print how many were."""
    pods = json.loads(Path(names).read_bytes())
    writing = Writing(url, token, ssl.create_default_context(cafile=authority), pods, int(rate))
    print(asyncio.run(writing.run(float(seconds))))


class Writing:
    """Patches one pod after the other, over a few connections."""

    def __init__(
        self,
        url: str,
        token: str,
        context: ssl.SSLContext,
        pods: Sequence[Sequence[str]],
        rate: int,
    ) -> None:
        self._address, self._token, self._context = urlparse(url), token, context
        self._pods, self._rate = pods, rate
        self._begun = self._done = 0

    async def run(self, seconds: float) -> int:
        """Write for so long and return how often."""
        self._began = time.perf_counter()
        ends = self._began + seconds
        await asyncio.gather(*(self._connection(ends) for _ in range(CONNECTIONS)))
        return self._done

    async def _connection(self, ends: float) -> None:
        host, port = self._address.hostname, self._address.port
        reader, writer = await asyncio.open_connection(
            host, port, ssl=self._context, server_hostname=host
        )
        while (now := time.perf_counter()) < ends:
            due_at = self._began + self._begun / self._rate if self._rate else now
            if due_at > now:
                await asyncio.sleep(due_at - now)
                continue
            writer.write(self._request())
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            if b" 200 " not in head[:16]:
                raise SystemExit(f"error: not patched: {head!r}")
            length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length))
            self._done += 1
        writer.close()

    def _request(self) -> bytes:
        namespace, name = self._pods[self._begun % len(self._pods)]
        self._begun += 1
        body = json.dumps({"metadata": {"annotations": {"written": str(self._begun)}}})
        return (
            f"PATCH /api/v1/namespaces/{namespace}/pods/{name} HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: Bearer {self._token}\r\nUser-Agent: benchmark/1\r\n"
            f"Content-Type: application/merge-patch+json\r\nContent-Length: {len(body)}\r\n"
            f"\r\n{body}"
        ).encode()


if __name__ == "__main__":
    match sys.argv[1]:
        case "watch":
            watch(*sys.argv[2:])
        case "write":
            write(*sys.argv[2:])
