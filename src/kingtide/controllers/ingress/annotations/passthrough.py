"""ssl-passthrough: TLS goes to the pod as it is, by the server name that the client asks for."""

from __future__ import annotations

from kingtide.controllers.ingress.annotations.family import Found, Scope
from kingtide.controllers.ingress.annotations.reading import Reading


def passthrough(scope: Scope) -> Found:
    """Return whether a backend gets connections instead of requests."""
    reading = Reading(scope)
    is_on = reading.is_on("ssl-passthrough")
    return Found(mode="tcp" if is_on else "http", problems=tuple(reading.problems))
