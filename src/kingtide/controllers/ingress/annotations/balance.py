"""load-balance, pod-maxconn: which pod gets a request, and how many at once."""

from __future__ import annotations

from re import fullmatch

from kingtide.controllers.ingress.annotations.family import Found, Scope
from kingtide.controllers.ingress.annotations.phases import OPTION
from kingtide.controllers.ingress.annotations.reading import Reading, Unreadable, number, shown
from kingtide.controllers.ingress.directive import Directive

_ALGORITHMS = (
    r"(roundrobin|static-rr|leastconn|first|source|random(\([1-9][0-9]{0,2}\))?"
    r"|uri( path-only| whole| len [1-9][0-9]{0,4}| depth [1-9][0-9]{0,4})*"
    r"|url_param [A-Za-z0-9_-]{1,64}( check_post( [0-9]{1,6})?)?"
    r"|hdr\([A-Za-z0-9_-]{1,64}\)( use_domain_only)?|rdp-cookie(\([A-Za-z0-9_-]{1,64}\))?)"
)
"""As HAProxy 2.6 takes them (https://docs.haproxy.org/2.6/configuration.html#4.2-balance)."""


def balance(scope: Scope) -> Found:
    """Return how requests are spread; HAProxy's own way is roundrobin."""
    reading = Reading(scope)
    words = reading.value("load-balance", _algorithm)
    most = reading.value("pod-maxconn", number(1, 1_000_000))
    return Found(
        directives=() if words is None else (Directive(OPTION, ("balance", *words)),),
        server_words=() if most is None else ("maxconn", str(most)),
        problems=tuple(reading.problems),
    )


def _algorithm(text: str) -> tuple[str, ...]:
    if fullmatch(_ALGORITHMS, text) is None:
        raise Unreadable(f"{shown(text)} is no way to balance; write roundrobin, leastconn, uri …")
    return tuple(text.split())
