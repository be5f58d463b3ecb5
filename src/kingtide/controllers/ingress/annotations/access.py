"""allow-list, deny-list (and their old names whitelist, blacklist): which addresses may come in."""

from __future__ import annotations

from kingtide.controllers.ingress.annotations.family import Found, Scope
from kingtide.controllers.ingress.annotations.phases import ACCESS
from kingtide.controllers.ingress.annotations.reading import Reading, networks
from kingtide.controllers.ingress.directive import Directive, PatternFile, PatternsOf

DENIED = "403"
EVERYBODY = ("0.0.0.0/0", "::/0")
"""Who is turned away where a list of the allowed cannot be read: a mistake must not open a door."""


def access(scope: Scope) -> Found:
    """Return whom a backend turns away. An allow-list that cannot be read lets nobody in.

    The ConfigMap's lists hold besides an Ingress' own: those open no door that it keeps shut.
    """
    return _access(scope, ("http-request", "deny", "deny_status", DENIED))


def access_of_connections(scope: Scope) -> Found:
    """Return whose connections a backend ends at once, by the same lists."""
    return _access(scope, ("tcp-request", "content", "reject"))


def _access(scope: Scope, refusing: tuple[str, ...]) -> Found:
    of_all, own = scope.apart()
    return _lists(of_all, refusing, "-of-all").plus(_lists(own, refusing, ""))


def _lists(scope: Scope, refusing: tuple[str, ...], whose: str) -> Found:
    reading = Reading(scope)
    found = Found()
    allowed = _list(reading, "allow-list", "whitelist")
    if allowed is not None:
        found = found.plus(_turned_away(refusing, f"allowed{whose}", "unless", allowed))
    elif reading.problems:
        found = found.plus(_turned_away(refusing, f"nobody{whose}", "if", EVERYBODY))
    denied = _denied(reading)
    if denied:
        found = found.plus(_turned_away(refusing, f"denied{whose}", "if", denied))
    return found.plus(Found(problems=tuple(reading.problems)))


def _denied(reading: Reading) -> tuple[str, ...]:
    """Return who is turned away: of a list with mistakes in it, whoever can be read."""
    used = "deny-list" if reading.text("deny-list") is not None else "blacklist"
    return reading.known_networks(used, "the others are turned away")


def _list(reading: Reading, name: str, old: str) -> tuple[str, ...] | None:
    used = name if reading.text(name) is not None else old
    return reading.value(used, networks)


def _turned_away(
    refusing: tuple[str, ...], file: str, condition: str, who: tuple[str, ...]
) -> Found:
    rule = Directive(ACCESS, (*refusing, condition, "{", "src", "-f", PatternsOf(file), "}"))
    return Found((rule,), (PatternFile(file, who),))
