"""The servers behind a Service's port.

Ready endpoints serve. A terminating one that still serves drains: it finishes what it has, and
serves new requests only while no endpoint is ready, as kube-proxy does it. Source:
https://kubernetes.io/docs/concepts/services-networking/service/#traffic-distribution and KEP-1669.
"""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.controllers.ingress.desired import Server
from kingtide.controllers.ingress.names import address_of, as_name, outside_problem
from kingtide.kube.services import Endpoint, EndpointSlice, Service, ServicePort

EXTERNAL = "external"
"""The one server of an ExternalName Service."""
PORTS = range(1, 65_536)


def service_port(service: Service, wanted: int | str) -> ServicePort | None:
    """Return the port that an Ingress names by number or name, None where there is none.

    A number may be a port of TCP and one of UDP (HTTP/3) at once: requests go to the former.
    """
    return next((it for it in tcp_ports(service) if wanted in (it.port, it.name)), None)


def tcp_ports(service: Service) -> tuple[ServicePort, ...]:
    """Return the ports of a Service that can be spoken to here."""
    return tuple(it for it in service.ports if it.protocol == "TCP")


def servers_of(
    service: Service, port: ServicePort, slices: Iterable[EndpointSlice]
) -> tuple[Server, ...]:
    """Return the servers of a port, sorted by name; each address once.

    An ExternalName Service has one: its name, which HAProxy resolves.
    """
    if service.type == "ExternalName":
        number = port.target_port if isinstance(port.target_port, int) else 0
        number = number or port.port
        if outside_problem(service.external_name) or number not in PORTS:
            return ()
        return (Server(EXTERNAL, service.external_name, number, is_named=True),)
    found = _found(of_one_family(service, slices), port)
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


def of_one_family(service: Service, slices: Iterable[EndpointSlice]) -> list[EndpointSlice]:
    """Return the slices of the Service's first family of addresses where it has two.

    A pod of a dual-stack Service stands in a slice of each: it is one pod, not two.
    """
    known = [it for it in slices if it.address_type != "FQDN"]
    first = [it for it in known if it.address_type == (service.ip_family or "IPv4")]
    return first if any(it.endpoints for it in first) else known


def _found(slices: Iterable[EndpointSlice], port: ServicePort) -> dict[tuple[str, int], Endpoint]:
    """Return endpoints by address and port.

    While endpoints move from slice to slice one may stand in two: the better news counts.
    """
    found: dict[tuple[str, int], Endpoint] = {}
    for one in slices:
        for number in _numbers(one, port):
            for it in one.endpoints:
                if it.addresses and _is_usable(it.addresses[0]):
                    at = it.addresses[0], number
                    other = found.get(at)
                    if other is None or _news(it) > _news(other):
                        found[at] = it
    return found


def _news(it: Endpoint) -> tuple[bool, bool, str]:
    return it.is_ready, it.is_serving, it.target


def _numbers(one: EndpointSlice, port: ServicePort) -> list[int]:
    """Return the ports of a slice that are the Service's: by name, as Kubernetes joins them.

    The API looks at no number of a slice that somebody else than Kubernetes wrote.
    """
    return [
        it.port
        for it in one.ports
        if it.name == port.name and it.protocol == "TCP" and it.port in PORTS
    ]


def _is_usable(address: str) -> bool:
    try:
        return not address_of(address).is_unspecified
    except ValueError:
        return False


def _name(endpoint: Endpoint, address: str, port: int) -> str:
    """Return the server's name: the pod's, with its address where pods of one name may follow."""
    place = f"{address.replace(':', '-')}_{port}"
    return f"{as_name(endpoint.target)}_{place}" if endpoint.target else place
