r"""Protobuf bodies of the few kinds that kubectl's typed clients send in no other form.

The envelope is `k8s\0` and a runtime.Unknown; numbers of fields are those of generated.proto in
k8s.io/api and k8s.io/apimachinery (v0.36). Kinds that are not in MESSAGES are refused with 415.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from kingtide.twin.apiserver.refusals import ApiRefusal, bad_request

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\x00"

Form = Literal["text", "number", "truth", "texts", "map"]


class Field(msgspec.Struct, frozen=True):
    """A field's name in JSON, and its form or the message that it holds."""

    name: str
    form: Form | str = "text"


Message = Mapping[int, Field]

_METADATA: Message = {
    1: Field("name"),
    2: Field("generateName"),
    3: Field("namespace"),
    5: Field("uid"),
    6: Field("resourceVersion"),
    11: Field("labels", "map"),
    12: Field("annotations", "map"),
    14: Field("finalizers", "texts"),
}
_DELETE_OPTIONS: Message = {
    1: Field("gracePeriodSeconds", "number"),
    2: Field("preconditions", "Preconditions"),
    4: Field("propagationPolicy"),
    5: Field("dryRun", "texts"),
}
MESSAGES: Mapping[str, Message] = {
    "ObjectMeta": _METADATA,
    "Preconditions": {1: Field("uid"), 2: Field("resourceVersion")},
    "ObjectReference": {1: Field("kind"), 2: Field("namespace"), 3: Field("name")},
    "DeleteOptions": _DELETE_OPTIONS,
    "Eviction": {1: Field("metadata", "ObjectMeta"), 2: Field("deleteOptions", "DeleteOptions")},
    "Binding": {1: Field("metadata", "ObjectMeta"), 2: Field("target", "ObjectReference")},
    "Namespace": {1: Field("metadata", "ObjectMeta")},
    "ConfigMap": {
        1: Field("metadata", "ObjectMeta"),
        2: Field("data", "map"),
        4: Field("immutable", "truth"),
    },
    "SelfSubjectAccessReview": {},
    "SelfSubjectRulesReview": {},
    "SelfSubjectReview": {},
}


def read_protobuf(written: bytes) -> dict[str, Any]:
    """Return the object of a protobuf body.

    Raises:
        ApiRefusal: 415, the kind is not read so; 400, it is no such body.
    """
    if not written.startswith(_MAGIC):
        raise bad_request("the body is no protobuf of Kubernetes: it does not begin with k8s")
    try:
        envelope = dict(_fields(written[len(_MAGIC) :]))
        head = dict(_fields(_bytes(envelope.get(1, b""))))
        version, kind = (_bytes(head.get(it, b"")).decode() for it in (1, 2))
        if kind not in MESSAGES:
            message = (
                f"the body of the request was in an unknown format - {kind} is not read as protobuf"
                " here: send application/json (kubectl: create -f, or apply -f)"
            )
            raise ApiRefusal(415, "UnsupportedMediaType", message)
        found = _message(_bytes(envelope.get(2, b"")), MESSAGES[kind])
    except (IndexError, UnicodeDecodeError, ValueError) as error:
        raise bad_request(f"the body is no protobuf of Kubernetes: {error}") from error
    return {"apiVersion": version, "kind": kind} | found


def _message(written: bytes, message: Message) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, value in _fields(written):
        field = message.get(number)
        if field is None:
            continue
        match field.form:
            case "text":
                text = _bytes(value).decode()
                if text:
                    found[field.name] = text
            case "number":
                found[field.name] = value
            case "truth":
                found[field.name] = bool(value)
            case "texts":
                found.setdefault(field.name, []).append(_bytes(value).decode())
            case "map":
                pair = dict(_fields(_bytes(value)))
                key, text = (_bytes(pair.get(it, b"")).decode() for it in (1, 2))
                found.setdefault(field.name, {})[key] = text
            case name:
                found[field.name] = _message(_bytes(value), MESSAGES[name])
    return found


def _fields(written: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield the fields of a message: their number, and a number or bytes."""
    place = 0
    while place < len(written):
        tag, place = _number(written, place)
        match tag & 7:
            case 0:
                value, place = _number(written, place)
                yield tag >> 3, value
            case 2:
                length, place = _number(written, place)
                if place + length > len(written):
                    raise ValueError("a field is longer than the body")
                yield tag >> 3, written[place : place + length]
                place += length
            case 1 | 5 as form:
                place += 8 if form == 1 else 4
            case form:
                raise ValueError(f"a field of the unknown form {form}")


def _number(written: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 64:
        byte = written[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
    raise ValueError("a number is longer than 64 bits")


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise ValueError("a number stands where a text is expected")
    return value
