"""Lists and watch events as they come over the connection."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Literal

import msgspec

MAX_LINE_BYTES = 16_000_000
"""Of one watch event. etcd takes objects of 1.5 MB by default; what is beyond ten times that is no
object but a fault."""


class ListMetadata(msgspec.Struct, rename="camel"):
    """Where a list stands."""

    resource_version: str = ""
    continue_: str = msgspec.field(name="continue", default="")


class Page(msgspec.Struct, rename="camel"):
    """One page of a list; its items are read one by one, so that one that is spoilt spoils none."""

    metadata: ListMetadata = msgspec.field(default_factory=ListMetadata)
    items: list[msgspec.Raw] | None = None


class WatchEvent(msgspec.Struct):
    """One event of a watch."""

    type: Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]
    object: msgspec.Raw


class ErrorObject(msgspec.Struct, rename="camel"):
    """What an ERROR event holds."""

    code: int = 0
    reason: str = ""
    message: str = ""


class _BookmarkMetadata(msgspec.Struct, rename="camel"):
    resource_version: str = ""


class Versioned(msgspec.Struct):
    """Any object, by its version alone."""

    metadata: _BookmarkMetadata = msgspec.field(default_factory=_BookmarkMetadata)


class LineTooLong(Exception):
    """A watch sent more than MAX_LINE_BYTES without an end of line."""


async def lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the lines of a stream, without their ends.

    Raises:
        LineTooLong: one is longer than an object can be.
    """
    rest: list[bytes] = []
    length = 0
    async for chunk in chunks:
        *whole, last = chunk.split(b"\n")
        for line in whole:
            yield b"".join((*rest, line)) if rest else line
            rest, length = [], 0
        if last:
            rest.append(last)
            length += len(last)
            if length > MAX_LINE_BYTES:
                raise LineTooLong
