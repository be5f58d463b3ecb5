"""auth-url, auth-method, auth-signin, auth-response-headers: a service says who may come in.

Names and meaning are ingress-nginx'. Whatever is wrong with one of them, nobody comes in. Source:
https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#external-authentication
"""

from __future__ import annotations

from kingtide.controllers.ingress.annotations.auth_rules import rules
from kingtide.controllers.ingress.annotations.auth_target import Target, target
from kingtide.controllers.ingress.annotations.family import Found, Scope
from kingtide.controllers.ingress.annotations.named_secret import closed
from kingtide.controllers.ingress.annotations.reading import Reading, Unreadable, one_of, shown
from kingtide.controllers.ingress.annotations.reading import token as header_name
from kingtide.controllers.ingress.external_auth.question import is_copied
from kingtide.controllers.ingress.external_auth.settings import AuthSettings
from kingtide.controllers.ingress.external_auth.signin import signin
from kingtide.controllers.ingress.external_auth.urls import NotAskable

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
MAX_HEADERS = 20
"""Each is two rules that every request passes."""
URL = "auth-url"
_BESIDE = ("auth-method", "auth-signin", "auth-response-headers")


def external_auth(scope: Scope) -> Found:
    """Return whom a backend asks about its requests."""
    reading = Reading(scope)
    if reading.text(URL) is None:
        for name in _BESIDE:
            if reading.text(name) is not None:
                reading.refuse(name, f"{URL} is missing: it says who is asked")
        return closed(reading) if reading.problems else Found()
    asked = reading.value(URL, lambda text: _target(text, scope))
    method = reading.value("auth-method", one_of(*METHODS)) or METHODS[0]
    to = reading.value("auth-signin", _signin) or ""
    copied = reading.value("auth-response-headers", _headers) or ()
    if asked is None or reading.problems:
        return closed(reading)
    settings = AuthSettings(
        scope.namespace,
        asked.scheme,
        asked.host,
        asked.port,
        asked.path,
        method,
        to,
        copied,
        1_000 * scope.policy.external_auth_timeout_seconds,
        asked.is_address,
    )
    return Found(rules(settings), external_auth=settings)


def _target(text: str, scope: Scope) -> Target:
    hosts = scope.policy.external_auth_hosts
    try:
        return target(text, scope.namespace, scope.view.services, hosts)
    except NotAskable as error:
        raise Unreadable(f"{shown(text)}: {error}") from error


def _signin(text: str) -> str:
    try:
        return signin(text)
    except NotAskable as error:
        raise Unreadable(f"{shown(text)}: {error}") from error


def _headers(text: str) -> tuple[str, ...]:
    names = dict.fromkeys(header_name(it.strip()).lower() for it in text.split(",") if it.strip())
    if len(names) > MAX_HEADERS:
        raise Unreadable(f"it has {len(names)} headers, at most {MAX_HEADERS}")
    for name in names:
        if not is_copied(name):
            raise Unreadable(f"{shown(name)} is about a connection or a body, and never passed on")
    return tuple(names)
