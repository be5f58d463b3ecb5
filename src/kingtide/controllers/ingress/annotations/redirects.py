"""request-redirect and ssl-redirect: requests that are sent elsewhere."""

from __future__ import annotations

from re import fullmatch

from kingtide.controllers.ingress.annotations.family import Found, Scope
from kingtide.controllers.ingress.annotations.phases import REDIRECT, TO_TLS
from kingtide.controllers.ingress.annotations.reading import Reading, Unreadable, number, shown
from kingtide.controllers.ingress.directive import Directive
from kingtide.controllers.ingress.names import dns_name_problem

IS_PLAIN = ("!{", "ssl_fc", "}", "!{", "req.hdr(x-forwarded-proto)", "-i", "https", "}")
"""A request without TLS. One whose TLS a load balancer before us took, as it then says, has it: it
would be redirected for ever."""
_HAS_TLS = (
    ("{", "ssl_fc", "}"),
    ("{", "req.hdr(x-forwarded-proto)", "-i", "https", "}", "!{", "ssl_fc", "}"),
)
CODE = "302"
HTTPS_PORT = 443
_PORTS = {"https": ":443", "http": ":80"}
"""Clients leave them out of the host they name, so a host with one would never be theirs."""

_REQUEST = ("http-request", "redirect")


def redirects(scope: Scope) -> Found:
    """Return a backend's redirects: to TLS first, so that nothing is answered without it."""
    reading = Reading(scope)
    directives = (*_to_tls(reading), *_to_host(reading))
    return Found(directives, problems=tuple(reading.problems))


def _to_tls(reading: Reading) -> tuple[Directive, ...]:
    is_wanted = reading.is_on("ssl-redirect", otherwise=reading.scope.has_tls)
    code = reading.value("ssl-redirect-code", _code) or CODE
    port = reading.value("ssl-redirect-port", number(1, 65535)) or HTTPS_PORT
    if not is_wanted:
        return ()
    to: tuple[str, ...] = ("scheme", "https")
    if port != HTTPS_PORT:
        to = ("location", f"https://%[req.hdr(host),host_only]:{port}%[pathq]")
    return (Directive(TO_TLS, (*_REQUEST, *to, "code", code, "if", *IS_PLAIN)),)


def _to_host(reading: Reading) -> tuple[Directive, ...]:
    code = reading.value("request-redirect-code", _code) or CODE
    to = reading.value("request-redirect", _host)
    if to is None:
        return ()
    asked, address = to
    return tuple(
        Directive(
            REDIRECT,
            (
                *(*_REQUEST, "location", f"{scheme}://{host}%[pathq]", "code", code, "if"),
                *condition,
                *(("!{", "req.hdr(host)", "-i", "--", host, "}") if scheme == came_by else ()),
            ),
        )
        for came_by, condition in (
            *(("https", it) for it in _HAS_TLS),
            ("http", IS_PLAIN),
        )
        for scheme in (asked or came_by,)
        for host in (address.removesuffix(_PORTS[scheme]),)
    )


def _code(text: str) -> str:
    if text not in ("301", "302", "303", "307", "308"):
        raise Unreadable(f"{shown(text)} is none of 301, 302, 303, 307 and 308")
    return text


def _host(text: str) -> tuple[str, str]:
    """Return the scheme, empty for the request's own, and the host."""
    scheme, found, address = text.lower().rpartition("://")
    if found and scheme not in ("http", "https"):
        raise Unreadable(f"{shown(text)} has a scheme that is neither http nor https")
    return scheme, _address(address, text)


def _address(address: str, text: str) -> str:
    host, colon, port = address.partition(":")
    is_port = fullmatch(r"[1-9][0-9]{0,4}", port) is not None and int(port) <= 65535
    if dns_name_problem(host) or (colon and not is_port):
        raise Unreadable(f"{shown(text)} is no host; write example.com or example.com:8888")
    return address
