"""The servers behind a Service's port.

Ready endpoints serve. A terminating one that still serves drains: it finishes what it has, and
serves new requests only while no endpoint is ready, as kube-proxy does it. Source:
https://kubernetes.io/docs/concepts/services-networking/service/#traffic-distribution and KEP-1669.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address

from kingtide.controllers.ingress.desired import Server
from kingtide.controllers.ingress.names import as_name, dns_name_problem
from kingtide.kube.services import Endpoint, EndpointSlice, Service, ServicePort

EXTERNAL = "external"
"""The one server of an ExternalName Service."""


def service_port(service: Service, wanted: int | str) -> ServicePort | None:
    """Return the port that an Ingress names by number or name, None where there is none."""
    return next((it for it in service.ports if wanted in (it.port, it.name)), None)


def servers_of(
    service: Service, port: ServicePort, slices: Iterable[EndpointSlice]
) -> tuple[Server, ...]:
    """Return the servers of a port, sorted by name; each address once.

    An ExternalName Service has one: its name, which HAProxy resolves.
    """
    if service.type == "ExternalName":
        if dns_name_problem(service.external_name):
            return ()
        number = port.target_port if isinstance(port.target_port, int) else 0
        return (Server(EXTERNAL, service.external_name, number or port.port, is_named=True),)
    found = {
        (endpoint.addresses[0], number): endpoint
        for one in slices
        if one.address_type != "FQDN"
        for number in _numbers(one, port)
        for endpoint in one.endpoints
        if endpoint.addresses and _is_usable(endpoint.addresses[0])
    }
    is_published = service.publishes_not_ready
    ready = {at for at, it in found.items() if is_published or (it.is_ready and it.is_serving)}
    draining = {
        at for at, it in found.items() if at not in ready and it.is_serving and it.is_terminating
    }
    return tuple(
        sorted(
            Server(_name(found[at], *at), *at, is_draining=bool(ready) and at in draining)
            for at in (*ready, *draining)
        )
    )


def _numbers(one: EndpointSlice, port: ServicePort) -> list[int]:
    """Return the ports of a slice that are the Service's: by name, as Kubernetes joins them."""
    return [it.port for it in one.ports if it.name == port.name and it.protocol == "TCP"]


def _is_usable(address: str) -> bool:
    try:
        return not ip_address(address).is_unspecified
    except ValueError:
        return False


def _name(endpoint: Endpoint, address: str, port: int) -> str:
    """Return the server's name: the pod's, with its address where pods of one name may follow."""
    place = f"{address.replace(':', '-')}_{port}"
    return f"{as_name(endpoint.target)}_{place}" if endpoint.target else place
