"""Lines of the configuration, made of words."""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.controllers.ingress.directive import Directive, PatternsOf, quoted
from kingtide.controllers.ingress.rendering.layout import Layout

FRONTEND = "frontend"
"""Owner of the frontends' pattern files. No Service's backend is called so: theirs have
underscores."""


def line(words: Iterable[str]) -> str:
    """Return words as a line."""
    return " ".join(quoted(word) for word in words)


def directive_line(it: Directive, owner: str, layout: Layout) -> str:
    """Return a directive's line, with paths where files of patterns of its owner stand."""
    return line(
        layout.patterns(owner, word.name) if isinstance(word, PatternsOf) else word
        for word in it.words
    )


def merged(lines: Iterable[tuple[str, ...]], asked: Iterable[Directive]) -> list[tuple[str, ...]]:
    """Return lines with those that were asked for in the place of ours for the same setting."""
    found = {_setting(words): words for words in lines}
    for it in asked:
        words = tuple(word for word in it.words if isinstance(word, str))
        found[_setting(words)] = words
    return list(found.values())


def _setting(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return what a line sets: `timeout client`, `maxconn`; each log is one by itself."""
    if words[0] == "log" or len(words) < 2:
        return words
    return words[:2] if words[0] in ("timeout", "option", "no", "stats") else words[:1]
