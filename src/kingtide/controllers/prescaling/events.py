"""Which events an HPA has: those it bears by annotation, and those of the policy's calendar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kingtide.controllers.prescaling.marker import ORIGINAL
from kingtide.controllers.prescaling.timetable import (
    Event,
    Occurrence,
    occurrences,
    parse_timetable,
)
from kingtide.fleet.policies.prescaling import PrescalingPolicy
from kingtide.kube.scalables import Scalable

PRESCALE = "kingtide.dev/prescale"
"""Annotation of an HPA: its events."""

BASELINE = "kingtide.dev/prescale-baseline"
"""Annotation of an HPA: the replicas that `xN` multiplies, instead of those that there are."""


def is_concerned(it: Scalable, calendar: Iterable[Event]) -> bool:
    """Return whether an object is an HPA with events, or one that still bears our marker."""
    if it.kind != "HorizontalPodAutoscaler":
        return False
    if PRESCALE in it.annotations or ORIGINAL in it.annotations:
        return True
    return any(event.is_about(it.namespace, it.name) for event in calendar)


def events_of(it: Scalable, calendar: Iterable[Event]) -> tuple[Event, ...]:
    """Return the events of an HPA.

    Raises:
        TimetableError: its annotation cannot be read.
    """
    own: Sequence[Event] = ()
    if PRESCALE in it.annotations:
        own = parse_timetable(it.annotations[PRESCALE])
    return (*own, *(event for event in calendar if event.is_about(it.namespace, it.name)))


def near(events: Iterable[Event], policy: PrescalingPolicy, now_ms: int) -> list[Occurrence]:
    """Return the occurrences that may have a say in the floor now or before the next look."""
    before_ms = 1000 * policy.hand_back_seconds
    after_seconds = max(policy.ramp_max_seconds, policy.lead_seconds) + policy.poll_seconds
    return [
        occurrence
        for event in events
        for occurrence in occurrences(event, now_ms - before_ms, now_ms + 1000 * after_seconds)
    ]


def baseline_of(it: Scalable) -> int | None:
    """Return the baseline that an HPA bears, None where it bears none that is a number."""
    text = it.annotations.get(BASELINE, "")
    return int(text) if text.isdecimal() and 0 < len(text) < 7 else None
