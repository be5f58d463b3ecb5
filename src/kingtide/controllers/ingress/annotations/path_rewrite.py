"""path-rewrite: which path the pod sees; rules one a line, each on what the one before made."""

from __future__ import annotations

from re import findall, fullmatch

from kingtide.controllers.ingress.annotations.family import Found, Scope
from kingtide.controllers.ingress.annotations.phases import REWRITE
from kingtide.controllers.ingress.annotations.reading import Reading, Unreadable, lines, shown
from kingtide.controllers.ingress.annotations.regex import groups_of, is_costly
from kingtide.controllers.ingress.directive import Directive, literal

ALL = "(.*)"
"""What a path alone replaces."""
MAX_COSTLY = 3
"""Expressions that may take PCRE's limit, one after the other, while nobody else is served."""


def path_rewrite(scope: Scope) -> Found:
    """Return how paths are rewritten. The query stays, as it does with haproxytech's."""
    reading = Reading(scope)
    rules = reading.value("path-rewrite", _rules) or ()
    return Found(
        tuple(
            Directive(REWRITE, ("http-request", "replace-path", match, literal(path)))
            for match, path in rules
        ),
        problems=tuple(reading.problems),
    )


def _rules(text: str) -> tuple[tuple[str, str], ...]:
    found = tuple(_rule(line) for line in lines(text))
    if sum(is_costly(match) for match, _ in found) > MAX_COSTLY:
        raise Unreadable(f"over {MAX_COSTLY} of its expressions repeat more than one thing each")
    return found


def _rule(line: str) -> tuple[str, str]:
    parts = line.split()
    if len(parts) not in (1, 2):
        raise Unreadable(f"{shown(line)} is no rule; write a path, or an expression and a path")
    match, path = (ALL, parts[0]) if len(parts) == 1 else parts
    groups = groups_of(match)
    if fullmatch(r"(/|\\[0-9])[!-~]{0,1000}", path) is None or "'" in path:
        raise Unreadable(f"{shown(path)} is no path; it begins with a slash, or with \\1")
    if fullmatch(r"([^\\]|\\[0-9])*", path) is None:
        raise Unreadable(f"{shown(path)}: a backslash only names a group, such as \\1")
    named = max((int(digit) for digit in findall(r"\\([0-9])", path)), default=0)
    if named > groups:
        raise Unreadable(f"{shown(path)} names group {named}, {shown(match)} has {groups}")
    return match, path
