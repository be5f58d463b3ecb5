"""`python -m benchmarks.apiserver`: what it costs to serve lists and watches of 10,000 pods.

Processor time of the serving process; watchers are another one. Targets: a list in 0.5 s, 100
watches at 100 writes a second.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path
from select import POLLIN, poll
from tempfile import TemporaryDirectory
from urllib.parse import urlparse

from msgspec.structs import replace

from kingtide.rehearsal.prepare import prepare
from kingtide.twin.apiserver.options import read_options
from kingtide.twin.apiserver.paths import Target
from kingtide.twin.apiserver.server import ApiServer, Settings
from kingtide.twin.world import World

PODS = 10_000
SECONDS = 5
LOADS = ((100, 100), (2, 2_000))
"""Watches, and writes a second."""
TOKEN = "benchmark"
SCENARIO = Path(__file__).parents[1] / "examples" / "prime-time" / "rehearsal.yaml"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


def main() -> None:
    """Measure and print."""
    world = World(prepare(SCENARIO).definition)
    server = ApiServer(world, Settings(TOKEN))
    server.clock.pause()
    objects = server.api.objects
    resource = objects.resources.modelled["Pod"]
    some = next(it for it in world.store.pods.values() if it.is_ready)
    names = [f"bench-{number}" for number in range(PODS - len(world.store.pods))]
    pods = [replace(some, name=name, uid=name) for name in names]
    for pod in pods:
        objects.put_value(resource, pod)
    for what, accept in (("objects", ""), ("objects, again", ""), ("a table", TABLE)):
        began = time.process_time()
        text = server.api.reading.list_all(Target(resource), read_options({}, accept))
        seconds = time.process_time() - began
        print(f"list of {PODS:,} pods as {what}: {seconds:.3f} s, {len(text) >> 10:,} KiB")
    writes = [(100, 100), (2, 2_000)]
    asyncio.run(
        _watched(server, lambda at: objects.put_value(resource, pods[at % len(pods)]), writes)
    )


async def _watched(server: ApiServer, write: object, loads: list[tuple[int, int]]) -> None:
    assert callable(write)
    serving = asyncio.create_task(server.run())
    with TemporaryDirectory() as folder:
        authority = Path(folder) / "authority.pem"
        authority.write_bytes(server.authority)
        for watches, rate in loads:
            revision = str(server.api.objects.revision)
            command = [sys.executable, "-m", "benchmarks.apiserver", server.url, str(watches)]
            with subprocess.Popen([*command, revision, str(authority)]) as watchers:
                while server.api.watches.open < watches:
                    await asyncio.sleep(0.1)
                began, cpu, written = time.perf_counter(), time.process_time(), 0
                while (elapsed := time.perf_counter() - began) < SECONDS:
                    for _ in range(int(elapsed * rate) - written):
                        write(written)
                        written += 1
                    await asyncio.sleep(0.01)
                share = (time.process_time() - cpu) / elapsed
                print(f"{watches} watches, {written / elapsed:.0f} writes/s: {share:.0%} of a core")
                watchers.terminate()
            while server.api.watches.open:
                await asyncio.sleep(0.1)
    server.stop()
    await serving


def watch(url: str, count: str, revision: str, authority: str) -> None:
    """Hold so many watches and read what comes, until terminated."""
    address = urlparse(url)
    context = ssl.create_default_context(cafile=authority)
    ready, by_descriptor = poll(), {}
    query = f"GET /api/v1/pods?watch=true&resourceVersion={revision} HTTP/1.1\r\n"
    headers = f"Host: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
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


if __name__ == "__main__":
    watch(*sys.argv[1:]) if len(sys.argv) > 1 else main()
