"""The backend of plain requests for hosts whose TLS is passed through: it sends them to TLS."""

from __future__ import annotations

from kingtide.controllers.ingress.annotations.redirects import IS_PLAIN
from kingtide.controllers.ingress.desired import Backend
from kingtide.controllers.ingress.directive import Directive

TO_TLS = "to-tls"
"""No Service's backend is called so: theirs have underscores."""


def to_tls() -> Backend:
    """Return it. A request that came over TLS asked for one host and names another: 421."""
    redirect = ("http-request", "redirect", "scheme", "https", "code", "302", "if", *IS_PLAIN)
    misdirected = ("http-request", "return", "status", "421")
    return Backend(TO_TLS, "", directives=(Directive(1, redirect), Directive(2, misdirected)))
