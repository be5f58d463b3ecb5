"""request-set-header, response-set-header, set-host, forwarded-for, src-ip-header."""

from __future__ import annotations

from kingtide.controllers.ingress.annotations.family import Found, Scope
from kingtide.controllers.ingress.annotations.phases import HEADER, OPTION, SOURCE
from kingtide.controllers.ingress.annotations.reading import (
    Reading,
    Unreadable,
    lines,
    shown,
    token,
    writable,
)
from kingtide.controllers.ingress.directive import Directive, literal


def headers(scope: Scope) -> Found:
    """Return the headers that are set on the way. Their values stand for themselves: no log format.

    haproxytech's controller hands values to HAProxy as a format, in which `%[env(X)]` reads the
    controller's environment.
    """
    reading = Reading(scope)
    directives: list[Directive] = []
    source = reading.value("src-ip-header", token)
    if source is not None:
        directives.append(Directive(SOURCE, ("http-request", "set-src", f"req.hdr({source})")))
    if reading.is_on("forwarded-for", otherwise=True):
        directives.append(Directive(OPTION, ("option", "forwardfor")))
    for part in map(Reading, scope.apart()):
        directives += _set(part)
        reading.problems += part.problems
    host = reading.value("set-host", writable)
    if host is not None:
        directives.append(Directive(HEADER, ("http-request", "set-header", "Host", literal(host))))
    return Found(tuple(directives), problems=tuple(reading.problems))


def _set(reading: Reading) -> list[Directive]:
    """Return headers by their names: those of the ConfigMap are set before an Ingress' own.

    Told is what haproxytech's controller would have worked out, and is sent as it stands here.
    """
    directives = []
    for name, rule in (("request-set-header", "request"), ("response-set-header", "response")):
        for header, value in reading.value(name, _settings) or ():
            words = (f"http-{rule}", "set-header", header, literal(value))
            directives.append(Directive(HEADER, words))
            if "%[" in value:
                message = f"{shown(value)} is sent as it stands: values are no expressions"
                reading.refuse(name, message)
    return directives


def _settings(text: str) -> tuple[tuple[str, str], ...]:
    """Return names and values, one a line; a value in double quotes is without them."""
    return tuple(_setting(line) for line in lines(text))


def _setting(line: str) -> tuple[str, str]:
    name, _, value = line.partition(" ")
    value = value.strip()
    if not value:
        raise Unreadable(f"{shown(line)} is no header; write its name, a space and its value")
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1]
    if not value.strip():
        raise Unreadable(f"{shown(line)} has no value, which HAProxy cannot set")
    return token(name), value
