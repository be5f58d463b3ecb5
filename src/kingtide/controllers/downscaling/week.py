"""What a timetable makes of a workload from one instant to another: stretches up and down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from kingtide.controllers.downscaling.wish import Asking, State
from kingtide.controllers.downscaling.words import words_of
from kingtide.kube.scalables import Scalable

MAX_LOOKS = 5_000
"""Changes looked at for one workload; a timetable that changes every quarter of an hour has some
seven hundred in a week."""
LOOK_BACK_MS = 8 * 24 * 3_600_000
"""Periods say only when something is done: what they did in the week before holds at the start."""


class Stretch(msgspec.Struct, frozen=True, gc=False):
    """From an instant to another (excluded), and by whose word it is so."""

    from_ms: int
    until_ms: int
    state: Literal["up", "down"]
    why: str


def stretches(
    it: Scalable,
    namespace: Mapping[str, str] | None,
    asking: Asking,
    until_ms: int,
) -> tuple[Stretch, ...]:
    """Return a workload's stretches from `asking.at_ms` on; neighbours are in different states.

    Raises:
        BadWord: a time specification that decides cannot be read.
    """
    from_ms = asking.at_ms
    words = words_of(it, namespace, asking.policy)
    found: list[Stretch] = []
    state: Literal["up", "down"] = "up"
    at_ms = from_ms - LOOK_BACK_MS
    for _ in range(MAX_LOOKS):
        if at_ms >= until_ms:
            break
        wish = asking.at(at_ms).wish(words)
        state = _kept(wish.state, state)
        after_ms = until_ms if wish.until_ms is None else min(wish.until_ms, until_ms)
        if after_ms > from_ms:
            _append(found, Stretch(max(at_ms, from_ms), after_ms, state, wish.why))
        at_ms = after_ms
    return tuple(found)


def _kept(wished: State, before: Literal["up", "down"]) -> Literal["up", "down"]:
    return before if wished == "leave" else wished


def _append(found: list[Stretch], stretch: Stretch) -> None:
    if found and found[-1].state == stretch.state:
        found[-1] = msgspec.structs.replace(found[-1], until_ms=stretch.until_ms)
    else:
        found.append(stretch)
