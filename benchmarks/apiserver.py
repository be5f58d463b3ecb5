"""`python -m benchmarks.apiserver`: what it costs to serve 10,000 pods; prints figures as JSON.

Processor time is the serving process' own: clients are other processes, and on a machine that
others use too the time on the wall says nothing. Each load is played RUNS times, the best counts.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from kingtide.rehearsal.prepare import prepare
from kingtide.twin.apiserver.options import read_options
from kingtide.twin.apiserver.paths import Target
from kingtide.twin.apiserver.server import ApiServer, Settings
from kingtide.twin.world import World

PODS = 10_000
SECONDS = 4.0
RUNS = 3
TOKEN = "benchmark"
SCENARIO = Path(__file__).parents[1] / "examples" / "prime-time" / "rehearsal.yaml"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"

Figures = dict[str, float]


def main() -> None:
    """Measure and print."""
    world = World(prepare(SCENARIO).definition)
    server = ApiServer(world, Settings(TOKEN))
    server.clock.pause()
    some = next(it for it in world.store.pods.values() if it.is_ready)
    for number in range(PODS - len(world.store.pods)):
        name = f"bench-{number}"
        world.store.create_pod(replace(some, name=name, uid=name, owner=None))
    found = _lists(server)
    with TemporaryDirectory() as folder:
        found |= asyncio.run(Load(server, Path(folder)).measure())
    print(json.dumps(found))


def _lists(server: ApiServer) -> Figures:
    target = Target(server.api.resources.modelled["Pod"])
    found = {}
    for what, accept in (("list_ms", ""), ("list_again_ms", ""), ("table_ms", TABLE)):
        began = time.process_time()
        server.api.reading.list_all(target, read_options({}, accept))
        found[what] = 1000 * (time.process_time() - began)
    return found


class Load:
    """Plays writers and watchers against a server."""

    def __init__(self, server: ApiServer, folder: Path) -> None:
        self._server = server
        self._authority, self._names = folder / "authority.pem", folder / "names.json"
        self._authority.write_bytes(server.authority)
        store = server.api.objects.entries("Pod")
        self._names.write_text(json.dumps([it.key for it in store]))

    async def measure(self) -> Figures:
        """Serve, play every load, and return its figures."""
        serving = asyncio.create_task(self._server.run())
        fast = [await self._play(watches=2, rate=0) for _ in range(RUNS)]
        many = [await self._play(watches=100, rate=100) for _ in range(RUNS)]
        self._server.stop()
        await serving
        return {
            "first_writes_a_processor_second": fast[0][0] / fast[0][1],
            "writes_a_processor_second": max(writes / cpu for writes, cpu, _ in fast),
            "writes_a_second": max(writes / wall for writes, _, wall in fast),
            "watched_writes_a_second": max(writes / wall for writes, _, wall in many),
            "watched_core_percent": min(100 * cpu / wall for _, cpu, wall in many),
        }

    async def _play(self, watches: int, rate: int) -> tuple[int, float, float]:
        """Return writes, seconds of processor time, and seconds on the wall."""
        revision = str(self._server.api.objects.revision)
        async with self._client("watch", str(watches), revision) as watching:
            while self._server.api.watches.open < watches:
                await asyncio.sleep(0.05)
            cpu, wall = time.process_time(), time.perf_counter()
            arguments = (str(self._names), str(SECONDS), str(rate))
            async with self._client("write", *arguments) as writing:
                written, _ = await writing.communicate()
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
            watching.terminate()
        while self._server.api.watches.open:
            await asyncio.sleep(0.05)
        return int(written), cpu, wall

    @asynccontextmanager
    async def _client(self, what: str, *arguments: str) -> AsyncIterator[Process]:
        server = (self._server.url, TOKEN, str(self._authority))
        client = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.apiserver_clients", what, *server, *arguments,
            stdout=PIPE,
        )  # fmt: skip
        yield client
        await client.wait()


if __name__ == "__main__":
    main()
