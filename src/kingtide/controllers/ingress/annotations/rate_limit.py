"""rate-limit-*: how many requests an address may make in a time."""

from __future__ import annotations

from re import fullmatch

from kingtide.controllers.ingress.annotations.family import Found, Scope
from kingtide.controllers.ingress.annotations.phases import RATE, TABLE
from kingtide.controllers.ingress.annotations.reading import (
    Reading,
    Unreadable,
    duration,
    networks,
    number,
    shown,
)
from kingtide.controllers.ingress.directive import Directive, PatternFile, PatternsOf, Word

STATUS = 403
SIZE = "100k"
PERIOD = "1s"


def rate_limit(scope: Scope) -> Found:
    """Return the limit of a backend; each counts by itself, in the memory of one HAProxy."""
    reading = Reading(scope)
    most = reading.value("rate-limit-requests", number(1, 100_000_000))
    if most is None:
        return Found(problems=tuple(reading.problems))
    period = reading.value("rate-limit-period", duration) or PERIOD
    size = reading.value("rate-limit-size", _size) or SIZE
    status = reading.value("rate-limit-status-code", number(400, 599)) or STATUS
    spared = reading.value("rate-limit-whitelist", networks)
    files: tuple[PatternFile, ...] = ()
    unless: tuple[Word, ...] = ()
    if spared:
        files = (PatternFile("unlimited", spared),)
        unless = ("!{", "src", "-f", PatternsOf("unlimited"), "}")
    table = ("stick-table", "type", "ipv6", "size", size, "expire", period)
    return Found(
        (
            Directive(TABLE, (*table, "store", f"http_req_rate({period})")),
            Directive(RATE, ("http-request", "track-sc0", "src")),
            Directive(
                RATE,
                (
                    *("http-request", "deny", "deny_status", str(status)),
                    *("if", "{", "sc_http_req_rate(0)", "gt", str(most), "}", *unless),
                ),
            ),
        ),
        files,
        problems=tuple(reading.problems),
    )


def _size(text: str) -> str:
    if fullmatch(r"[1-9][0-9]{0,6}k?|[1-9]m", text) is None:
        raise Unreadable(f"{shown(text)} is no size of a table; write 100k")
    return text
