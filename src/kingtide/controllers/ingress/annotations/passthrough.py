"""ssl-passthrough: TLS goes to the pod as it is, by the server name that the client asks for.

Nobody here sees a request then, so what is asked for of requests has no effect, which is told; and
where credentials were asked for, nobody comes in.
"""

from __future__ import annotations

from kingtide.controllers.ingress.annotations.declared import DECLARED
from kingtide.controllers.ingress.annotations.family import Found, Scope
from kingtide.controllers.ingress.annotations.phases import ACCESS
from kingtide.controllers.ingress.annotations.reading import Reading
from kingtide.controllers.ingress.directive import Directive

OF_CONNECTIONS = frozenset(
    [
        *("ssl-passthrough", "ssl-redirect", "ssl-redirect-code", "ssl-redirect-port"),
        *("allow-list", "whitelist", "deny-list", "blacklist", "load-balance", "pod-maxconn"),
        *("check", "check-interval", "timeout-check", "timeout-server", "send-proxy-protocol"),
        *("scale-server-slots", "standalone-backend", "route-acl"),
    ]
)
"""Annotations that have an effect on connections too, or are as nothing beside passthrough."""
PROTECTING = ("auth-type", "auth-secret", "auth-url")


def passthrough(scope: Scope) -> Found:
    """Return whether a backend gets connections instead of requests."""
    reading = Reading(scope)
    is_on = reading.is_on("ssl-passthrough")
    return Found(mode="tcp" if is_on else "http", problems=tuple(reading.problems))


def unseen(scope: Scope) -> Found:
    """Return what becomes of annotations on requests that are not seen."""
    reading = Reading(scope)
    for name, it in DECLARED.items():
        if name in OF_CONNECTIONS or name.startswith("canary"):
            continue
        if any(reading.is_from(name, place) for place in it.on if place != "values"):
            reading.refuse(name, "TLS is passed through: no request is seen, so it has no effect")
    problems = tuple(reading.problems)
    if not any(name in scope.ingress for name in PROTECTING):
        return Found(problems=problems)
    return Found((Directive(ACCESS, ("tcp-request", "content", "reject")),), problems=problems)
