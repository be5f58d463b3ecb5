"""request-capture: what of requests is written to the log."""

from __future__ import annotations

from kingtide.controllers.ingress.annotations.family import Found, Scope
from kingtide.controllers.ingress.annotations.phases import CAPTURE
from kingtide.controllers.ingress.annotations.reading import Reading, Unreadable, lines, number
from kingtide.controllers.ingress.annotations.samples import sample
from kingtide.controllers.ingress.directive import Directive

LENGTH = 128
MAX_CAPTURES = 20
"""Each is room in every request's memory, also of other Ingresses."""
MAX_LENGTH = 1_024


def captures(scope: Scope) -> Found:
    """Return what is captured of a backend's requests; the frontend has the room for it."""
    reading = Reading(scope)
    wanted = reading.value("request-capture", _samples) or ()
    length = reading.value("request-capture-len", number(1, MAX_LENGTH)) or LENGTH
    return Found(
        tuple(
            Directive(CAPTURE, ("http-request", "capture", it, "id", str(place)))
            for place, it in enumerate(wanted)
        ),
        captures=(length,) * len(wanted),
        problems=tuple(reading.problems),
    )


def _samples(text: str) -> tuple[str, ...]:
    found = tuple(sample(line) for line in lines(text))
    if len(found) > MAX_CAPTURES:
        raise Unreadable(f"it has {len(found)} samples, at most {MAX_CAPTURES}")
    return found
