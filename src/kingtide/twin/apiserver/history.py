"""What happened to a resource's objects lately: where watches read on from.

A ring of so many changes. Every watch has a place in it of its own, so that a slow one costs
nothing and is told that it is too late once its place has been overwritten.
"""

from __future__ import annotations

import asyncio

from kingtide.twin.apiserver.entries import Entry
from kingtide.twin.apiserver.refusals import version_too_old

CAPACITY = 8_192
"""Changes kept a resource. A burst of 2,000 pods is about six changes a pod; etcd's five minutes at
25 changes a second. A change is two references: texts are made only for who watches."""

GATHER_SECONDS = 0.01
"""How long after a change watches are woken: what comes meanwhile goes out with it, in one packet
a watch. kube-apiserver's watch cache takes about as long from etcd to its watchers."""


class Change:
    """A write: what was there before and after, None for nothing."""

    __slots__ = ("_gone", "after", "before", "revision")

    def __init__(self, revision: int, before: Entry | None, after: Entry | None) -> None:
        self.revision = revision
        self.before = before
        self.after = after
        self._gone: Entry | None = None

    def gone(self) -> Entry:
        """Return what was there under this change's revision, as a watch tells of what went.

        Raises:
            ValueError: nothing was there.
        """
        if self.before is None:
            raise ValueError(f"nothing was there before {self.revision}")
        if self._gone is None:
            self._gone = self.before.at(self.revision)
        return self._gone


class History:
    """The last changes of one resource, in the order of their revisions, numbered from 0 on.

    `floor` is the oldest revision after which every change is known.
    """

    def __init__(self, revision: int, capacity: int = CAPACITY) -> None:
        self.floor = revision
        self._ring: list[Change | None] = [None] * capacity
        self._oldest = 0
        self.next_number = 0
        self._waiting: list[asyncio.Future[None]] = []
        self._waking: asyncio.TimerHandle | None = None

    def add(self, change: Change) -> None:
        """Add a change; every watch is woken for it, and for what else comes GATHER_SECONDS on."""
        capacity = len(self._ring)
        if self.next_number - self._oldest == capacity:
            self._forget_one()
        self._ring[self.next_number % capacity] = change
        self.next_number += 1
        if self._waiting and self._waking is None:
            loop = self._waiting[0].get_loop()
            self._waking = loop.call_later(GATHER_SECONDS, self.wake)

    def wake(self) -> None:
        """Wake every watch that waits for a change, now."""
        if self._waking is not None:
            self._waking.cancel()
            self._waking = None
        waiting, self._waiting = self._waiting, []
        for it in waiting:
            if not it.done():
                it.set_result(None)

    def compact(self, revision: int) -> None:
        """Forget every change up to a revision, as etcd's compaction does."""
        while self._oldest < self.next_number and self._at(self._oldest).revision <= revision:
            self._forget_one()
        self.floor = max(self.floor, revision)

    def number_after(self, revision: int) -> int:
        """Return the number of the first change after a revision.

        Raises:
            ApiRefusal: 410, such changes are forgotten.
        """
        if revision < self.floor:
            raise version_too_old(revision, self.floor)
        low, high = self._oldest, self.next_number
        while low < high:
            middle = (low + high) // 2
            if self._at(middle).revision <= revision:
                low = middle + 1
            else:
                high = middle
        return low

    def since(self, number: int, at_most: int) -> list[Change]:
        """Return changes from a number on.

        Raises:
            ApiRefusal: 410, the first of them is forgotten.
        """
        if number < self._oldest:
            raise version_too_old(number, self.floor)
        end = min(self.next_number, number + at_most)
        return [self._at(it) for it in range(number, end)]

    async def wait(self, number: int, timeout_seconds: float) -> None:
        """Return when there is a change of this number, on `wake`, or after the time."""
        if number < self.next_number or timeout_seconds <= 0:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            await asyncio.wait((waiter,), timeout=timeout_seconds)
        finally:
            if not waiter.done():
                waiter.cancel()
                self._waiting = [it for it in self._waiting if it is not waiter]

    def _at(self, number: int) -> Change:
        change = self._ring[number % len(self._ring)]
        assert change is not None, number
        return change

    def _forget_one(self) -> None:
        place = self._oldest % len(self._ring)
        self.floor = max(self.floor, self._at(self._oldest).revision)
        self._ring[place] = None
        self._oldest += 1
