"""How big an object is, whatever its kind: what its marker would say, and in whole pods."""

from __future__ import annotations

import re

import msgspec

from kingtide.controllers.downscaling import names
from kingtide.kube.scalables import Scalable

UNPAUSED = "-1"
"""What the marker of a ScaledObject says that was not paused."""

_NUMBER = re.compile(r"[+-]?[0-9]{1,10}", re.ASCII)
_PERCENTAGE = re.compile(r"[0-9]{1,10}%", re.ASCII)

ON_OFF_KINDS = ("CronJob", "Job", "DaemonSet")
"""Kinds that are on or off: their size is 1 or 0."""


class Size(msgspec.Struct, frozen=True, gc=False):
    """A size; `amount` as a marker says it (`3`, `50%`, `-1`), `pods` None where no number is."""

    amount: str
    pods: int | None

    def is_above(self, pods: int) -> bool:
        """Return whether there is something to make smaller."""
        return self.pods is None or self.pods > max(pods, 0)


class Unsized(ValueError):
    """An object without the field that sizes it; the message names it."""


def size_of(it: Scalable, *, is_compatible: bool) -> Size:
    """Return an object's size; a field that is not written has the API's default.

    In a compatible dialect it has none.

    Raises:
        Unsized: the object has no size.
    """
    match it.kind:
        case "DaemonSet":
            return _whole(0 if (names.PARKED, "true") in it.node_selector else 1)
        case "CronJob" | "Job":
            if it.suspended is None and is_compatible:
                raise Unsized("it has no suspend")
            return _whole(0 if it.suspended else 1)
        case "PodDisruptionBudget":
            return _budget(it)
        case "ScaledObject":
            return _paused(it)
    if it.size is not None:
        return _whole(it.size)
    if is_compatible:
        raise Unsized("it has no number of replicas")
    return _whole(0 if it.kind == "AutoscalingRunnerSet" else 1)


def read_amount(text: str) -> Size | None:
    """Return what a marker says, None for a text that is none."""
    stripped = text.strip()
    if _NUMBER.fullmatch(stripped) is not None:
        pods = int(stripped)
        return Size(str(pods), None if pods < 0 else pods)
    if _PERCENTAGE.fullmatch(stripped) is not None:
        return _percentage(stripped)
    return None


def _budget(it: Scalable) -> Size:
    text = it.min_available if it.min_available is not None else it.max_unavailable
    found = None if text is None else read_amount(text)
    if found is None:
        raise Unsized("it has neither minAvailable nor maxUnavailable")
    return found


def _paused(it: Scalable) -> Size:
    text = it.annotations.get(names.KEDA_PAUSED_REPLICAS)
    if text is None:
        return Size(UNPAUSED, None)
    found = read_amount(text)
    if found is None or found.pods is None:
        raise Unsized(f"{names.KEDA_PAUSED_REPLICAS} is {text!r}, no number")
    return found


def _whole(pods: int) -> Size:
    return Size(str(pods), pods)


def _percentage(text: str) -> Size:
    return Size(text, 0 if int(text[:-1]) == 0 else None)
