"""Lists in pages: all pages of one list show one moment, and are forgotten after a while."""

from __future__ import annotations

import base64
from collections import OrderedDict
from collections.abc import Sequence

import msgspec

from kingtide.twin.apiserver.entries import Entry
from kingtide.twin.apiserver.refusals import bad_request, expired

MAX_OPEN_LISTS = 64
"""Lists that somebody reads in pages at once; each is references alone, 80 kB for 10,000 objects. A
fleet's controllers list a dozen kinds when they start."""


class _Token(msgspec.Struct):
    number: int
    start: int


class Pages:
    """Remembers the rest of lists that were begun, the latest MAX_OPEN_LISTS of them."""

    def __init__(self, most: int = MAX_OPEN_LISTS) -> None:
        self._most = most
        self._lists: OrderedDict[int, tuple[int, Sequence[Entry]]] = OrderedDict()
        self._next_number = 0

    def begin(self, revision: int, entries: Sequence[Entry], limit: int) -> tuple[str, int]:
        """Return the token of what comes after the first page, and how many objects that is."""
        number = self._next_number
        self._next_number += 1
        self._lists[number] = (revision, entries)
        while len(self._lists) > self._most:
            self._lists.popitem(last=False)
        return _written(number, limit), len(entries) - limit

    def go_on(self, token: str, limit: int) -> tuple[int, Sequence[Entry], str, int]:
        """Return a page: its list's revision, its objects, the next token, how many are left.

        The token is empty at the end.

        Raises:
            ApiRefusal: 400, it is no token; 410, its list is forgotten.
        """
        it = _read(token)
        found = self._lists.get(it.number)
        if found is None or not 0 < it.start < len(found[1]):
            raise expired(
                "The provided continue parameter is too old to display a consistent list result. "
                "You must start a new list without the continue parameter."
            )
        revision, entries = found
        end = it.start + limit if limit else len(entries)
        page = entries[it.start : end]
        if end >= len(entries):
            del self._lists[it.number]
            return revision, page, "", 0
        self._lists.move_to_end(it.number)
        return revision, page, _written(it.number, end), len(entries) - end

    def forget(self) -> None:
        """Forget every list, as a compaction does."""
        self._lists.clear()


def _written(number: int, start: int) -> str:
    text = msgspec.json.encode(_Token(number, start))
    return base64.urlsafe_b64encode(text).decode()


def _read(token: str) -> _Token:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(token.encode()), type=_Token)
    except ValueError as error:
        raise bad_request("continue key is not valid") from error
