"""The marker on an object that is smaller than it was: what it is to be again."""

from __future__ import annotations

from kingtide.controllers.downscaling import names
from kingtide.controllers.downscaling.size import UNPAUSED, Size, read_amount
from kingtide.kube.scalables import Scalable


class BadMarker(ValueError):
    """A marker that says nothing readable; the message says what to write."""


def marker_of(it: Scalable) -> Size | None:
    """Return what an object was before its downtime.

    None without a marker, and where it says that there was nothing.

    Raises:
        BadMarker: it cannot be read.
    """
    text = it.annotations.get(names.ORIGINAL_REPLICAS)
    if text is None:
        return None
    found = read_amount(text)
    is_percentage = found is not None and found.amount.endswith("%")
    if found is None or (is_percentage and it.kind != "PodDisruptionBudget"):
        raise BadMarker(
            f"{names.ORIGINAL_REPLICAS} is {text!r}, no number of replicas;"
            " write the number that it is to have, or remove the annotation"
        )
    if found.pods is None:
        is_known = is_percentage or (it.kind == "ScaledObject" and found.amount == UNPAUSED)
        return found if is_known else None
    return None if found.pods == 0 else found


def restored(it: Scalable, marker: Size) -> Size:
    """Return what an object becomes again: its marker, but for an HPA at most its maximum.

    The maximum may have been lowered meanwhile, and the API refuses a minimum above it.
    """
    if it.max_size is None or marker.pods is None or marker.pods <= it.max_size:
        return marker
    return Size(str(it.max_size), it.max_size)
