"""A cluster, observed: a watch a kind, and one index that changes only between passes."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext

import httpx2
import msgspec

from kingtide.control.arrivals import Arrivals
from kingtide.control.controller import Topic
from kingtide.control.index import ClusterIndex
from kingtide.kube.wire.kinds import ApiKind, api_kinds
from kingtide.live.kubernetes.observing.collection import GarbageCollection
from kingtide.live.kubernetes.observing.followed import OPTIONAL, followed_kinds
from kingtide.live.kubernetes.observing.waiting import Waiting
from kingtide.live.kubernetes.reflector import Reflector

RECHECK_SECONDS = 600
"""How often it is looked for kinds that the cluster did not have: somebody may install them."""


class Following(msgspec.Struct, frozen=True):
    """How a kind is followed: for metrics, and for whoever refuses to act on a stale view.

    `unreadable` counts objects left out because they could not be read, since the start;
    `staleness_seconds` is infinite before the first list.
    """

    objects: int
    is_synced: bool
    is_absent: bool
    staleness_seconds: float
    unreadable: int
    lists: int
    failures: int
    last_failure: str


class Observed:
    """Follows a cluster while `run` runs; `index` is what controllers see.

    The index changes in `take_in` alone, which its owner calls between passes: what arrives while
    one decides or acts waits.
    """

    def __init__(
        self,
        client: httpx2.AsyncClient,
        config_maps: Iterable[str] = (),
        chance: random.Random | None = None,
        clock: Callable[[], float] = time.monotonic,
        collection: GarbageCollection | None = None,
    ) -> None:
        self.index = ClusterIndex()
        self._arrivals = Arrivals(self.index)
        self._client = client
        self._chance = chance or random.Random()
        self._clock = clock
        self._collection = collection
        self._news = asyncio.Event()
        self._news_at: float | None = None
        self.waited_seconds = 0.0
        """How long the oldest change waited of those that were taken in last."""
        self._waiting = Waiting(self._arrived)
        self._reflectors: dict[str, Reflector] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._broken: asyncio.Future[None] | None = None
        for name, kind in followed_kinds().items():
            self._reflectors[name] = self._reflector(kind, is_optional=name in OPTIONAL)
        self.follow_config_maps(config_maps)

    # ------------------------------------------------------------ what is followed

    def follow_config_maps(self, keys: Iterable[str]) -> None:
        """Follow these ConfigMaps (`namespace/name`) and no others; known ones go on."""
        wanted = {f"ConfigMap/{key}": key for key in keys}
        for name in [it for it in self._reflectors if it.startswith("ConfigMap/")]:
            if name not in wanted:
                self._stop(name)
                self._reflectors.pop(name).forget()
        for name, key in wanted.items():
            if name not in self._reflectors:
                kind = api_kinds()["ConfigMap"]
                self._reflectors[name] = self._reflector(kind, object_key=key)
                if self._broken is not None:
                    self._start(name)

    def _reflector(
        self, kind: ApiKind, *, object_key: str = "", is_optional: bool = False
    ) -> Reflector:
        return Reflector(
            self._client,
            kind,
            self._waiting.sink(kind.kind),
            self._chance,
            self._clock,
            object_key=object_key,
            is_optional=is_optional,
            listing=nullcontext if self._collection is None else self._collection.suspended,
        )

    async def run(self) -> None:
        """Follow the cluster until cancelled; ends otherwise only by a defect, which it raises."""
        self._broken = asyncio.get_running_loop().create_future()
        for name in self._reflectors:
            self._start(name)
        try:
            await self._broken
        finally:
            tasks = [*self._tasks.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._tasks, self._broken = {}, None

    def relist(self) -> None:
        """Have everything listed afresh: a new leader must not miss what the last one wrote.

        The copies stay, and only differences are told; `is_synced` is False until all is there.
        """
        for name, reflector in self._reflectors.items():
            self._stop(name)
            reflector.begin_anew()
            if self._broken is not None:
                self._start(name)

    def _start(self, name: str) -> None:
        task = asyncio.create_task(self._follow(self._reflectors[name]), name=f"follow {name}")
        task.add_done_callback(self._note_end)
        self._tasks[name] = task

    def _stop(self, name: str) -> None:
        task = self._tasks.pop(name, None)
        if task is not None:
            task.cancel()

    async def _follow(self, reflector: Reflector) -> None:
        while True:
            await reflector.run()  # returns where the cluster does not have the kind
            self._news.set()
            await asyncio.sleep(RECHECK_SECONDS)

    def _note_end(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and self._broken is not None and not self._broken.done():
            self._broken.set_exception(error)

    # ------------------------------------------------------------ what is seen

    @property
    def is_synced(self) -> bool:
        """Whether everything was listed; before that, the view is partial."""
        return all(it.is_synced or it.is_absent for it in self._reflectors.values())

    def following(self) -> Mapping[str, Following]:
        """Return how each kind, and each ConfigMap (`ConfigMap/namespace/name`), is followed."""
        return {name: _following(it) for name, it in self._reflectors.items()}

    def staleness_seconds(self) -> Mapping[str, float]:
        """Return how long ago the server said anything of each, infinite until it is listed."""
        return {name: it.staleness_seconds for name, it in self._reflectors.items()}

    def _arrived(self) -> None:
        if self._news_at is None:
            self._news_at = self._clock()
        self._news.set()

    async def changed(self) -> None:
        """Wait until something changed that was not taken yet."""
        await self._news.wait()

    def take_in(self) -> tuple[Topic, ...]:
        """Take what arrived into the index, and return what it was about."""
        self._news.clear()
        self.waited_seconds = 0.0 if self._news_at is None else self._clock() - self._news_at
        self._news_at = None
        for old, new in self._waiting.take():
            self._arrivals.take(old, new)
        if self._collection is not None and self.is_synced:
            self._collection.freeze()
        return self._arrivals.topics()


def _following(it: Reflector) -> Following:
    return Following(
        objects=len(it.objects),
        is_synced=it.is_synced,
        is_absent=it.is_absent,
        staleness_seconds=it.staleness_seconds,
        unreadable=it.unreadable,
        lists=it.lists,
        failures=it.failures,
        last_failure=it.last_failure,
    )
