"""Read, decide, write: again, when somebody wrote in between.

A precondition on several fields (a claim depends on two annotations) holds only if nothing of the
object changed between reading and writing. The API server has one compare-and-set for that, the
resourceVersion; it refuses with 409 (apply, merge patch) or 422 (a test of a JSON patch). Then the
object is read anew and the rule decides on what is there: it may find its precondition failed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from kingtide.control.outcome import DONE, Answer
from kingtide.live.kubernetes.failures import ApiRefused
from kingtide.live.kubernetes.performing.api import FIELD_MANAGER, Api, Media

TRIES = 3
"""A node or workload changes every few seconds at most; three misses in a row are no chance."""
GONE = 404
CHANGED = (404, 409, 422)
"""Answers that may mean: it is no longer what was read. A test that failed and an object that would
be invalid are both 422; what is read next tells which."""


class Write(msgspec.Struct, frozen=True):
    """A patch to make: its body, its media type, and on whose behalf fields are set."""

    body: Any
    media: Media = "application/json-patch+json"
    manager: str = FIELD_MANAGER
    force: bool = False
    """Of an apply alone: take the field from whoever has it."""


Decide = Callable[[bytes | None], Write | Answer]
"""Given an object's text, None where there is none: what to write, or the answer without."""


async def compare_and_set(api: Api, path: str, decide: Decide) -> Answer:
    """Do what a rule decides on the object at a path, as it is at that moment.

    Raises:
        LiveFailure, TimeoutError, httpx2.HTTPError: as reading and writing do; 409 or 422 where
            others write faster than we.
        ValueError: the object cannot be read.
    """
    for left in reversed(range(TRIES)):
        decided = decide(await _object(api, path))
        if isinstance(decided, Answer):
            return decided
        params = {"fieldManager": decided.manager} | ({"force": "true"} if decided.force else {})
        try:
            await api.write("PATCH", path, decided.body, decided.media, params)
        except ApiRefused as error:
            if error.code not in CHANGED or not left:
                raise
        else:
            break
    return DONE


async def _object(api: Api, path: str) -> bytes | None:
    try:
        return await api.read(path)
    except ApiRefused as error:
        if error.code == GONE:
            return None
        raise
