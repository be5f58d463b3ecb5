"""JSON Pointers (RFC 6901): which value of a document an operation is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

Json = Any
"""None, a boolean, a number, a text, a list of such, or a dict of such by text."""

_INDEX = re.compile("0|[1-9][0-9]{0,8}")
"""RFC 6901, section 4: no leading zero. No list of ours has a billion items."""
_ESCAPED = re.compile("~(?![01])")

END = "-"
"""The place behind a list's last item."""


class PatchFailed(ValueError):
    """An operation that cannot be done; the message says what is wrong, `instead` what helps.

    Where a field is `missing`, `among` has the names that stand there.
    """

    def __init__(
        self, wrong: str, instead: str = "", missing: str = "", among: tuple[str, ...] = ()
    ) -> None:
        super().__init__(wrong)
        self.instead = instead
        self.missing = missing
        self.among = among


def no_such_field(step: str, fields: Mapping[str, Json]) -> PatchFailed:
    """Return what is to be raised where a field is missing."""
    return PatchFailed(f"there is no {step!r}", missing=step, among=tuple(fields))


def steps_of(pointer: str) -> tuple[str, ...]:
    """Return the steps of a pointer, none for the whole document.

    Raises:
        PatchFailed: it is no pointer.
    """
    if pointer and not pointer.startswith("/"):
        raise PatchFailed(f"{pointer!r} is not a path", f"write {'/' + pointer!r}")
    if _ESCAPED.search(pointer):
        raise PatchFailed(f"{pointer!r} holds a ~ by itself", "write ~0 for ~, and ~1 for /")
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


def pointer_of(steps: Iterable[str | int]) -> str:
    """Return the pointer that leads where steps do."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def value_at(document: Json, steps: tuple[str, ...]) -> Json:
    """Return the value that steps lead to.

    Raises:
        PatchFailed: they lead nowhere.
    """
    value = document
    for step in steps:
        value = _child(value, step)
    return value


def index_of(items: list[Json], step: str, *, end: bool = False) -> int:
    """Return a list's position; `end` allows the one behind its last item.

    Raises:
        PatchFailed: the list has no such position.
    """
    if end and step == END:
        return len(items)
    if not _INDEX.fullmatch(step) or int(step) >= len(items) + end:
        advice = "write a smaller number" if items else "the list is empty"
        raise PatchFailed(f"a list of {len(items)} has no item {step!r}", advice)
    return int(step)


def _child(value: Json, step: str) -> Json:
    if isinstance(value, list):
        return value[index_of(value, step)]
    if isinstance(value, dict):
        if step not in value:
            raise no_such_field(step, value)
        return value[step]
    raise PatchFailed(f"nothing stands below a single value, and so no {step!r}")
