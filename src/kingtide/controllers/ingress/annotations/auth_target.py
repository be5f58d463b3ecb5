"""Whom an Ingress may have us ask.

We stand where pods of the namespace may not: before the metadata of the machine, in networks of
others. So by default a Service of the Ingress' own namespace, whatever else the policy lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from re import fullmatch

import msgspec

from kingtide.controllers.ingress.external_auth.settings import DEFAULT_PORTS
from kingtide.controllers.ingress.external_auth.urls import CHARACTERS, MAX_URL, NotAskable
from kingtide.controllers.ingress.names import dns_name_problem
from kingtide.controllers.ingress.servers import tcp_ports
from kingtide.kube.services import Service

_URL = (
    r"(https?)://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::([1-9][0-9]{0,4}))?"
    rf"(/[{CHARACTERS}]*)?(\?[{CHARACTERS}?]*)?"
)
"""Without userinfo and fragment."""
_SERVICE = r"([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.cluster\.local)?"


class Target(msgspec.Struct, frozen=True, gc=False):
    """A service that may be asked; `path` has the query."""

    scheme: str
    host: str
    port: int
    path: str
    is_address: bool = False


def target(
    url: str, namespace: str, services: Mapping[str, Service], hosts: tuple[str, ...]
) -> Target:
    """Return whom a URL names; `hosts` are those that the policy lets every Ingress ask.

    Raises:
        NotAskable: it is no URL, or nobody that may be asked.
    """
    found = None if len(url) > MAX_URL else fullmatch(_URL, url)
    if "$" in url.partition("://")[2].partition("/")[0]:
        raise NotAskable("hosts of requests are not asked: name the Service, as http://" + _FORM)
    if found is None:
        raise NotAskable(f"it is no URL; write http://{_FORM}:4180/oauth2/auth")
    scheme, host, written, path, query = found.groups()
    port = int(written) if written else DEFAULT_PORTS[scheme]
    if port > 65_535:
        raise NotAskable(f"there is no port {port}")
    host = host.strip("[]").rstrip(".").lower()
    made = Target(scheme, host, port, (path or "/") + (query or ""), _is_address(host))
    if any(_is_listed(host, it) for it in hosts):
        return made
    service = fullmatch(_SERVICE, host)
    if made.is_address or service is None or service[2] != namespace:
        raise NotAskable(
            f"the policy lets Ingresses ask Services of their own namespace ({_FORM}), and none of"
            " externalAuthHosts is this one"
        )
    _check_service(service[1], namespace, port, services)
    return made


_FORM = "SERVICE.NAMESPACE.svc"


def _check_service(name: str, namespace: str, port: int, services: Mapping[str, Service]) -> None:
    key = f"{namespace}/{name}"
    known = services.get(key)
    if known is None:
        raise NotAskable(f"there is no Service {key}")
    if known.type == "ExternalName":
        raise NotAskable(f"Service {key} is a name of somebody else's, as ExternalName")
    if port not in (it.port for it in tcp_ports(known)):
        ports = ", ".join(str(it.port) for it in tcp_ports(known)) or "none"
        raise NotAskable(f"Service {key} has no port {port}; it has {ports}")


def _is_listed(host: str, listed: str) -> bool:
    """Return whether a host is one of a list; `*.example.com` is any name below example.com."""
    wanted = listed.lower().rstrip(".").strip("[]")
    if wanted.startswith("*."):
        return host.endswith(wanted[1:]) and not dns_name_problem(host) and not _is_address(host)
    return host.removesuffix(".cluster.local") == wanted.removesuffix(".cluster.local")


def _is_address(host: str) -> bool:
    """Return whether it is an address in any form that a resolver takes: `127.1` and `0x7f` too."""
    return ":" in host or fullmatch(r"(.*\.)?(0x[0-9a-f]*|[0-9]+)", host) is not None
