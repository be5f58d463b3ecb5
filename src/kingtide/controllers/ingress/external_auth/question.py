"""What a service is asked about a request: its headers without the body, and where it was going.

As ingress-nginx asks, and with the X-Forwarded-* that other services look at. Source:
https://github.com/kubernetes/ingress-nginx/blob/controller-v1.12.0/rootfs/etc/nginx/template/nginx.tmpl
(proxy_pass_request_body off; X-Original-URL, X-Original-Method, X-Real-IP, X-Forwarded-For,
X-Auth-Request-Redirect).
"""

from __future__ import annotations

from collections.abc import Iterable
from re import fullmatch

import msgspec

from kingtide.controllers.ingress.external_auth.settings import AuthSettings

Headers = tuple[tuple[str, str], ...]
"""Names and values; values are latin-1, so that each byte is a character."""


class Shown(msgspec.Struct, frozen=True, gc=False):
    """A request as HAProxy shows it; `path` has the query, `headers` are in their order."""

    method: str
    path: str
    source: str
    is_tls: bool
    headers: Headers

    @property
    def host(self) -> str:
        """Its Host header, empty where it has none that could stand in a URL."""
        found = self.all_of("host")
        is_one = len(found) == 1 and fullmatch(r"[A-Za-z0-9._:\[\]-]{1,255}", found[0])
        return found[0] if is_one else ""

    @property
    def scheme(self) -> str:
        """How the client asked; a load balancer that ends TLS before us says so by a header."""
        said = self.all_of("x-forwarded-proto")
        return "https" if self.is_tls or said == ["https"] else "http"

    def all_of(self, name: str) -> list[str]:
        """Return the values of a header."""
        return [value for key, value in self.headers if key.lower() == name]


class NotShown(ValueError):
    """Headers that cannot be read."""


def headers_of(text: str) -> Headers:
    """Return the headers of a request as one text, which ends with an empty line.

    Raises:
        NotShown: a line is none; HAProxy lets none through.
    """
    return tuple(_header(line) for line in text.split("\r\n") if line)


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or fullmatch(TOKEN, name) is None or not is_value(value.strip()):
        raise NotShown("a line of the headers is none")
    return name, value.strip()


TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
"""RFC 9110, section 5.6.2."""


def is_value(text: str) -> bool:
    """Return whether a text can be a header's value: no control characters but tabs."""
    return all(char == "\t" or " " <= char != "\x7f" for char in text)


def question(settings: AuthSettings, shown: Shown) -> Headers:
    """Return the headers of the question; what says where the request went is ours alone."""
    named = {it.strip().lower() for value in shown.all_of("connection") for it in value.split(",")}
    kept = tuple(
        (name, value)
        for name, value in shown.headers
        if name.lower() not in named and _plain(name) not in _NOT_SENT
    )
    url = f"{shown.scheme}://{shown.host}{shown.path}"
    body = () if settings.method in ("GET", "HEAD") else (("Content-Length", "0"),)
    return (
        ("Host", settings.authority),
        *kept,
        *body,
        ("X-Forwarded-For", ", ".join((*shown.all_of("x-forwarded-for"), shown.source))),
        ("X-Forwarded-Host", shown.host),
        ("X-Forwarded-Method", shown.method),
        ("X-Forwarded-Proto", shown.scheme),
        ("X-Forwarded-Uri", shown.path),
        ("X-Original-Method", shown.method),
        ("X-Original-URL", url),
        ("X-Original-URI", shown.path),
        ("X-Auth-Request-Redirect", shown.path),
        ("X-Real-IP", shown.source),
    )


def _plain(name: str) -> str:
    """Return a name as a service may read it: CGI tells `X_Real.IP` from X-Real-IP no more."""
    return "".join(char if char.isalnum() else "-" for char in name.lower())


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


OF_CONNECTIONS = _names(
    "connection keep-alive proxy-connection proxy-authenticate proxy-authorization te trailer"
    " transfer-encoding upgrade http2-settings content-length host expect"
)
"""Headers that are about one connection or one body: never passed on, in neither direction."""
_NOT_SENT = OF_CONNECTIONS | _names(
    "x-forwarded-for x-forwarded-host x-forwarded-method x-forwarded-proto x-forwarded-uri"
    " x-original-method x-original-url x-original-uri x-auth-request-redirect x-real-ip"
)


def is_copied(name: str) -> bool:
    """Return whether a header of an answer may be set on the request."""
    return _plain(name) not in OF_CONNECTIONS and fullmatch(TOKEN, name) is not None


def lookalikes(name: str) -> str:
    """Return the expression of all names that a pod may take for this one, in lower case."""
    return "^" + "".join(it if it.isalnum() else "[^a-z0-9]" for it in name.lower()) + "$"


def joined(values: Iterable[str]) -> str:
    """Return the values of a header as one (RFC 9110, section 5.3)."""
    return ", ".join(values)
