"""What composing found out before, so that one change costs one change's work.

An answer is used again for the very objects that it was found for. What annotations ask for may
depend on Services, Secrets and ConfigMaps, so a change of any of those forgets all of it; it never
depends on addresses or on other Ingresses, which families do not get to see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kingtide.controllers.ingress.annotations.family import Found
from kingtide.controllers.ingress.desired import Server
from kingtide.controllers.ingress.servers import servers_of
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.ingresses import Ingress
from kingtide.kube.services import EndpointSlice, Service, ServicePort

Asking = Callable[[], tuple[Found, str]]
"""Finds out what is asked for, and the mark that it gives a backend's name."""


class Remembered:
    """Holds what one composing found until the next; what that did not ask for is forgotten."""

    def __init__(self) -> None:
        self._seen: tuple[object, ...] = ()
        self._asked: dict[tuple[int, int, str, bool], tuple[object, object, Found, str]] = {}
        self._asked_before = self._asked
        self._servers: dict[tuple[str, ServicePort], _Kept] = {}
        self._servers_before = self._servers

    def begin(self, view: TrafficView, policy: IngressPolicy) -> None:
        """Begin another composing."""
        seen = (view.services, view.secrets, view.config_maps, policy)
        is_same = len(seen) == len(self._seen) and all(
            it is other for it, other in zip(seen, self._seen, strict=True)
        )
        self._seen = seen
        self._asked_before = self._asked if is_same else {}
        self._servers_before = self._servers if is_same else {}
        self._asked, self._servers = {}, {}

    def asked(
        self, service: Service, ingress: Ingress, asking: Asking, *, has_tls: bool
    ) -> tuple[Found, str]:
        """Return what the annotations of a Service and of an Ingress ask for, and its mark."""
        written = ingress.annotations
        key = id(service), id(written), ingress.key, has_tls
        kept = self._asked.get(key) or self._asked_before.get(key)
        if kept is None:  # what is kept holds both objects, so that nothing else gets their ids
            kept = (service, written, *asking())
        self._asked[key] = kept
        return kept[2], kept[3]

    def servers(
        self, service: Service, port: ServicePort, slices: Iterable[EndpointSlice]
    ) -> tuple[Server, ...]:
        """Return the servers of a port, as `servers_of` does."""
        key, known = (service.key, port), tuple(slices)
        kept = self._servers.get(key) or self._servers_before.get(key)
        if kept is None or not _is_same(kept[0], known):
            kept = known, servers_of(service, port, known)
        self._servers[key] = kept
        return kept[1]


_Kept = tuple[tuple[EndpointSlice, ...], tuple[Server, ...]]


def _is_same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    return len(one) == len(other) and all(map(_is, one, other))


def _is(one: object, other: object) -> bool:
    return one is other
