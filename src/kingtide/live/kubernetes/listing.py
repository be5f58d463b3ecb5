"""Lists all objects of a kind, page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx2
import msgspec

from kingtide.kube.wire.kinds import ApiKind
from kingtide.live.kubernetes.failures import LiveFailure, refusal
from kingtide.live.kubernetes.wire import Page

PAGE = 1_000
"""Objects a page: 4 MB of pods, which is what a server hands out without a pause. client-go takes
500."""


async def pages(
    client: httpx2.AsyncClient, path: str, query: Mapping[str, str]
) -> AsyncIterator[Page]:
    """Yield the pages of a list.

    Raises:
        LiveFailure: the server refuses, or cannot be reached.
    """
    after = ""
    while True:
        more = {"limit": str(PAGE), **({"continue": after} if after else {}), **query}
        response = await client.get(path, params=more)
        if response.status_code != 200:
            raise refusal(response.status_code, response.content, response.headers)
        page = msgspec.json.decode(response.content, type=Page)
        yield page
        after = page.metadata.continue_
        if not after:
            return


async def listed(client: httpx2.AsyncClient, kind: ApiKind) -> tuple[tuple[Any, ...], int]:
    """Return all objects of a kind, once, and how many more there are that cannot be read.

    Raises:
        LiveFailure: the server refuses, cannot be reached, or answers with something else.
    """
    found: list[Any] = []
    unreadable = 0
    try:
        async for page in pages(client, kind.path(), {}):
            for item in page.items or ():
                try:
                    found.append(kind.read(item))
                except ValueError:
                    unreadable += 1
    except (httpx2.HTTPError, msgspec.DecodeError) as error:
        raise LiveFailure(f"{kind.plural} cannot be listed ({error})") from error
    return tuple(found), unreadable
