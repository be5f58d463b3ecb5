"""backend-, frontend-, global- and stats-config-snippet: lines that users write themselves.

Off unless the policy allows them. A line that may be written can still be one that HAProxy refuses:
then the whole configuration is not loaded, and the one before goes on serving.
"""

from __future__ import annotations

from kingtide.controllers.ingress.annotations.family import Found, Scope
from kingtide.controllers.ingress.annotations.phases import SNIPPET
from kingtide.controllers.ingress.annotations.reading import Reading, Unreadable
from kingtide.controllers.ingress.annotations.snippet_lines import (
    BACKEND,
    FRONTEND,
    PROCESS,
    STATS,
    snippet,
)
from kingtide.controllers.ingress.annotations.whole import Whole
from kingtide.controllers.ingress.directive import Directive, NotWritable


def snippets(scope: Scope) -> Found:
    """Return the snippet of a backend."""
    reading = Reading(scope)
    return Found(
        _written(reading, "backend-config-snippet", BACKEND), problems=tuple(reading.problems)
    )


def whole_snippets(scope: Scope) -> Whole:
    """Return the snippets of other sections."""
    reading = Reading(scope)
    return Whole(
        process=_written(reading, "global-config-snippet", PROCESS),
        frontend=_written(reading, "frontend-config-snippet", FRONTEND),
        stats=_written(reading, "stats-config-snippet", STATS),
        problems=tuple(reading.problems),
    )


def _written(reading: Reading, name: str, allowed: str) -> tuple[Directive, ...]:
    text = reading.text(name)
    if text is None:
        return ()
    if not reading.scope.policy.allow_snippets:
        reading.refuse(name, "the policy does not allow snippets", "SnippetRefused")
        return ()
    try:
        return tuple(Directive(SNIPPET, words) for words in snippet(text, allowed))
    except (Unreadable, NotWritable) as error:
        reading.refuse(name, str(error), "SnippetRefused")
        return ()
