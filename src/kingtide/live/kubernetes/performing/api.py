"""Reads and writes of single objects, each bounded in time, writes in number, and by the lease."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal

import httpx2
import msgspec

from kingtide.live.kubernetes.failures import NotLeader, refusal
from kingtide.live.kubernetes.performing.write_rate import WriteRate

CALL_SECONDS = 5
"""Of one call. A lease is given up 10 s after it was last renewed and taken by another after 15 s:
a call that was begun in time has ended by then, whatever became of it."""
FIELD_MANAGER = "kingtide"
"""Who a patched field is said to be of, in an object's managedFields."""

Media = Literal[
    "application/json",
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/apply-patch+yaml",
]


class Api:
    """One cluster's API; nothing is written unless `may_write` says so, at the last moment.

    Each write is made within `writing()`, entered before `may_write` is asked.
    """

    def __init__(
        self,
        client: httpx2.AsyncClient,
        rate: WriteRate,
        may_write: Callable[[], bool] = lambda: True,
        call_seconds: float = CALL_SECONDS,
        writing: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._client = client
        self._rate = rate
        self._may_write = may_write
        self._call_seconds = call_seconds
        self._writing = writing

    async def read(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        """Return the body of an object or a list.

        Raises:
            ApiRefused: the server says no.
            TimeoutError: it says nothing in time.
            httpx2.HTTPError: the connection breaks.
        """
        return await self._call("GET", path, None, "application/json", params)

    async def write(
        self,
        method: Literal["POST", "PATCH", "DELETE"],
        path: str,
        body: Any,
        media: Media = "application/json",
        params: Mapping[str, str] | None = None,
    ) -> bytes:
        """Write, and return what the server answers.

        Raises:
            NotLeader, TooManyWrites: nothing was sent.
            ApiRefused: the server says no.
            TimeoutError: it says nothing in time, and nobody knows whether it was done.
            httpx2.HTTPError: the connection breaks, and nobody knows either.
        """
        await self._rate.take()
        content = msgspec.json.encode(body)
        with self._writing():
            if not self._may_write():
                raise NotLeader("another process may lead by now")
            return await self._call(method, path, content, media, params)

    async def _call(
        self,
        method: str,
        path: str,
        content: bytes | None,
        media: Media,
        params: Mapping[str, str] | None,
    ) -> bytes:
        headers = {} if content is None else {"Content-Type": media}
        async with asyncio.timeout(self._call_seconds):
            response = await self._client.request(
                method, path, content=content, headers=headers, params=params
            )
        if response.status_code >= 300:
            raise refusal(response.status_code, response.content, response.headers)
        return response.content
