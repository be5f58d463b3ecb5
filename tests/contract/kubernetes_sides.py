"""Clusters in which scenarios are played: the twin in process, and any behind the API."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx2

from kingtide.control.action import Action
from kingtide.control.index import ClusterIndex
from kingtide.control.outcome import Outcome
from kingtide.live.kubernetes.connection import cluster_connection
from kingtide.live.kubernetes.observing.observed import Observed
from kingtide.live.kubernetes.performing.api import Api
from kingtide.live.kubernetes.performing.performer import KubernetesPerformer
from kingtide.live.kubernetes.performing.write_rate import WriteRate
from kingtide.rehearsal.prepare import prepare
from kingtide.twin.object_changes import ObjectChanges
from kingtide.twin.seams import Seams
from kingtide.twin.world import World
from tests.contract.kubernetes_cast import Cast, cast_bodies, cast_of, path_of, value_of
from tests.small_rehearsal import write_small

LIVED_SECONDS = 60
WAIT_SECONDS = 30
"""What was written is seen within milliseconds; a busy machine takes longer."""
T = TypeVar("T")


class InProcess:
    """A world with the doors that its controllers have."""

    def __init__(self, folder: Path) -> None:
        self._performs: list[Callable[[Action], Outcome]] = []
        definition = prepare(write_small(folder)).definition
        self.world = World(definition, Seams(performer=self._keep))
        self.world.run_until(definition.start_ms + 1000 * LIVED_SECONDS)
        self._serial = itertools.count()

    def _keep(self, perform: Callable[[Action], Outcome]) -> Callable[[Action], Outcome]:
        self._performs.append(perform)
        return perform

    @contextmanager
    def cast(self) -> Iterator[Cast]:
        """Put a cast on the stage of its own."""
        prefix = f"kingtide-contract-{next(self._serial)}"
        changes, values = ObjectChanges(self.world), []
        for body in cast_bodies(prefix):
            body["metadata"]["uid"] = f"uid-of-{path_of(body)}"
            body["metadata"]["creationTimestamp"] = "2026-11-22T12:00:00Z"
            values.append(value_of(body))
            changes.create(values[-1])
        yield cast_of(prefix, values)

    def perform(self, actions: Sequence[Action]) -> list[Outcome]:
        """Do one after the other."""
        return [self._performs[0](it) for it in actions]

    def index(self) -> ClusterIndex:
        """Return what controllers see, as of now."""
        self.world.watch.relist()
        return self.world.watch.index


class OverHttp:
    """A cluster behind its API, with the doors that a live process has.

    `is_quiet` says that nobody else changes anything in it.
    """

    def __init__(self, kubeconfig: Path, *, is_quiet: bool) -> None:
        self.is_quiet = is_quiet
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self._serial = itertools.count()
        self._following: asyncio.Task[None] | None = None
        self._run(self._open(kubeconfig))

    def _run(self, what: Any) -> Any:
        return self._runner.run(what)

    async def _open(self, kubeconfig: Path) -> None:
        self.client: httpx2.AsyncClient
        self.client = await self._stack.enter_async_context(cluster_connection(kubeconfig))
        self._performer = KubernetesPerformer(Api(self.client, WriteRate()))
        self._observed = Observed(self.client)
        self._following = asyncio.create_task(self._observed.run())

    def close(self) -> None:
        """Stop following the cluster."""

        async def end() -> None:
            assert self._following is not None
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
            await self._stack.aclose()

        self._run(end())
        self._runner.close()

    @contextmanager
    def cast(self) -> Iterator[Cast]:
        """Make a cast through the API, and take away what the play left of it."""
        prefix = f"kingtide-contract-{os.getpid()}-{next(self._serial)}"
        bodies = cast_bodies(prefix)
        try:
            yield cast_of(prefix, self._run(self._make(bodies)))
        finally:
            self._run(self._remove(bodies))

    async def _make(self, bodies: list[dict[str, Any]]) -> list[Any]:
        values = []
        for body in bodies:
            answer = await self.client.post(path_of(body, is_named=False), json=body)
            assert answer.status_code == 201, answer.text
            if "status" in body:
                answer = await self.client.patch(
                    f"{path_of(body)}/status",
                    json={"status": body["status"]},
                    headers={"Content-Type": "application/merge-patch+json"},
                )
                assert answer.status_code == 200, answer.text
            values.append(value_of(answer.json() | {"kind": body["kind"]}))
        return values

    async def _remove(self, bodies: list[dict[str, Any]]) -> None:
        for body in reversed(bodies):
            await self.client.delete(path_of(body), params={"gracePeriodSeconds": "0"})

    def perform(self, actions: Sequence[Action]) -> list[Outcome]:
        """Do one after the other."""

        async def run() -> list[Outcome]:
            return [await self._performer.perform(it) for it in actions]

        found: list[Outcome] = self._run(run())
        return found

    def perform_at_once(self, actions: Sequence[Action]) -> list[Outcome]:
        """Do all at the same time."""

        async def run() -> list[Outcome]:
            return await asyncio.gather(*(self._performer.perform(it) for it in actions))

        found: list[Outcome] = self._run(run())
        return found

    def play(self, what: Callable[[httpx2.AsyncClient], Any]) -> None:
        """Have a scenario of its own use the connection."""
        self._run(what(self.client))

    def index(self, is_there: Callable[[ClusterIndex], bool]) -> ClusterIndex:
        """Return what a live process sees, once something holds of it or the wait is over."""

        async def wait() -> None:
            until = self._runner.get_loop().time() + WAIT_SECONDS
            while self._runner.get_loop().time() < until:
                self._observed.take_in()
                if self._observed.is_synced and is_there(self._observed.index):
                    return
                await asyncio.sleep(0.01)

        self._run(wait())
        return self._observed.index
