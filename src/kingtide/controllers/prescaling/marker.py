"""What prescaling writes on an HPA beside `minReplicas`, in the same patch: enough to go on from.

`kingtide.dev/prescaled-min-replicas` holds what the floor was (empty: it was not written), which
others read too: whoever scales down leaves such an object alone. `kingtide.dev/prescaled` holds the
baseline that the event multiplies and the floor that we wrote last: a multiple must never be
taken of what was multiplied already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec

ORIGINAL = "kingtide.dev/prescaled-min-replicas"
PROGRESS = "kingtide.dev/prescaled"


class Marker(msgspec.Struct, frozen=True, gc=False):
    """`original` None is as unwritten, for which the API takes 1."""

    original: int | None
    baseline: int
    floor: int


_Replicas = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
"""What the API takes (int32); a mark with anything else was spoilt."""


class _Progress(msgspec.Struct, frozen=True, gc=False):
    baseline: _Replicas
    floor: _Replicas


def read_marker(annotations: Mapping[str, str], size: int | None) -> Marker | None:
    """Return an object's marker, None where it bears none.

    With the original alone (somebody took off the other) the present floor is the baseline.
    """
    text = annotations.get(ORIGINAL)
    if text is None:
        return None
    original = int(text) if text.isdecimal() and len(text) < 10 else None
    floor = 1 if size is None else size
    try:
        progress = msgspec.json.decode(annotations.get(PROGRESS, ""), type=_Progress)
    except (msgspec.DecodeError, UnicodeEncodeError):
        progress = _Progress(baseline=floor, floor=floor)
    return Marker(original, progress.baseline, progress.floor)


def annotations_of(marker: Marker | None) -> tuple[tuple[str, str | None], ...]:
    """Return the annotations to write, None: to take off."""
    if marker is None:
        return ((ORIGINAL, None), (PROGRESS, None))
    progress = _Progress(baseline=marker.baseline, floor=marker.floor)
    return (
        (ORIGINAL, "" if marker.original is None else str(marker.original)),
        (PROGRESS, msgspec.json.encode(progress).decode()),
    )
