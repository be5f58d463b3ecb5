"""maxconn, nbthread, hard-stop-after, the client's timeouts and how connections are kept."""

from __future__ import annotations

from kingtide.controllers.ingress.annotations.family import Scope
from kingtide.controllers.ingress.annotations.phases import OPTION
from kingtide.controllers.ingress.annotations.reading import Reading, duration, number, one_of
from kingtide.controllers.ingress.annotations.whole import Whole
from kingtide.controllers.ingress.directive import Directive

MAX_THREADS = 64
"""HAProxy 2.6 as Debian builds it has no more."""
_TIMEOUTS = {
    "timeout-client": "client",
    "timeout-client-fin": "client-fin",
    "timeout-http-request": "http-request",
    "timeout-http-keep-alive": "http-keep-alive",
}
_MODES = ("http-keep-alive", "http-server-close", "httpclose")


def process(scope: Scope) -> Whole:
    """Return the directives of the global section, and of all sections."""
    reading = Reading(scope)
    whole: list[Directive] = []
    most = reading.value("maxconn", number(1, 10_000_000))
    if most is not None:
        whole.append(Directive(OPTION, ("maxconn", str(most))))
    threads = reading.value("nbthread", number(1, MAX_THREADS))
    if threads is not None:
        whole.append(Directive(OPTION, ("nbthread", str(threads))))
    longest = reading.value("hard-stop-after", duration)
    if longest is not None:
        whole.append(Directive(OPTION, ("hard-stop-after", longest)))
    everywhere: list[Directive] = []
    for name, kind in _TIMEOUTS.items():
        value = reading.value(name, duration)
        if value is not None:
            everywhere.append(Directive(OPTION, ("timeout", kind, value)))
    mode = reading.value("http-connection-mode", one_of(*_MODES))
    if mode is not None:
        everywhere.append(Directive(OPTION, ("option", mode)))
    return Whole(tuple(whole), tuple(everywhere), problems=tuple(reading.problems))
