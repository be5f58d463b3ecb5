from __future__ import annotations

import msgspec

from kingtide.controllers.ingress.compose import compose
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.ingresses import HttpPath, Ingress, IngressBackend, IngressRule
from kingtide.kube.services import Endpoint, EndpointPort, EndpointSlice, Service, ServicePort
from kingtide.operate.ingress.sight import Changes
from kingtide.operate.ingress.wishes import BELIEVED_SECONDS, Wishes

POLICY = IngressPolicy()
NAMES = [f"web{number}" for number in range(8)]
KEYS = frozenset(f"d/{name}" for name in NAMES)


def ingress(name: str) -> Ingress:
    to = HttpPath("/", "Prefix", IngressBackend(name, 80))
    return Ingress("d", name, rules=(IngressRule(f"{name}.example.com", (to,)),))


def of(name: str, address: str) -> tuple[EndpointSlice, ...]:
    at = (Endpoint((address,)),)
    return (EndpointSlice("d", f"{name}-1", name, "IPv4", at, (EndpointPort(8080, ""),)),)


VIEW = TrafficView(
    {f"d/{it}": ingress(it) for it in NAMES},
    services={f"d/{it}": Service("d", it, ports=(ServicePort(80),)) for it in NAMES},
    slices={f"d/{it}": of(it, "10.0.0.1") for it in NAMES},
)
EMPTY = msgspec.structs.replace(VIEW, slices={})


def begun() -> Wishes:
    wishes = Wishes()
    wishes.take(Changes(VIEW, is_more=True), POLICY, 0.0)
    return wishes


def test_another_endpoint_is_a_wish_for_its_backend_alone() -> None:
    view = msgspec.structs.replace(VIEW, slices={**VIEW.slices, "d/web3": of("web3", "10.0.0.9")})
    wished = begun().take(Changes(view, frozenset({"d/web3"})), POLICY, 1.0)
    assert wished.backends == ("d_web3_80",)
    assert wished.desired == compose(view, POLICY).desired


def test_another_ingress_is_a_wish_for_anything() -> None:
    view = msgspec.structs.replace(VIEW, ingresses={"d/web0": ingress("web0")})
    assert begun().take(Changes(view, is_more=True), POLICY, 1.0).backends is None


def test_addresses_that_are_gone_all_at_once_are_served_until_they_are_believed_gone() -> None:
    wishes = begun()
    gone = Changes(EMPTY, KEYS)
    wished = wishes.take(gone, POLICY, 1.0)
    assert wished.desired == compose(VIEW, POLICY).desired
    assert wishes.believes_at() == 1.0 + BELIEVED_SECONDS
    still = wishes.take(Changes(EMPTY), POLICY, BELIEVED_SECONDS)
    assert still.desired == wished.desired
    believed = wishes.take(Changes(EMPTY), POLICY, 1.0 + BELIEVED_SECONDS)
    assert believed.desired == compose(EMPTY, POLICY).desired
    assert wishes.believes_at() is None
    assert wishes.take(gone, POLICY, 90.0).desired == believed.desired


def test_addresses_that_come_back_are_served_at_once() -> None:
    wishes = begun()
    wishes.take(Changes(EMPTY, KEYS), POLICY, 1.0)
    moved = msgspec.structs.replace(VIEW, slices={f"d/{it}": of(it, "10.0.0.2") for it in NAMES})
    assert wishes.take(Changes(moved, KEYS), POLICY, 2.0).desired == compose(moved, POLICY).desired
    assert wishes.doubted == ()
