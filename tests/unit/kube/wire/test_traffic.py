from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kingtide.kube.ingresses import (
    HttpPath,
    Ingress,
    IngressBackend,
    IngressClass,
    IngressRule,
    IngressTls,
)
from kingtide.kube.secrets import Secret
from kingtide.kube.services import Endpoint, EndpointPort, EndpointSlice, Service, ServicePort
from kingtide.kube.wire.traffic import traffic_kinds

KINDS = traffic_kinds()

OBJECTS: dict[str, Any] = {
    "Ingress": Ingress(
        namespace="shop",
        name="web",
        uid="u",
        class_name="haproxy",
        rules=(
            IngressRule(
                "*.example.com",
                (
                    HttpPath("/a", "Prefix", IngressBackend("web", "http")),
                    HttpPath("/b", "Exact", IngressBackend("web", 8080)),
                ),
            ),
            IngressRule("bare.example.com"),
        ),
        default_backend=IngressBackend("fallback", 80),
        tls=(IngressTls(("a.example.com",), "cert"), IngressTls()),
        annotations={"haproxy.org/rewrite": "/x"},
        created_ms=1_606_000_000_000,
        resource_version=7,
    ),
    "IngressClass": IngressClass("haproxy", "haproxy.org/ingress-controller", is_default=True),
    "Service": Service(
        namespace="shop",
        name="web",
        uid="u",
        type="NodePort",
        ports=(ServicePort(80, "http", "web", "TCP", "http"), ServicePort(9, target_port=9)),
        publishes_not_ready=True,
        ip_family="IPv6",
    ),
    "EndpointSlice": EndpointSlice(
        namespace="shop",
        name="web-1",
        service="web",
        endpoints=(
            Endpoint(("10.0.0.1",), node="n", zone="eu-west-3a", target="web-0"),
            Endpoint(("10.0.0.2",), is_ready=False, is_serving=True, is_terminating=True),
        ),
        ports=(EndpointPort(8080, "http"),),
    ),
    "Secret": Secret("shop", "cert", "kubernetes.io/tls", {"tls.crt": b"\x00pem", "tls.key": b"k"}),
}


@pytest.mark.parametrize("kind", OBJECTS)
def test_what_is_written_is_read_back(kind: str) -> None:
    it = KINDS[kind]
    assert it.read(msgspec.json.encode(it.body(OBJECTS[kind]))) == OBJECTS[kind]


@pytest.mark.parametrize("kind", OBJECTS)
@pytest.mark.parametrize("text", [b"{}", b"[]", b"null", b"1", b'{"metadata": {}}', b"\xff"])
def test_what_is_no_such_object_is_refused(kind: str, text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (the class is the contract; the words differ)
        KINDS[kind].read(text)


@pytest.mark.parametrize(
    ("conditions", "ready", "serving"),
    [
        pytest.param({}, True, True, id="nobody knows"),
        pytest.param({"ready": False}, False, False, id="serving follows ready where it is absent"),
        pytest.param({"ready": False, "serving": True}, False, True, id="terminating and serving"),
        pytest.param({"ready": True, "serving": False}, True, False, id="as said"),
        pytest.param({"ready": None, "serving": None}, True, True, id="null is absent"),
    ],
)
def test_absent_conditions_of_an_endpoint(
    conditions: dict[str, bool | None], ready: bool, serving: bool
) -> None:
    body = {
        "metadata": {"name": "s"},
        "addressType": "IPv4",
        "endpoints": [{"addresses": ["10.0.0.1"], "conditions": conditions}],
        "ports": None,
    }
    (found,) = KINDS["EndpointSlice"].read(msgspec.json.encode(body)).endpoints
    assert (found.is_ready, found.is_serving) == (ready, serving)


def test_texts_of_a_secret_that_somebody_wrote_by_hand_are_its_data() -> None:
    written = {
        "metadata": {"name": "it"},
        "data": {"a": "b2xk", "b": "YQ=="},
        "stringData": {"a": "new"},
    }
    found = KINDS["Secret"].read(msgspec.json.encode(written))
    assert found.data == {"a": b"new", "b": b"a"}


def test_a_secrets_values_are_never_shown() -> None:
    shown = repr(Secret("shop", "cert", data={"tls.key": b"PRIVATE"}))
    assert "PRIVATE" not in shown
    assert "tls.key: 7 bytes" in shown
