"""timeout-server, -connect, -queue, -tunnel and -server-fin of a backend."""

from __future__ import annotations

from kingtide.controllers.ingress.annotations.family import Found, Scope
from kingtide.controllers.ingress.annotations.phases import OPTION
from kingtide.controllers.ingress.annotations.reading import (
    ON_ALL,
    ON_VALUES,
    Reading,
    duration,
)
from kingtide.controllers.ingress.directive import Directive

_TIMEOUTS = {
    "timeout-server": ("server", ON_ALL),
    "timeout-connect": ("connect", ON_VALUES),
    "timeout-queue": ("queue", ON_VALUES),
    "timeout-tunnel": ("tunnel", ON_VALUES),
    "timeout-server-fin": ("server-fin", ON_VALUES),
}


def timeouts(scope: Scope) -> Found:
    """Return a backend's own timeouts."""
    reading = Reading(scope)
    directives = []
    for name, (kind, on) in _TIMEOUTS.items():
        value = reading.value(name, duration, on)
        if value is not None:
            directives.append(Directive(OPTION, ("timeout", kind, value)))
    return Found(tuple(directives), problems=tuple(reading.problems))
