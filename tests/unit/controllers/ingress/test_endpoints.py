from __future__ import annotations

import msgspec

from kingtide.controllers.ingress.compose import compose
from kingtide.controllers.ingress.endpoints import with_endpoints
from kingtide.controllers.ingress.remembered import Remembered
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.ingresses import HttpPath, Ingress, IngressBackend, IngressRule
from kingtide.kube.services import Endpoint, EndpointPort, EndpointSlice, Service, ServicePort
from kingtide.kube.workloads import ConfigMap

POLICY = IngressPolicy(config_map="d/values")
NAMES = ("web", "api")


def ingress(name: str, **annotations: str) -> Ingress:
    to = HttpPath("/", "Prefix", IngressBackend(name, 80))
    written = {f"haproxy.org/{key.replace('_', '-')}": value for key, value in annotations.items()}
    return Ingress(
        "d", name, rules=(IngressRule(f"{name}.example.com", (to,)),), annotations=written
    )


def slices(name: str, *addresses: str) -> tuple[EndpointSlice, ...]:
    found = tuple(Endpoint((it,), target=f"{name}-{it}") for it in addresses)
    return (EndpointSlice("d", f"{name}-1", name, "IPv4", found, (EndpointPort(8080, "http"),)),)


def view(**addresses: tuple[str, ...]) -> TrafficView:
    return TrafficView(
        {f"d/{it}": ingress(it, timeout_server="30s") for it in NAMES},
        services={f"d/{it}": Service("d", it, ports=(ServicePort(80, "http"),)) for it in NAMES},
        slices={f"d/{name}": slices(name, *found) for name, found in addresses.items()},
    )


BEFORE = view(web=("10.0.0.1", "10.0.0.2"), api=("10.0.1.1",))


def test_other_endpoints_come_to_the_same_as_composing_anew() -> None:
    composed = compose(BEFORE, POLICY)
    now = {**BEFORE.slices, "d/web": slices("web", "10.0.0.2", "10.0.0.3")}
    after = msgspec.structs.replace(BEFORE, slices=now)
    found, changed = with_endpoints(composed, after, {"d/web"})
    assert found == compose(after, POLICY)
    assert [it.partition("_http")[0] for it in changed] == ["d_web"]


def test_a_service_without_endpoints_has_a_backend_without_servers() -> None:
    after = msgspec.structs.replace(BEFORE, slices={"d/api": BEFORE.slices["d/api"]})
    found, _ = with_endpoints(compose(BEFORE, POLICY), after, {"d/web"})
    assert found == compose(after, POLICY)


def test_endpoints_that_stay_change_nothing() -> None:
    composed = compose(BEFORE, POLICY)
    assert with_endpoints(composed, BEFORE, {"d/web", "d/api"}) == (composed, ())


def test_what_is_remembered_never_outlives_what_it_was_found_in() -> None:
    kept = Remembered()
    other = {
        **BEFORE.services,
        "d/web": Service(
            "d",
            "web",
            ports=(ServicePort(80, "http"),),
            annotations={"haproxy.org/timeout-server": "9s"},
        ),
    }
    views = [
        BEFORE,
        msgspec.structs.replace(BEFORE, slices={"d/api": slices("api", "10.0.1.7")}),
        msgspec.structs.replace(BEFORE, ingresses={"d/web": ingress("web", timeout_server="5s")}),
        msgspec.structs.replace(BEFORE, services=other),
        msgspec.structs.replace(
            BEFORE, config_maps={"d/values": ConfigMap("d", "values", {"timeout-server": "7s"})}
        ),
        BEFORE,
    ]
    for each in (*views, *reversed(views)):
        assert compose(each, POLICY, kept) == compose(each, POLICY)
