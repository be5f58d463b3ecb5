"""timeout-server, -connect, -queue, -tunnel and -server-fin of a backend."""

from __future__ import annotations

from kingtide.controllers.ingress.annotations.family import Found, Scope
from kingtide.controllers.ingress.annotations.phases import OPTION
from kingtide.controllers.ingress.annotations.reading import Reading, duration
from kingtide.controllers.ingress.directive import Directive

_TIMEOUTS = {
    "timeout-server": "server",
    "timeout-connect": "connect",
    "timeout-queue": "queue",
    "timeout-tunnel": "tunnel",
    "timeout-server-fin": "server-fin",
}


def timeouts(scope: Scope) -> Found:
    """Return a backend's own timeouts."""
    reading = Reading(scope)
    directives = []
    for name, kind in _TIMEOUTS.items():
        value = reading.value(name, duration)
        if value is not None:
            directives.append(Directive(OPTION, ("timeout", kind, value)))
    return Found(tuple(directives), problems=tuple(reading.problems))
