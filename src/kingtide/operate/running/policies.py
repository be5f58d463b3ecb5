"""The fleet's files while a process runs: read again when they change, taken over when valid.

An editor, a `git pull` or a mounted ConfigMap changes several files at different moments; what is
seen changed is read once it stands still.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.operate.running.asked import Asked, NotAsked, Wanted, fingerprint, read_asked

POLL_SECONDS = 1.0
"""A kubelet brings a changed ConfigMap within a minute or two; a second is for people who edit.
A look costs a stat a file, in a thread of its own: 15 ms for 2,000 files, the most there are."""


class Invalid(msgspec.Struct, frozen=True):
    """Why the files are not taken over: a line each, located where a file is wrong."""

    why: tuple[str, ...]


Reading = Asked | Invalid


class PolicyFiles:
    """Watches a fleet's files; `take` returns what was read since it was last asked.

    Args:
        asked: What runs; a cluster of another name or region cannot be taken over.
    """

    def __init__(
        self,
        wanted: Wanted,
        asked: Asked,
        poll_seconds: float = POLL_SECONDS,
        arrived: Callable[[], None] = lambda: None,
    ) -> None:
        self._wanted = wanted
        self._first = asked
        self._poll_seconds = poll_seconds
        self._arrived = arrived
        self._read_at = asked.files
        self._seen = self._read_at
        self._news: Reading | None = None

    def take(self) -> Reading | None:
        """Return the newest reading, once; None where nothing has changed."""
        found, self._news = self._news, None
        return found

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(self._poll_seconds)
            await self.look()

    async def look(self) -> None:
        """Read the files if they have changed and stand still."""
        seen = await asyncio.to_thread(fingerprint, self._wanted.folder)
        stands_still, self._seen = seen == self._seen, seen
        if stands_still and seen != self._read_at:
            self._news = await asyncio.to_thread(self._reading)
            self._read_at = seen
            self._arrived()

    def _reading(self) -> Reading:
        try:
            asked = read_asked(self._wanted)
        except Mistakes as error:
            return Invalid(tuple(str(error).splitlines()))
        except NotAsked as error:
            return Invalid((f"{error}; {error.hint}" if error.hint else str(error),))
        except OSError as error:
            return Invalid((f"{error.filename}: {error.strerror}",))
        for what, now, before in (
            ("name", asked.cluster.full_name, self._first.cluster.full_name),
            ("region", asked.cluster.spec.region, self._first.cluster.spec.region),
        ):
            if now != before:
                return Invalid(
                    (f"the cluster's {what} is {now} and was {before}; start the process anew",)
                )
        return asked
