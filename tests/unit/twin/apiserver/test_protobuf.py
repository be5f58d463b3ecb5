"""Protobuf bodies: what is read, against the API's own names, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from kingtide.kube.wire.kinds import api_kinds
from kingtide.twin.apiserver.refusals import ApiRefusal
from kingtide.twin.apiserver.resources import Resources
from kingtide.twin.apiserver.schemas import field_types, model_of
from kingtide.twin.apiserver.writing.protobuf import messages, read_protobuf

WITHOUT = ("CustomResourceDefinition",)
"""Of another module than k8s.io/api, with a client of its own."""


def varint(number: int) -> bytes:
    if number < 0x80:
        return bytes([number])
    return bytes([number & 0x7F | 0x80]) + varint(number >> 7)


def field(number: int, value: int | bytes | str) -> bytes:
    """Return a field as protobuf has it."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value & (1 << 64) - 1)
    written = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(written)) + written


def sent(api_version: str, kind: str, message: bytes) -> bytes:
    head = field(1, api_version) + field(2, kind)
    return b"k8s\x00" + field(1, head) + field(2, message) + field(3, "") + field(4, "")


def read(api_version: str, kind: str, message: bytes) -> dict[str, Any]:
    return read_protobuf(sent(api_version, kind, message))


def test_every_kind_that_is_served_is_read() -> None:
    kinds = [it for it in Resources() if it.kind not in WITHOUT]
    for it in kinds:
        read(it.api_version, it.kind, field(1, field(1, "name")))
    assert {it.kind for it in kinds} > set(api_kinds())


def names(message: str) -> set[str]:
    """Return the fields of a message, with those of messages that stand in it."""
    found: set[str] = set()
    for it in messages()[message].values():
        found |= names(it.form) if it.name == "*" else {it.name}
    return found


# Newer than the struct tags that the numbers were read from: whoever sends it is told (415).
UNREAD = {"authentication/v1.TokenRequestSpec": {"attestations"}}


def test_every_message_has_the_fields_of_its_openapi_document() -> None:
    of_type = {"apiVersion", "kind"}  # of whole objects these stand in the envelope
    compared = 0
    for message in messages():
        package, _, kind = message.rpartition(".")
        model = model_of(kind, package.removeprefix("core/"))
        if model is None:
            continue  # it stands in others, where it has no name
        compared += 1
        fields = {*field_types(model)} - of_type - UNREAD.get(message, set())
        assert names(message) - of_type == fields, message
    assert compared > 350


def test_forms_are_read_as_json_has_them() -> None:
    container = field(1, "main") + field(8, field(2, field(1, "cpu") + field(2, field(1, "100m"))))
    probe = field(1, field(2, field(2, field(1, 0) + field(2, 8080)))) + field(2, 5)
    template = field(2, field(2, container + field(10, probe)))
    strategy = field(2, field(1, field(1, 1) + field(3, "25%")))
    spec = field(1, 0) + field(3, template) + field(4, strategy) + field(5, 0)
    metadata = (
        field(1, "web") + field(8, field(1, 86_400)) + field(11, field(1, "a") + field(2, "b"))
    )
    found = read("apps/v1", "Deployment", field(1, metadata) + field(2, spec))

    assert found == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": "web",
            "creationTimestamp": "1970-01-02T00:00:00Z",
            "labels": {"a": "b"},
        },
        "spec": {
            "replicas": 0,
            "template": {
                "spec": {
                    "containers": [
                        {
                            "name": "main",
                            "resources": {"requests": {"cpu": "100m"}},
                            "livenessProbe": {
                                "httpGet": {"port": 8080},
                                "initialDelaySeconds": 5,
                            },
                        }
                    ]
                }
            },
            "strategy": {"rollingUpdate": {"maxUnavailable": "25%"}},
        },
    }


def test_a_number_below_zero_is_read() -> None:
    found = read("scheduling.k8s.io/v1", "PriorityClass", field(2, -10))
    assert found["value"] == -10


def test_bytes_are_base64_as_in_json() -> None:
    found = read("v1", "Secret", field(2, field(1, "key") + field(2, "text")))
    assert found["data"] == {"key": "dGV4dA=="}


REFUSALS = [
    pytest.param(b"no magic", 400, "does not begin with k8s", id="no protobuf"),
    pytest.param(b"k8s\x00\x0a\xff", 400, "no protobuf of Kubernetes", id="cut off"),
    pytest.param(b"k8s\x00" + b"\xff" * 11, 400, "longer than 64 bits", id="an endless number"),
    pytest.param(b"k8s\x00\x0b", 400, "unknown form", id="an unknown form"),
    pytest.param(sent("v1", "Nothing", b""), 415, "v1, Kind=Nothing", id="an unknown kind"),
    pytest.param(
        sent("v1", "Pod", field(99, 1)), 415, "field 99 of core/v1.Pod", id="an unknown field"
    ),
    pytest.param(sent("v1", "Pod", field(1, 5)), 400, "a number stands", id="a number for a text"),
    pytest.param(
        sent("v1", "Pod", field(1, field(1, b"\xff"))), 400, "utf-8", id="a text that is none"
    ),
]


@pytest.mark.parametrize(("written", "code", "message"), REFUSALS)
def test_what_cannot_be_read_is_refused(written: bytes, code: int, message: str) -> None:
    with pytest.raises(ApiRefusal) as refused:
        read_protobuf(written)
    assert refused.value.code == code
    assert message in refused.value.message
