"""check, check-http, check-interval, timeout-check: how HAProxy looks whether a pod answers.

On without being asked for, as in haproxytech's controller: a pod that died is then left within
seconds, before Kubernetes says so.
"""

from __future__ import annotations

from re import fullmatch

from kingtide.controllers.ingress.annotations.family import Found, Scope
from kingtide.controllers.ingress.annotations.phases import OPTION
from kingtide.controllers.ingress.annotations.reading import (
    Reading,
    Unreadable,
    duration,
    interval,
    shown,
)
from kingtide.controllers.ingress.directive import Directive

_REQUEST = r"((?:(GET|HEAD|OPTIONS|POST|PUT) )?(/[!-~]{0,1000})(?: (HTTP/1\.[01]))?)"


def checks(scope: Scope) -> Found:
    """Return the checks of a backend's pods."""
    return _checks(scope, by_requests=True)


def checks_of_connections(scope: Scope) -> Found:
    """Return the checks of pods that end TLS themselves: a connection, since requests are plain."""
    return _checks(scope, by_requests=False)


def _checks(scope: Scope, *, by_requests: bool) -> Found:
    reading = Reading(scope)
    if not reading.is_on("check", otherwise=True):
        return Found(problems=tuple(reading.problems))
    time = reading.value("check-interval", interval)
    request = reading.value("check-http", _request) if by_requests else None
    longest = reading.value("timeout-check", duration)
    directives = []
    if request is not None:
        directives.append(Directive(OPTION, ("option", "httpchk", *request)))
    if longest is not None:
        directives.append(Directive(OPTION, ("timeout", "check", longest)))
    every = () if time is None else ("inter", time)
    return Found(tuple(directives), (), ("check", *every), problems=tuple(reading.problems))


def _request(text: str) -> tuple[str, ...]:
    found = fullmatch(_REQUEST, text)
    if found is None:
        raise Unreadable(f"{shown(text)} is no request; write /health or HEAD /health")
    method, path, version = found.group(2), found.group(3), found.group(4)
    return tuple(word for word in (method or "OPTIONS", path, version) if word)
