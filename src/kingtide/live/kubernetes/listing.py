"""Lists all objects of a kind, page by page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

import httpx2
import msgspec

from kingtide.kube.wire.kinds import ApiKind
from kingtide.live.kubernetes.failures import LiveFailure, refusal
from kingtide.live.kubernetes.wire import Page

PAGE = 1_000
"""Objects a page: 4 MB of pods, which is what a server hands out without a pause. client-go takes
500."""

AT_A_TIME = 100
"""Objects that are read before anything else in the process has its turn: a few milliseconds."""


async def pages(
    client: httpx2.AsyncClient, path: str, query: Mapping[str, str]
) -> AsyncGenerator[Page, None]:
    """Yield the pages of a list; while one is read the next is fetched.

    Who does not read on to the end closes it.

    Raises:
        LiveFailure: the server refuses, or cannot be reached.
    """
    coming = asyncio.ensure_future(_page(client, path, query, ""))
    try:
        while True:
            page = await coming
            after = page.metadata.continue_
            if not after:
                yield page
                return
            coming = asyncio.ensure_future(_page(client, path, query, after))
            yield page
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)


async def _page(
    client: httpx2.AsyncClient, path: str, query: Mapping[str, str], after: str
) -> Page:
    more = {"limit": str(PAGE), **({"continue": after} if after else {}), **query}
    response = await client.get(path, params=more)
    if response.status_code != 200:
        raise refusal(response.status_code, response.content, response.headers)
    return msgspec.json.decode(response.content, type=Page)


async def in_turns(page: Page) -> AsyncIterator[msgspec.Raw]:
    """Yield the objects of a page; now and then the rest of the process has its turn."""
    for number, item in enumerate(page.items or ()):
        if number % AT_A_TIME == 0:
            await asyncio.sleep(0)
        yield item


async def listed(client: httpx2.AsyncClient, kind: ApiKind) -> tuple[tuple[Any, ...], int]:
    """Return all objects of a kind, once, and how many more there are that cannot be read.

    Raises:
        LiveFailure: the server refuses, cannot be reached, or answers with something else.
    """
    found: list[Any] = []
    unreadable = 0
    try:
        async with aclosing(pages(client, kind.path(), {})) as read:
            async for page in read:
                async for item in in_turns(page):
                    try:
                        found.append(kind.read(item))
                    except ValueError:
                        unreadable += 1
    except (httpx2.HTTPError, msgspec.DecodeError) as error:
        raise LiveFailure(f"{kind.plural} cannot be listed ({error})") from error
    return tuple(found), unreadable
