from __future__ import annotations

import pytest
from msgspec import structs

from kingtide.controllers.ingress.desired import Server
from kingtide.controllers.ingress.servers import servers_of, service_port
from kingtide.kube.services import (
    Endpoint,
    EndpointPort,
    EndpointSlice,
    IpFamily,
    Service,
    ServicePort,
)

HTTP = ServicePort(80, "http", 8080)
WEB = Service("shop", "web", ports=(HTTP, ServicePort(9090, "metrics", 9090)))

READY = Endpoint(("10.0.0.1",), target="web-a")
NOT_READY = Endpoint(("10.0.0.2",), is_ready=False, is_serving=False, target="web-b")
LEAVING = Endpoint(("10.0.0.3",), is_ready=False, is_terminating=True, target="web-c")
GONE = Endpoint(("10.0.0.4",), is_ready=False, is_serving=False, is_terminating=True)


def slice_of(*endpoints: Endpoint, ports: tuple[EndpointPort, ...] = ()) -> EndpointSlice:
    return EndpointSlice(
        "shop", "web-1", "web", endpoints=endpoints, ports=ports or (EndpointPort(8080, "http"),)
    )


def seen(*servers: Server) -> list[tuple[str, bool]]:
    return [(it.address, it.is_draining) for it in servers]


@pytest.mark.parametrize(
    ("endpoints", "expected"),
    [
        pytest.param((), [], id="none"),
        pytest.param((READY,), [("10.0.0.1", False)], id="ready"),
        pytest.param((NOT_READY,), [], id="not ready"),
        pytest.param(
            (READY, LEAVING), [("10.0.0.1", False), ("10.0.0.3", True)], id="one leaves, it drains"
        ),
        pytest.param((LEAVING,), [("10.0.0.3", False)], id="only those that leave: they serve"),
        pytest.param((LEAVING, GONE), [("10.0.0.3", False)], id="gone is gone"),
    ],
)
def test_which_endpoints_serve(
    endpoints: tuple[Endpoint, ...], expected: list[tuple[str, bool]]
) -> None:
    assert seen(*servers_of(WEB, HTTP, [slice_of(*endpoints)])) == expected


def test_a_service_that_publishes_what_is_not_ready_has_it_too() -> None:
    published = Service("shop", "web", ports=(HTTP,), publishes_not_ready=True)
    assert seen(*servers_of(published, HTTP, [slice_of(NOT_READY)])) == [("10.0.0.2", False)]


def test_an_address_in_two_slices_is_one_server() -> None:
    assert len(servers_of(WEB, HTTP, [slice_of(READY), slice_of(READY)])) == 1


def test_ports_are_joined_by_name() -> None:
    metrics = slice_of(READY, ports=(EndpointPort(9090, "metrics"),))
    assert servers_of(WEB, HTTP, [metrics]) == ()
    assert service_port(WEB, "metrics") == service_port(WEB, 9090)
    assert service_port(WEB, "grpc") is None


def test_an_external_name_is_one_server_by_its_name() -> None:
    outside = Service("shop", "out", type="ExternalName", external_name="api.example.com")
    (found,) = servers_of(outside, ServicePort(443), [])
    assert (found.address, found.port) == ("api.example.com", 443)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "::",
        "pod.example.com",
        "10.0.0.1\n",
        "",
        "fe80::1%eth0",
        "::1%x\n  server evil 10.0.0.9:80",
    ],
)
def test_what_is_no_address_of_a_pod_is_no_server(address: str) -> None:
    assert servers_of(WEB, HTTP, [slice_of(Endpoint((address,)))]) == ()


def test_a_server_keeps_its_name_when_others_come_and_go() -> None:
    alone = servers_of(WEB, HTTP, [slice_of(READY)])
    assert alone[0] in servers_of(WEB, HTTP, [slice_of(LEAVING, READY)])
    assert alone[0].name == "web-a_10.0.0.1_8080"


@pytest.mark.parametrize("slices", [(0, 1), (1, 0)], ids=["good news first", "bad news first"])
def test_of_an_endpoint_in_two_slices_the_better_news_counts(slices: tuple[int, int]) -> None:
    told = (READY, Endpoint(("10.0.0.1",), is_ready=False, is_serving=False, target="web-a"))
    found = servers_of(WEB, HTTP, [slice_of(told[it]) for it in slices])
    assert seen(*found) == [("10.0.0.1", False)]


@pytest.mark.parametrize(
    ("family", "address"), [(None, "10.0.0.1"), ("IPv4", "10.0.0.1"), ("IPv6", "fd00::1")]
)
def test_a_pod_with_addresses_of_two_families_is_one_server(
    family: IpFamily | None, address: str
) -> None:
    slices = [
        slice_of(READY),
        structs.replace(
            slice_of(Endpoint(("fd00::1",), target="web-a")), name="web-2", address_type="IPv6"
        ),
    ]
    service = structs.replace(WEB, ip_family=family)
    assert seen(*servers_of(service, HTTP, slices)) == [(address, False)]
    assert len(servers_of(service, HTTP, slices[1:])) == 1, "the only family there is"


@pytest.mark.parametrize("number", [0, -1, 65_536, 10**11])
def test_a_number_that_is_no_port_is_no_server(number: int) -> None:
    wrong = slice_of(READY, ports=(EndpointPort(number, "http"),))
    assert servers_of(WEB, HTTP, [wrong]) == ()
    outside = Service("shop", "out", type="ExternalName", external_name="api.example.com")
    assert servers_of(outside, ServicePort(number), []) == ()


def test_requests_go_to_the_port_of_tcp_where_udp_has_the_same_number() -> None:
    quic, https = ServicePort(443, "quic", 8443, "UDP"), ServicePort(443, "https", 8443)
    service = Service("shop", "web", ports=(quic, https))
    assert service_port(service, 443) == https
    assert service_port(service, "quic") is None
