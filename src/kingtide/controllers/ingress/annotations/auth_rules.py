"""HAProxy's rules of a backend whose requests are asked about.

The agent is told the name of the settings and answers with variables; where it says nothing, in
time or at all, none is set and the last rule of the verdict lets nobody in. Source:
https://github.com/haproxy/haproxy/blob/v2.6.0/doc/SPOE.txt
"""

from __future__ import annotations

from kingtide.controllers.ingress.annotations.phases import ASKED
from kingtide.controllers.ingress.directive import Directive
from kingtide.controllers.ingress.external_auth.engine import ENGINE, GROUP, NAME, PREFIX
from kingtide.controllers.ingress.external_auth.question import lookalikes
from kingtide.controllers.ingress.external_auth.settings import (
    MAX_COOKIES,
    AuthSettings,
    cookie_variable,
    header_variable,
)
from kingtide.controllers.ingress.external_auth.verdict import CHALLENGE, LOCATION, VERDICT

NO_ANSWER = "503"
"""It is ours that fails; a load balancer may try elsewhere."""


def rules(settings: AuthSettings) -> tuple[Directive, ...]:
    """Return the rules, in their order."""
    found = [
        ("http-request", f"set-var({NAME})", f"str({settings.name})"),
        ("http-request", "send-spoe-group", ENGINE, GROUP),
        *_kept_out(settings),
        ("http-request", "deny", "deny_status", NO_ANSWER, "unless", *_is("allowed")),
    ]
    for place, name in enumerate(settings.response_headers):
        variable = _variable(header_variable(place))
        found += [
            ("http-request", "del-header", lookalikes(name), "-m", "reg"),
            ("http-request", "set-header", name, f"%[{variable}]", "if", *_has(variable)),
        ]
    found += [_told("Set-Cookie", cookie_variable(place)) for place in range(MAX_COOKIES)]
    found.append(_told("WWW-Authenticate", CHALLENGE))
    return tuple(Directive(ASKED, words) for words in found)


def _kept_out(settings: AuthSettings) -> list[tuple[str, ...]]:
    to = ("hdr", "Location", f"%[{_variable(LOCATION)}]")
    found = [(*_return("302", "Sign in"), *to, "if", *_is("signin"))] if settings.signin else []
    found.append((*_return("401", "Unauthorized"), "if", *_is("401")))
    found.append((*_return("403", "Forbidden"), "if", *_is("403")))
    return found


def _told(header: str, name: str) -> tuple[str, ...]:
    """Return the rule that tells the client a header, whoever answers: a pod or HAProxy."""
    variable = _variable(name)
    added = ("http-after-response", "add-header", header, f"%[{variable}]")
    return (*added, "if", *_has(variable))


def _return(status: str, text: str) -> tuple[str, ...]:
    answer = ("http-request", "return", "status", status)
    return (*answer, "content-type", "text/plain", "string", text)


def _is(verdict: str) -> tuple[str, ...]:
    return ("{", _variable(VERDICT), "-m", "str", verdict, "}")


def _has(variable: str) -> tuple[str, ...]:
    return ("{", variable, "-m", "found", "}")


def _variable(name: str) -> str:
    return f"var(txn.{PREFIX}.{name})"
