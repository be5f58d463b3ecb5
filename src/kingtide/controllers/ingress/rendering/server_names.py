"""Which backend gets a connection, by the server name that its client asks for.

As with requests, what has rules of its own never falls back to wider ones: a host within a wildcard
whose TLS is passed through keeps its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kingtide.controllers.ingress.desired import Desired
from kingtide.controllers.ingress.routing.hosts import host_key, keys_tried

OFFLOAD = "kingtide-offload"
"""The backend of TLS that is not passed through. It is not there where there is no certificate: a
connection that is led to it is closed then."""


def server_names(desired: Desired) -> Mapping[str, str]:
    """Return backends by server name."""
    found = dict(desired.passthrough)
    routes = (*desired.routes, *(it.route for it in desired.conditional))
    for host in dict.fromkeys(host_key(it.host) for it in routes):
        if host not in found and any(key in desired.passthrough for key in keys_tried(host)):
            found[host] = OFFLOAD
    return found


def passed_to(desired: Desired, keys: Iterable[str]) -> str:
    """Return the backend that gets a host's TLS as it is; empty where HAProxy ends it.

    `keys` are those under which the host is looked for.
    """
    names = server_names(desired)
    found = next((names[key] for key in keys if key in names), OFFLOAD)
    return "" if found == OFFLOAD else found
