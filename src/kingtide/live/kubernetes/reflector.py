"""Keeps a copy of all objects of a kind: list, then watch, for ever.

What client-go's reflector does: pages, resume by resourceVersion, a new list when the server has
forgotten it (410), waits between tries that grow and differ. Objects that cannot be read are
counted and left out; the rest goes on.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from typing import Any, Protocol

import httpx2
import msgspec

from kingtide.kube.wire.kinds import ApiKind
from kingtide.live.kubernetes.failures import ApiRefused, LiveFailure, refusal
from kingtide.live.kubernetes.wire import (
    ErrorObject,
    LineTooLong,
    Page,
    Versioned,
    WatchEvent,
    lines,
)

PAGE = 1_000
"""Objects a page: 4 MB of pods, which is what a server hands out without a pause. client-go takes
500."""
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.8, 30.0
"""Between tries, doubling: client-go's reflector (v0.36)."""
WATCH_SECONDS = 300
"""A watch is asked to end after 5 to 10 minutes, by chance, so that many do not end at once; as in
client-go."""
SILENCE_SECONDS = 150
"""A watch that says nothing for so long is dead: a server sends bookmarks every minute."""


class Kept(Protocol):
    """What every object of a kind has: where it is, and which version it is."""

    @property
    def key(self) -> str:
        """`namespace/name`, or the name."""


Sink = Callable[[Any, Any], None]
"""Told of each change: (before, after), None where there is none."""


class Reflector:
    """A kind's objects in a cluster; `run` keeps them, `sink` is told of every change."""

    def __init__(
        self,
        client: httpx2.AsyncClient,
        kind: ApiKind,
        sink: Sink,
        chance: random.Random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.kind = kind
        self.objects: dict[str, Any] = {}
        self.is_synced = False
        self.unreadable = 0
        self.lists = 0
        self.failures = 0
        self.last_failure = ""
        self._client = client
        self._sink = sink
        self._chance = chance
        self._clock = clock
        self._version = ""
        self._heard_at: float | None = None
        self._events = msgspec.json.Decoder(WatchEvent)

    @property
    def staleness_seconds(self) -> float:
        """How long the server has said nothing, which is how old the copy may be."""
        return float("inf") if self._heard_at is None else self._clock() - self._heard_at

    async def run(self) -> None:
        """Keep the copy until cancelled."""
        wait = FIRST_WAIT_SECONDS
        while True:
            began = self._clock()
            try:
                if not self._version:
                    await self._list()
                await self._watch()
                wait = FIRST_WAIT_SECONDS
                continue
            except (LiveFailure, httpx2.HTTPError, LineTooLong, msgspec.DecodeError) as error:
                self._note(error)
            if self._clock() - began > 2 * LONGEST_WAIT_SECONDS:
                wait = FIRST_WAIT_SECONDS  # it was well for long: this is a new trouble
            await asyncio.sleep(wait * self._chance.uniform(1.0, 2.0))
            wait = min(2 * wait, LONGEST_WAIT_SECONDS)

    def _note(self, error: Exception) -> None:
        self.failures += 1
        self.last_failure = f"{type(error).__name__}: {error}"
        if isinstance(error, ApiRefused) and error.code == 410:
            self._version = ""

    # ------------------------------------------------------------ list

    async def _list(self) -> None:
        """Take over everything there is; what is known and not there any more is gone."""
        self.lists += 1
        found: dict[str, Any] = {}
        after = ""
        while True:
            query = {"limit": str(PAGE)} | ({"continue": after} if after else {})
            page = await self._page(query)
            for item in page.items or ():
                it = self._read(item)
                if it is not None:
                    found[_key(it)] = it
            after = page.metadata.continue_
            if not after:
                break
        for key, it in [*self.objects.items()]:
            other = found.get(key)
            if other is None or _uid(other) != _uid(it):
                del self.objects[key]
                self._sink(it, None)
        for key, it in found.items():
            self._sink(self.objects.get(key), it)
            self.objects[key] = it
        self._version = page.metadata.resource_version
        self._heard_at = self._clock()
        self.is_synced = True

    async def _page(self, query: dict[str, str]) -> Page:
        response = await self._client.get(self.kind.path(), params=query)
        body = response.content
        if response.status_code != 200:
            raise refusal(response.status_code, body, response.headers)
        return msgspec.json.decode(body, type=Page)

    def _read(self, item: msgspec.Raw) -> Any:
        try:
            return self.kind.read(item)
        except ValueError as error:
            self.unreadable += 1
            self.last_failure = f"an object of kind {self.kind.kind} cannot be read: {error}"
            return None

    # ------------------------------------------------------------ watch

    async def _watch(self) -> None:
        """Follow changes until the server ends the watch.

        Raises:
            ApiRefused: it refuses; with 410 what is known is too old to go on from.
        """
        query = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": self._version,
            "timeoutSeconds": str(int(WATCH_SECONDS * self._chance.uniform(1.0, 2.0))),
        }
        timeout = httpx2.Timeout(30, connect=10, read=SILENCE_SECONDS)
        async with self._client.stream(
            "GET", self.kind.path(), params=query, timeout=timeout
        ) as response:
            if response.status_code != 200:
                raise refusal(response.status_code, await response.aread(), response.headers)
            self._heard_at = self._clock()
            async for line in lines(response.aiter_bytes()):
                if line:
                    self._take(self._events.decode(line))
                    self._heard_at = self._clock()

    def _take(self, event: WatchEvent) -> None:
        if event.type == "ERROR":
            status = msgspec.json.decode(event.object, type=ErrorObject)
            raise ApiRefused(status.code, status.reason, status.message)
        if event.type == "BOOKMARK":
            found = msgspec.json.decode(event.object, type=Versioned)
            self._version = found.metadata.resource_version or self._version
            return
        it = self._read(event.object)
        if it is None:
            # Its version is that of no object we hold; the next event's is as good to resume from.
            return
        key = _key(it)
        known = self.objects.get(key)
        if event.type == "DELETED":
            self.objects.pop(key, None)
            self._sink(known or it, None)
        else:
            if known is not None and _uid(known) != _uid(it):
                self._sink(known, None)  # deleted and made anew between two lists
                known = None
            self.objects[key] = it
            self._sink(known, it)
        self._version = str(it.resource_version)


def _key(it: Any) -> str:
    return str(it.key if hasattr(it, "key") else it.name)


def _uid(it: Any) -> str:
    return str(getattr(it, "uid", ""))
