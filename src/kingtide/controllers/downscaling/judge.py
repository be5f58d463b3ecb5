"""One workload looked at: who decides about it, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.controllers.downscaling import compatible, names, smaller
from kingtide.controllers.downscaling.grace import NoBirth
from kingtide.controllers.downscaling.marker import BadMarker, marker_of
from kingtide.controllers.downscaling.size import Unsized, read_amount, size_of
from kingtide.controllers.downscaling.step import Case, Step
from kingtide.controllers.downscaling.wish import Asking, BadWord, Wish
from kingtide.controllers.downscaling.words import Words, words_of
from kingtide.kube.scalables import Scalable

UNREADABLE_AGAIN_MS = 3_600_000
"""A compatible reader refuses a part only when it comes to it, and so may read it another time."""


class Judgement(msgspec.Struct, frozen=True):
    """A step, and what its annotations say that nobody can read."""

    step: Step
    ignored: tuple[str, ...] = ()


def judge(
    it: Scalable,
    namespace: Mapping[str, str] | None,
    asking: Asking,
    autoscaler: Scalable | None = None,
) -> Judgement:
    """Return what becomes of a workload; `namespace` are its namespace's annotations, if any.

    `autoscaler` is the HPA that scales it, None without one.
    """
    for held in (it, autoscaler):
        if held is not None and names.PRESCALED in held.annotations:
            return Judgement(Step("noticed", "Prescaled", {"floor_of": held.name}))
    words = words_of(it, namespace, asking.policy)
    try:
        wish = asking.wish(words)
    except BadWord as error:
        refused = _refused(error, asking.at_ms + UNREADABLE_AGAIN_MS)
        return Judgement(refused, tuple(words.ignored))
    try:
        step = _step(it, words, wish, asking, autoscaler)
    except (BadWord, BadMarker, Unsized, NoBirth) as error:
        step = _refused(error, None)
    again_ms = step.again_ms
    if wish.until_ms is not None and (again_ms is None or wish.until_ms < again_ms):
        again_ms = wish.until_ms
    return Judgement(msgspec.structs.replace(step, again_ms=again_ms), tuple(words.ignored))


def _refused(error: ValueError, again_ms: int | None) -> Step:
    return Step("refused", type(error).__name__, {"detail": str(error)}, again_ms=again_ms)


def _step(
    it: Scalable, words: Words, wish: Wish, asking: Asking, autoscaler: Scalable | None
) -> Step:
    is_compatible = asking.book.dialect.is_compatible
    case = Case(
        it=it,
        words=words,
        wish=wish,
        size=size_of(it, is_compatible=is_compatible),
        marker=marker_of(it),
        # What brings it up again need not be able to read how far down it was to go.
        downtime_pods=downtime_pods(words) if is_compatible or wish.state == "down" else 0,
        policy=asking.policy,
        at_ms=asking.at_ms,
        autoscaler=autoscaler,
    )
    if wish.state == "leave":
        return Step("noticed", "LeftAlone", {"why": wish.why})
    if wish.state == "down":
        step = compatible.bring_down(case) if is_compatible else smaller.bring_down(case)
    else:
        step = compatible.bring_up(case) if is_compatible else smaller.bring_up(case)
    if step.action is None and wish.word and step.code in ("Up", "Down"):
        return Step("noticed", wish.word, {"why": wish.why, "state": wish.state})
    return step


def downtime_pods(words: Words) -> int:
    """Return how many pods stay while a workload is down.

    Raises:
        BadWord: what stands written is no number.
    """
    written = words.downtime_replicas
    found = read_amount(written.text)
    if found is None or found.pods is None or found.amount.endswith("%"):
        key = f"{names.DOWNTIME_REPLICAS} ({written.where})"
        raise BadWord(f"{key}: {written.text!r} is no number of replicas; write for example 0")
    return found.pods
