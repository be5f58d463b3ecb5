"""cookie-persistence: who came to a pod comes to it again.

By cookies that HAProxy makes of a pod's address, so that several of them agree; servers of such a
backend stand in slots, as HAProxy cannot add one with a cookie while it runs.
"""

from __future__ import annotations

from kingtide.controllers.ingress.annotations.family import Found, Scope
from kingtide.controllers.ingress.annotations.phases import OPTION
from kingtide.controllers.ingress.annotations.reading import Reading, token
from kingtide.controllers.ingress.directive import Directive


def cookies(scope: Scope) -> Found:
    """Return a backend's cookie."""
    reading = Reading(scope)
    name = reading.value("cookie-persistence", token)
    if name is None:
        return Found(problems=tuple(reading.problems))
    key = (
        f"{scope.namespace}/{name}"  # not secret: it sets one backend's cookies apart from others'
    )
    return Found(
        (
            Directive(OPTION, ("cookie", name, "insert", "indirect", "nocache", "dynamic")),
            Directive(OPTION, ("dynamic-cookie-key", key)),
        ),
        needs_slots=True,
        problems=tuple(reading.problems),
    )
