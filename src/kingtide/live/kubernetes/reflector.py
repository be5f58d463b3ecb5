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
from contextlib import AbstractContextManager, aclosing, nullcontext
from typing import Any, Protocol

import httpx2
import msgspec

from kingtide.kube.wire.kinds import ApiKind
from kingtide.live.kubernetes.failures import ApiRefused, LiveFailure, refusal
from kingtide.live.kubernetes.listing import in_turns, pages
from kingtide.live.kubernetes.wire import (
    ErrorObject,
    LineTooLong,
    Versioned,
    WatchEvent,
    lines,
)

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.8, 30.0
"""Between tries, doubling: client-go's reflector (v0.36)."""
WATCH_SECONDS = 300
"""A watch is asked to end after 5 to 10 minutes, by chance, so that many do not end at once; as in
client-go."""
SHORTEST_WATCH_SECONDS = 1.0
"""One that ends sooner, without a word, is a failure: asking again at once would be a storm."""
SILENCE_SECONDS = 150
"""A watch that says nothing for so long is dead: a server sends bookmarks every minute."""
LONGEST_RESUMED_SECONDS = 90
"""A copy of which nothing was heard for longer is listed anew. That a watch is taken up again tells
nothing of the copy's age: a server that has forgotten its version says so with 200 and an event of
type ERROR. The next bookmark tells it, a minute later; with that the copy is still young enough to
be acted on (fleet.policies.safety), and after a longer silence it would not be."""


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
        *,
        object_key: str = "",
        field_selector: str = "",
        is_optional: bool = False,
        listing: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """Make a reflector of a kind's objects: all, those of a selector, or that at `object_key`.

        `is_optional` is a kind that the cluster may not have. `listing` is entered while lists are
        read, which makes many objects.
        """
        self.kind = kind
        self.object_key = object_key
        self.is_absent = False
        self.objects: dict[str, Any] = {}
        self.is_synced = False
        self.unreadable = 0
        self.lists = 0
        self.failures = 0
        self.last_failure = ""
        self._client = client
        namespace, _, name = object_key.rpartition("/")
        self._path = kind.path(namespace)
        selector = f"metadata.name={name}" if name else field_selector
        self._only = {"fieldSelector": selector} if selector else {}
        self._is_optional = is_optional
        self._listing = listing
        self._sink = sink
        self._chance = chance
        self._clock = clock
        self._version = ""
        self._heard_at: float | None = None
        self._events = msgspec.json.Decoder(WatchEvent)

    @property
    def staleness_seconds(self) -> float:
        """How long the server has said nothing of the objects, which is how old the copy may be.

        Infinite until it is listed; a kind that the cluster does not have is never stale.
        """
        if self.is_absent:
            return 0.0
        return float("inf") if self._heard_at is None else self._clock() - self._heard_at

    def forget(self) -> None:
        """Tell that all objects are gone: nobody keeps them any more."""
        gone, self.objects = self.objects, {}
        for it in gone.values():
            self._sink(it, None)
        self.begin_anew()

    def begin_anew(self) -> None:
        """Have the next `run` list everything; until then the copy is not as the server has it."""
        self._version = ""
        self._heard_at = None
        self.is_synced = False

    async def run(self) -> None:
        """Keep the copy until cancelled, or for as long as an optional kind exists."""
        wait = FIRST_WAIT_SECONDS
        while True:
            began = self._clock()
            try:
                if not self._version or self.staleness_seconds > LONGEST_RESUMED_SECONDS:
                    with self._listing():
                        await self._list()
                await self._watch()
                wait = FIRST_WAIT_SECONDS
                continue
            except (LiveFailure, httpx2.HTTPError, LineTooLong, msgspec.DecodeError) as error:
                is_unknown = isinstance(error, ApiRefused) and error.code == 404
                is_absent = self._is_optional and is_unknown
                if not is_absent or self.is_synced:  # one that was never there is no failure
                    self._note(error)
                if is_absent:
                    self.forget()
                    self.is_absent = True
                    return
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
        async with aclosing(pages(self._client, self._path, self._only)) as read:
            async for page in read:
                async for item in in_turns(page):
                    it = self._read(item)
                    if it is not None:
                        found[key_of(it)] = it
        for key, it in [*self.objects.items()]:
            other = found.get(key)
            if other is None or uid_of(other) != uid_of(it):
                del self.objects[key]
                self._sink(it, None)
        for key, it in found.items():
            known = self.objects.get(key)
            if not _is_same(known, it):  # a new list tells what changed, as a watch would have
                self.objects[key] = it
                self._sink(known, it)
        self._version = page.metadata.resource_version
        self._heard_at = self._clock()
        self.is_synced, self.is_absent = True, False

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
            LiveFailure: it ends the watch at once.
            ApiRefused: it refuses; with 410 what is known is too old to go on from.
        """
        query = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": self._version,
            "timeoutSeconds": str(int(WATCH_SECONDS * self._chance.uniform(1.0, 2.0))),
        } | self._only
        timeout = httpx2.Timeout(30, connect=10, read=SILENCE_SECONDS)
        async with self._client.stream(
            "GET", self._path, params=query, timeout=timeout
        ) as response:
            if response.status_code != 200:
                raise refusal(response.status_code, await response.aread(), response.headers)
            began = self._clock()
            is_silent = True
            async for line in lines(response.aiter_bytes()):
                if line:
                    is_silent = False
                    self._take(self._events.decode(line))
                    self._heard_at = self._clock()
        if is_silent and self._clock() - began < SHORTEST_WATCH_SECONDS:
            raise LiveFailure("the watch ended as soon as it began")

    def _take(self, event: WatchEvent) -> None:
        if event.type == "ERROR":
            status = msgspec.json.decode(event.object, type=ErrorObject)
            raise ApiRefused(status.code, status.reason, status.message)
        found = msgspec.json.decode(event.object, type=Versioned)
        self._version = found.metadata.resource_version or self._version
        if event.type == "BOOKMARK":
            return
        it = self._read(event.object)
        if it is None:
            return
        key = key_of(it)
        known = self.objects.get(key)
        if event.type == "DELETED":
            self.objects.pop(key, None)
            self._sink(known or it, None)
        else:
            if known is not None and uid_of(known) != uid_of(it):
                self._sink(known, None)  # deleted and made anew between two lists
                known = None
            self.objects[key] = it
            self._sink(known, it)


def key_of(it: Any) -> str:
    """Return where an object is, within its kind: `namespace/name`, or the name."""
    return str(it.key if hasattr(it, "key") else it.name)


def uid_of(it: Any) -> str:
    """Return what tells an object from others of its name, empty where nothing does."""
    return str(getattr(it, "uid", ""))


def _is_same(known: Any, it: Any) -> bool:
    """Whether a list tells nothing new of an object: by its version, where values bear one."""
    version = getattr(it, "resource_version", 0)
    if known is None or not version:
        return bool(known == it)
    return bool(known.resource_version == version and uid_of(known) == uid_of(it))
