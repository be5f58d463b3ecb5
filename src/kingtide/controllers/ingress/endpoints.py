"""A composed proxy with other endpoints: all that most changes of a cluster are about."""

from __future__ import annotations

from collections.abc import Container

import msgspec

from kingtide.controllers.ingress.compose import Composed
from kingtide.controllers.ingress.servers import servers_of
from kingtide.controllers.ingress.traffic_view import TrafficView


def with_endpoints(
    composed: Composed, view: TrafficView, services: Container[str]
) -> tuple[Composed, tuple[str, ...]]:
    """Return the proxy with the servers of these Services as the view has them, and which changed.

    The same as composing anew, where nothing but EndpointSlices of these Services (`namespace/name`
    each) changed since. What changed are names of backends.
    """
    changed = {}
    for name, it in composed.desired.backends.items():
        if it.service not in services or it.port is None or it.service not in view.services:
            continue
        slices = view.slices.get(it.service, ())
        servers = servers_of(view.services[it.service], it.port, slices)
        if servers != it.servers:
            changed[name] = msgspec.structs.replace(it, servers=servers)
    if not changed:
        return composed, ()
    backends = {**composed.desired.backends, **changed}
    desired = msgspec.structs.replace(composed.desired, backends=backends)
    return msgspec.structs.replace(composed, desired=desired), tuple(changed)
