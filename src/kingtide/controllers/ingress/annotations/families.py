"""Every family of annotations; a new one is a line here."""

from __future__ import annotations

from kingtide.controllers.ingress.annotations.family import Family, Found, Scope

FAMILIES: tuple[Family, ...] = ()


def found_in(scope: Scope) -> Found:
    """Return what all families make of a scope."""
    found = Found()
    for family in FAMILIES:
        found = found.plus(family(scope))
    return found
