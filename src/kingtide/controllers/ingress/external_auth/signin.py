"""Where somebody is sent to sign in.

Variables and what is added without them are ingress-nginx'. Source:
https://github.com/kubernetes/ingress-nginx/blob/controller-v1.12.0/internal/ingress/controller/template/template.go
(buildAuthSignURL).
"""

from __future__ import annotations

from re import compile as expression
from re import fullmatch

from kingtide.controllers.ingress.external_auth.urls import (
    CHARACTERS,
    MAX_URL,
    NotAskable,
    escaped,
)

PARAMETER = "rd"
"""The parameter that says where to return to, where the URL has none of its own."""
_VARIABLES = ("escaped_request_uri", "pass_access_scheme", "http_host", "scheme", "host")
_VARIABLE = expression(r"\$([A-Za-z0-9_]*)")
_URL = rf"(https?://[A-Za-z0-9._$:\[\]-]+)?([/?][{CHARACTERS}?]*)?"


def signin(text: str) -> str:
    """Return the URL of an annotation, with a parameter for where to return to.

    Raises:
        NotAskable: it is no URL, or has a variable that nobody knows.
    """
    is_url = text.startswith("/") or fullmatch(r"https?://.+", text) is not None
    if len(text) > MAX_URL or not is_url or fullmatch(_URL, text) is None:
        raise NotAskable("it is no URL; write https://auth.example.com/oauth2/start or a path")
    for name in _VARIABLE.findall(text):
        if name not in _VARIABLES:
            raise NotAskable(f"${name} is none of {', '.join(f'${it}' for it in _VARIABLES)}")
    _, question, query = text.partition("?")
    if any(it.startswith(f"{PARAMETER}=") for it in query.split("&")):
        return text
    mark = "&" if query else "" if question else "?"
    return f"{text}{mark}{PARAMETER}=$pass_access_scheme://$http_host$escaped_request_uri"


def location(template: str, scheme: str, host: str, path: str) -> str:
    """Return where a request is sent: `host` as it said it, `path` with its query."""
    values = {
        "escaped_request_uri": escaped(path),
        "pass_access_scheme": scheme,
        "scheme": scheme,
        "http_host": host,
        "host": _without_port(host),
    }
    return _VARIABLE.sub(lambda it: values[it[1]], template)


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host
