"""scale-server-slots and standalone-backend: how a backend is kept."""

from __future__ import annotations

from kingtide.controllers.ingress.annotations.family import Found, Scope
from kingtide.controllers.ingress.annotations.reading import Reading, number


def scaling(scope: Scope) -> Found:
    """Return how many free places a backend has, and whether it is one Ingress' alone."""
    reading = Reading(scope)
    slots = reading.value("scale-server-slots", number(1, 1_000))
    is_alone = reading.is_on("standalone-backend")
    return Found(slots=slots, is_alone=is_alone, problems=tuple(reading.problems))
