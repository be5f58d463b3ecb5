"""Every family of annotations; a new one is a line here."""

from __future__ import annotations

from kingtide.controllers.ingress.annotations.access import access
from kingtide.controllers.ingress.annotations.balance import balance
from kingtide.controllers.ingress.annotations.checks import checks
from kingtide.controllers.ingress.annotations.cookies import cookies
from kingtide.controllers.ingress.annotations.family import Family, Found, Scope
from kingtide.controllers.ingress.annotations.headers import headers
from kingtide.controllers.ingress.annotations.rate_limit import rate_limit
from kingtide.controllers.ingress.annotations.timeouts import timeouts

FAMILIES: tuple[Family, ...] = (
    access,
    balance,
    checks,
    cookies,
    headers,
    rate_limit,
    timeouts,
)


def found_in(scope: Scope) -> Found:
    """Return what all families make of a scope."""
    found = Found()
    for family in FAMILIES:
        found = found.plus(family(scope))
    return found
