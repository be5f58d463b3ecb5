"""cors-*: what browsers let pages of other origins do."""

from __future__ import annotations

from re import fullmatch

from kingtide.controllers.ingress.annotations.family import Found, Scope
from kingtide.controllers.ingress.annotations.phases import HEADER, PREFLIGHT, SOURCE
from kingtide.controllers.ingress.annotations.reading import (
    Reading,
    Unreadable,
    shown,
    token,
)
from kingtide.controllers.ingress.annotations.regex import groups_of
from kingtide.controllers.ingress.directive import Directive

ORIGIN = "txn.kingtide_origin"
"""The request's origin, set where it is allowed: an expression is looked for once, which may take
long, and not for every header of the answer."""
ANY = "*"
MAX_AGE = "5s"
MAX_NAMES = 100

_METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "CONNECT", "OPTIONS", "TRACE", "PATCH")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def cors(scope: Scope) -> Found:
    """Return what is told to browsers; an origin that cannot be read is nobody's."""
    reading = Reading(scope)
    if not reading.is_on("cors-enable"):
        return Found(problems=tuple(reading.problems))
    origin = reading.value("cors-allow-origin", _origin)
    if origin is None:
        if reading.problems:
            return Found(problems=tuple(reading.problems))
        origin = ()
    told = _told(reading, is_any=not origin)
    condition = ("{", f"var({ORIGIN})", "-m", "found", "}")
    is_allowed = ("if", "{", "req.hdr(origin)", *origin, "}") if origin else ()
    directives = [
        Directive(SOURCE, ("http-request", f"set-var({ORIGIN})", "req.hdr(origin)", *is_allowed))
    ]
    if reading.is_on("cors-respond-to-options"):
        asks = ("{", "method", "OPTIONS", "}", *condition)
        directives.append(
            Directive(PREFLIGHT, ("http-request", "return", "status", "204", "if", *asks))
        )
    for name, value in told:
        words = ("http-after-response", "set-header", name, value, "if", *condition)
        directives.append(Directive(HEADER, words))
    if origin:
        directives.append(
            Directive(HEADER, ("http-after-response", "add-header", "Vary", "Origin"))
        )
    return Found(tuple(directives), problems=tuple(reading.problems))


def _told(reading: Reading, *, is_any: bool) -> list[tuple[str, str]]:
    """Return headers and values, in HAProxy's log format."""
    methods = reading.value("cors-allow-methods", _methods) or ANY
    headers = reading.value("cors-allow-headers", _headers) or ANY
    age = reading.value("cors-max-age", _seconds) or _seconds(MAX_AGE)
    told = [
        ("Access-Control-Allow-Origin", ANY if is_any else f"%[var({ORIGIN})]"),
        ("Access-Control-Allow-Methods", methods),
        ("Access-Control-Allow-Headers", headers),
        ("Access-Control-Max-Age", age),
    ]
    if reading.is_on("cors-allow-credentials"):
        if is_any:
            message = "no browser sends credentials where any origin may: name cors-allow-origin"
            reading.refuse("cors-allow-credentials", message)
        else:
            told.append(("Access-Control-Allow-Credentials", "true"))
    return told


def _origin(text: str) -> tuple[str, ...]:
    """Return how an origin is compared, nothing where any may; an expression has to match it all.

    haproxytech's looks for the expression anywhere: `https://example.com` then lets
    `https://example.com.evil.org` in.
    """
    if text == ANY:
        return ()
    if fullmatch(r"https?://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?", text):
        return ("-m", "str", "-i", text)
    if any(char.isspace() for char in text) or ",http" in text or "://*" in text:
        hint = r"https://a\.test, or an expression for more: https://(a|b)\.test"
        raise Unreadable(f"{shown(text)} is no origin; write {hint}")
    groups_of(text)
    return ("-m", "reg", f"^(?:{text})$")


def _methods(text: str) -> str:
    if text == ANY:
        return ANY
    methods = [part.strip().upper() for part in text.split(",")]
    if not set(methods) <= set(_METHODS):
        raise Unreadable(f"{shown(text)} is no list of methods; write GET, POST")
    return ", ".join(methods)


def _headers(text: str) -> str:
    if text == ANY:
        return ANY
    names = [part.strip() for part in text.split(",")]
    if len(names) > MAX_NAMES:
        raise Unreadable(f"it has {len(names)} names, at most {MAX_NAMES}")
    return ", ".join(token(name) for name in names)


def _seconds(text: str) -> str:
    found = fullmatch(r"([0-9]{1,7})(s|m|h|d|ms)?", text)
    if found is None:
        raise Unreadable(f"{shown(text)} is no time; write 5s, 10m or 1h")
    number, unit = int(found.group(1)), found.group(2) or "ms"
    return str(number // 1000 if unit == "ms" else number * _SECONDS[unit])
