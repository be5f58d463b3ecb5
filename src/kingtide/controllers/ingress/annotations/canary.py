"""canary*: which requests of another Ingress' host and path go to this one instead.

haproxytech's controller has none; names and meaning are ingress-nginx'. Source:
https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#canary
"""

from __future__ import annotations

from collections.abc import Mapping
from re import fullmatch

import msgspec

from kingtide.controllers.ingress.annotations.family import Scope
from kingtide.controllers.ingress.annotations.reading import (
    Reading,
    Unreadable,
    number,
    shown,
    token,
)
from kingtide.controllers.ingress.annotations.regex import groups_of
from kingtide.controllers.ingress.told import Problem
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy

TOTAL = 100
MAX_TOTAL = 1_000_000


class Canary(msgspec.Struct, frozen=True, gc=False):
    """Who goes to a canary: by a header, then by a cookie, then `weight` of `total` by chance.

    What the header says is compared with `value`, or with the expression `pattern`. Where both are
    empty it has two values: `always` goes there and `never` does not, as a cookie's.
    """

    weight: int = 0
    total: int = TOTAL
    header: str = ""
    value: str = ""
    pattern: str = ""
    cookie: str = ""


def canary_of(written: Mapping[str, str]) -> tuple[Canary | None, tuple[Problem, ...]]:
    """Return whose requests an Ingress takes by its annotations, None where it is no canary."""
    if "canary" not in written:
        return None, ()
    reading = Reading(Scope("", {}, written, {}, TrafficView(), IngressPolicy()))
    if not reading.is_on("canary"):
        return None, tuple(reading.problems)
    total = reading.value("canary-weight-total", number(1, MAX_TOTAL)) or TOTAL
    found = Canary(
        weight=reading.value("canary-weight", number(0, total)) or 0,
        total=total,
        header=reading.value("canary-by-header", token) or "",
        value=reading.value("canary-by-header-value", _value) or "",
        pattern=reading.value("canary-by-header-pattern", _pattern) or "",
        cookie=reading.value("canary-by-cookie", token) or "",
    )
    if found.value and found.pattern:  # as with ingress-nginx, the value alone counts then
        found = msgspec.structs.replace(found, pattern="")
    return found, tuple(reading.problems)


def _pattern(text: str) -> str:
    groups_of(text)
    return text


def _value(text: str) -> str:
    if fullmatch(r"[!-~]{1,256}", text) is None:
        raise Unreadable(f"{shown(text)} is no value to compare with: no spaces, ASCII")
    return text
