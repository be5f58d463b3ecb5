"""A twin behind HTTPS in a thread of its own, for tests that ask it as any client does."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import httpx2

from kingtide.rehearsal.prepare import Prepared, prepare
from kingtide.twin.apiserver.server import ApiServer, Settings
from kingtide.twin.definition import WorldDefinition
from kingtide.twin.world import World
from tests.small_rehearsal import write_small

TOKEN = "a-token-for-tests"
T = TypeVar("T")


class ServedWorld:
    """A world with its server; `call` runs a function in the server's loop, between steps."""

    def __init__(self, world: World, speed: float) -> None:
        self.world = world
        self.server = ApiServer(world, Settings(TOKEN, speed=speed))
        self.loop = asyncio.new_event_loop()
        self.authorization = {"Authorization": f"Bearer {TOKEN}"}

    def call(self, function: Callable[[], T]) -> T:
        """Return what a function returns that touches the world."""

        async def called() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(called(), self.loop).result(30)

    def run_on(self, seconds: int) -> None:
        """Have so much time pass in the cluster, while it is served."""
        engine = self.world.engine

        def run() -> None:
            self.world.run_until(engine.now_ms + 1000 * seconds)
            self.server.api.settle()

        self.call(run)

    def client(self, *, authorized: bool = True) -> httpx2.Client:
        """Return a client that trusts the server."""
        return httpx2.Client(
            base_url=self.server.url,
            verify=ssl.create_default_context(cadata=self.server.authority.decode()),
            headers=self.authorization if authorized else {},
            timeout=30,
        )

    def write_kubeconfig(self, folder: Path) -> Path:
        """Write the kubeconfig of the server."""
        file = folder / "kubeconfig"
        file.write_bytes(self.server.kubeconfig("prod"))
        return file


@contextmanager
def served_world(
    folder: Path,
    *,
    speed: float = 1.0,
    run_seconds: int = 0,
    change: Callable[[Prepared], WorldDefinition] = lambda it: it.definition,
) -> Iterator[ServedWorld]:
    """Serve the small rehearsal, which ran for so long already, paused; `change` makes it another.

    `server.clock.go_on()`, called in the loop, has it move.
    """
    definition = change(prepare(write_small(folder)))
    world = World(definition)
    world.run_until(definition.start_ms + 1000 * run_seconds)
    with serving(ServedWorld(world, speed)) as served:
        yield served


@contextmanager
def serving(served: ServedWorld) -> Iterator[ServedWorld]:
    """Serve a world, paused, in a thread of its own."""
    served.server.clock.pause()
    thread = threading.Thread(target=served.loop.run_until_complete, args=(served.server.run(),))
    thread.start()
    try:
        yield served
    finally:
        served.loop.call_soon_threadsafe(served.server.stop)
        thread.join(30)
        served.loop.close()
