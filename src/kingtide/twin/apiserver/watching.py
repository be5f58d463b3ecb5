"""Watches: every change of a resource from a revision on, as lines, for as long as somebody reads.

Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
(v1.36).
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable

import msgspec

from kingtide.twin.apiserver.entries import Entry
from kingtide.twin.apiserver.history import Change, History
from kingtide.twin.apiserver.objects import Objects
from kingtide.twin.apiserver.options import (
    DEFAULT_TIMEOUT_SECONDS,
    MAX_TIMEOUT_SECONDS,
    ReadOptions,
)
from kingtide.twin.apiserver.paths import Target
from kingtide.twin.apiserver.presenting import Presenter
from kingtide.twin.apiserver.reading import selection
from kingtide.twin.apiserver.refusals import ApiRefusal, expired
from kingtide.twin.apiserver.selecting import Selection

MAX_WATCHES = 1_000
"""Watches at once: fifty clients that watch twenty kinds each."""
CHANGES_AT_ONCE = 500
"""Changes written before the connection is asked whether it keeps up: a megabyte of pods."""
BOOKMARK_SECONDS = 60.0
INITIAL_EVENTS_END = {"k8s.io/initial-events-end": "true"}

Clock = Callable[[], float]


class Watches:
    """Every watch that is open; `close` ends them all."""

    def __init__(self, objects: Objects, clock: Clock = time.monotonic) -> None:
        self.open = 0
        self.is_closing = False
        self._objects = objects
        self._clock = clock

    def close(self) -> None:
        """End every watch."""
        self.is_closing = True
        for resource in self._objects.resources:
            self._objects.table(resource).history.wake()

    def check_room(self) -> None:
        """Refuse another watch where there are MAX_WATCHES.

        Raises:
            ApiRefusal: 429.
        """
        if self.open >= MAX_WATCHES:
            message = f"{MAX_WATCHES} watches are open; please try again later"
            raise ApiRefusal(429, "TooManyRequests", message, headers={"Retry-After": "1"})

    def watch(self, target: Target, options: ReadOptions, presenter: Presenter) -> Watch:
        """Return a watch as a request asks for it; nothing is lost from here on.

        Raises:
            ApiRefusal: 400, a selector is none.
        """
        table = self._objects.table(target.resource)
        wanted = selection(target, options)
        first: list[Entry] | None = None
        if not options.revision or options.wants_initial_events:
            first = [it for it in table.ordered() if wanted.selects(it)]
        return Watch(self, self._objects, table.history, wanted, options, presenter, first)

    def now(self) -> float:
        """Return the time that watches last by, in seconds."""
        return self._clock()


class Watch:
    """One watch; `lines` is what is sent. `first` are objects told at its start, None for none."""

    def __init__(
        self,
        watches: Watches,
        objects: Objects,
        history: History,
        wanted: Selection,
        options: ReadOptions,
        presenter: Presenter,
        first: list[Entry] | None,
    ) -> None:
        self._watches = watches
        self._objects = objects
        self._history = history
        self._wanted = wanted
        self._options = options
        self._presenter = presenter
        self._first = first
        self._revision = objects.revision
        self._number = history.next_number
        timeout = options.timeout_seconds or DEFAULT_TIMEOUT_SECONDS
        self._ends_at = watches.now() + min(timeout, MAX_TIMEOUT_SECONDS)

    async def lines(self) -> AsyncIterator[bytes]:
        """Yield events, many lines at once where many are due."""
        self._watches.open += 1
        try:
            for chunk in self._begin():
                yield chunk
            async for chunk in self._follow():
                yield chunk
        except ApiRefusal as refusal:
            yield _line(b"ERROR", msgspec.json.encode(refusal.body()))
        finally:
            self._watches.open -= 1

    def _begin(self) -> list[bytes]:
        if self._first is not None:
            one = self._presenter.one
            lines = [_line(b"ADDED", one(it)) for it in self._first]
            self._first = None
            if self._options.wants_initial_events:
                end = self._presenter.bookmark(self._revision, INITIAL_EVENTS_END)
                lines.append(_line(b"BOOKMARK", end))
            at_once = range(0, len(lines), CHANGES_AT_ONCE)
            return [b"".join(lines[it : it + CHANGES_AT_ONCE]) for it in at_once]
        asked = self._options.revision or 0
        if asked > self._revision:
            # Of a server that ran before this one: nothing of what its clients know holds here.
            raise expired(f"too large resource version: {asked}, current: {self._revision}")
        self._number = self._history.number_after(asked)
        return [b""]

    async def _follow(self) -> AsyncIterator[bytes]:
        watches, history = self._watches, self._history
        marks_at = watches.now() + BOOKMARK_SECONDS
        while True:
            changes = history.since(self._number, CHANGES_AT_ONCE)
            if changes:
                self._number += len(changes)
                lines = [line for it in changes for line in self._told(it)]
                if lines:
                    yield b"".join(lines)
                continue
            now = watches.now()
            is_over = now >= self._ends_at or watches.is_closing
            if self._options.wants_bookmarks and (is_over or now >= marks_at):
                marks_at = now + BOOKMARK_SECONDS
                yield _line(b"BOOKMARK", self._presenter.bookmark(self._objects.revision))
            if is_over:
                return
            await history.wait(self._number, min(self._ends_at, marks_at) - now)

    def _told(self, change: Change) -> tuple[bytes, ...]:
        """Return the line of a change; what leaves a selection is deleted for its watchers."""
        wanted, before, after = self._wanted, change.before, change.after
        was = before is not None and wanted.selects(before)
        if after is None or not wanted.selects(after):
            return (_line(b"DELETED", self._presenter.one(change.gone())),) if was else ()
        if before is not None and before.uid != after.uid and was:
            gone = _line(b"DELETED", self._presenter.one(change.gone()))
            return (gone, _line(b"ADDED", self._presenter.one(after)))
        return (_line(b"MODIFIED" if was else b"ADDED", self._presenter.one(after)),)


def _line(kind: bytes, body: bytes) -> bytes:
    return b"".join((b'{"type":"', kind, b'","object":', body, b"}\n"))
