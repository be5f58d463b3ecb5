"""The servers of a backend, and the endpoints that are none, each with its state."""

from __future__ import annotations

from typing import Literal

import msgspec

from kingtide.controllers.ingress.desired import Backend
from kingtide.controllers.ingress.servers import of_one_family
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.kube.services import Endpoint

State = Literal["serves", "serves while it ends", "drains", "not ready", "ended", "resolved"]
"""What an endpoint does.

`serves while it ends`: it is terminating, and no other is ready. `drains`: it finishes what it has.
`ended`: it terminates and serves nothing any more. `resolved`: a name that HAProxy resolves.
"""


class Reached(msgspec.Struct, frozen=True, gc=False):
    """An endpoint: its server's name (empty where it is no server), address, state and place."""

    server: str
    address: str
    state: State
    pod: str = ""
    node: str = ""
    zone: str = ""

    @property
    def takes_requests(self) -> bool:
        """Whether new requests go there."""
        return self.state in ("serves", "serves while it ends", "resolved")


def reached(view: TrafficView, backend: Backend) -> tuple[Reached, ...]:
    """Return the servers in their order, then endpoints of the Service that are none of them."""
    service = view.services.get(backend.service)
    slices = view.slices.get(backend.service, ())
    known = {
        address: endpoint
        for one in (slices if service is None else of_one_family(service, slices))
        for endpoint in one.endpoints
        for address in endpoint.addresses[:1]
    }
    found: list[Reached] = []
    for it in backend.servers:
        endpoint = known.get(it.address)
        if it.is_named or endpoint is None:
            state: State = "resolved" if it.is_named else "serves"
            found.append(Reached(it.name, f"{it.address}:{it.port}", state))
            continue
        state = "drains" if it.is_draining else "serves"
        if endpoint.is_terminating and not it.is_draining:
            state = "serves while it ends"
        found.append(_of(endpoint, it.name, f"{it.address}:{it.port}", state))
    served = {it.address for it in backend.servers}
    for address, endpoint in sorted(known.items()):
        if address not in served:
            ended = endpoint.is_terminating
            found.append(_of(endpoint, "", address, "ended" if ended else "not ready"))
    return tuple(found)


def _of(it: Endpoint, server: str, address: str, state: State) -> Reached:
    return Reached(server, address, state, it.target, it.node, it.zone)
