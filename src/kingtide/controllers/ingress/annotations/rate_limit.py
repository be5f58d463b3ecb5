"""rate-limit-*: how many requests an address may make in a time."""

from __future__ import annotations

from re import fullmatch

from kingtide.controllers.ingress.annotations.family import Found, Scope
from kingtide.controllers.ingress.annotations.phases import RATE, TABLE
from kingtide.controllers.ingress.annotations.reading import (
    Reading,
    Unreadable,
    interval,
    networks,
    number,
    one_of,
    shown,
)
from kingtide.controllers.ingress.directive import Directive, PatternFile, PatternsOf, Word

STATUS = "403"
_HANDLED = (400, 401, 403, 404, 405, 407, 408, 410, 413, 421, 422, 425, 429)
_OWN = (500, 501, 502, 503, 504)
STATUSES = tuple(str(it) for it in (*_HANDLED, *_OWN))
"""Those that HAProxy has an answer for; it refuses its configuration for others. Source:
https://docs.haproxy.org/2.6/configuration.html#1.3.1, and `haproxy -c` for each."""
SIZE = "100k"
PERIOD = "1s"
MAX_SIZE = 1 << 20
"""Addresses of a table: it fills with whoever asks, and takes the memory of all, some 200 bytes
each."""


def rate_limit(scope: Scope) -> Found:
    """Return the limit of a backend; each counts by itself, in the memory of one HAProxy."""
    reading = Reading(scope)
    most = reading.value("rate-limit-requests", number(0, 100_000_000))
    if most is None:
        return Found(problems=tuple(reading.problems))
    period = reading.value("rate-limit-period", interval) or PERIOD
    size = reading.value("rate-limit-size", _size) or SIZE
    status = reading.value("rate-limit-status-code", one_of(*STATUSES)) or STATUS
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
                    *("http-request", "deny", "deny_status", status),
                    *("if", "{", "sc_http_req_rate(0)", "gt", str(most), "}", *unless),
                ),
            ),
        ),
        files,
        problems=tuple(reading.problems),
    )


def _size(text: str) -> str:
    found = fullmatch(r"([1-9][0-9]{0,6})([km]?)", text)
    if found is None:
        raise Unreadable(f"{shown(text)} is no size of a table; write 100k")
    if int(found.group(1)) * {"": 1, "k": 1 << 10, "m": 1 << 20}[found.group(2)] > MAX_SIZE:
        raise Unreadable(f"{shown(text)} is too large a table; at most 1m")
    return text
