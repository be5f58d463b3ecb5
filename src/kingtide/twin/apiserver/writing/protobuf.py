r"""Protobuf bodies, which kubectl's typed clients and many controllers send in no other form.

The envelope is `k8s\0` and a runtime.Unknown. What the messages hold stands in
protobuf_messages.txt, one line each. A kind or field that is not in it is refused, never dropped.

Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding (v1.36).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

import msgspec

from kingtide.kube.wire.times import time_text
from kingtide.twin.apiserver.refusals import ApiRefusal, bad_request

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\x00"
_META = "meta/v1"
_TEXT, _LIST, _MAP, _EMBEDDED = "text", "[]", "{}", "*"
_ZEROES = (0, "", False)


class Field(msgspec.Struct, frozen=True):
    """A field's name in JSON, and its form, or the message that it holds.

    `has_zero` says that a zero is a value, not the absence of one.
    """

    name: str
    form: str
    has_zero: bool


Message = Mapping[int, Field]


def read_protobuf(written: bytes) -> dict[str, Any]:
    """Return the object of a protobuf body, as JSON would have it.

    Raises:
        ApiRefusal: 415, the kind or a field of it is not read so; 400, it is no such body.
    """
    if not written.startswith(_MAGIC):
        raise bad_request("the body is no protobuf of Kubernetes: it does not begin with k8s")
    try:
        envelope = dict(_fields(written[len(_MAGIC) :]))
        head = dict(_fields(_bytes(envelope.get(1, b""))))
        version, kind = (_bytes(head.get(it, b"")).decode() for it in (1, 2))
        name = _name_of(version, kind)
        if name is None:
            raise _unread(f"{version}, Kind={kind}")
        found = _message(_bytes(envelope.get(2, b"")), name)
    except (IndexError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise bad_request(f"the body is no protobuf of Kubernetes: {error}") from error
    return {"apiVersion": version, "kind": kind} | found


@cache
def messages() -> Mapping[str, Message]:
    """Return every message that is read, by package and name (`apps/v1.Deployment`)."""
    file = resources.files(__package__).joinpath("protobuf_messages.txt")
    lines = [it.split() for it in file.read_text("ascii").splitlines() if not it.startswith("#")]
    return {name: _read_message(name.rpartition(".")[0], fields) for name, *fields in lines}


def _read_message(package: str, fields: list[str]) -> Message:
    message = {}
    for written in fields:
        number, name, form = (*written.rstrip("!").split(":"), _TEXT)[:3]
        bare = form.removeprefix(_LIST).removeprefix(_MAP)
        if bare[0].isupper():
            form = form.replace(bare, f"{package}.{bare}")
        message[int(number)] = Field(name, form, written.endswith("!"))
    return message


def _name_of(api_version: str, kind: str) -> str | None:
    """Return the message of a kind; what is sent along a request has none of its group."""
    group, _, version = api_version.rpartition("/")
    package = f"{group.partition('.')[0] or 'core'}/{version}"
    names = (f"{package}.{kind}", f"{_META}.{kind}")
    return next((it for it in names if it in messages()), None)


# ------------------------------------------------------------ messages


def _message(written: bytes, name: str) -> dict[str, Any]:
    message = messages()[name]
    found: dict[str, Any] = {}
    for number, value in _fields(written):
        field = message.get(number)
        if field is None:
            raise _unread(f"field {number} of {name}")
        if field.form.startswith(_LIST):
            found.setdefault(field.name, []).append(_value(value, field.form[2:]))
        elif field.form.startswith(_MAP):
            key, each = _pair(_bytes(value), field.form[2:])
            found.setdefault(field.name, {})[key] = each
        elif field.name == _EMBEDDED:
            found |= _message(_bytes(value), field.form)
        else:
            read = _value(value, field.form)
            if field.has_zero or read not in _ZEROES:
                found[field.name] = read
    return found


def _pair(written: bytes, form: str) -> tuple[str, Any]:
    pair = dict(_fields(written))
    value = pair.get(2, 0 if form == "number" else b"")
    return _bytes(pair.get(1, b"")).decode(), _value(value, form)


def _value(value: int | bytes, form: str) -> Any:
    read = _FORMS.get(form)
    return _message(_bytes(value), form) if read is None else read(value)


def _number(value: int | bytes) -> int:
    if not isinstance(value, int):
        raise ValueError("a text stands where a number is expected")
    return value - (1 << 64) if value >> 63 else value


def _time(value: int | bytes) -> str | None:
    """Return a time as JSON has it; none of its fields is the zero time, which JSON leaves out."""
    parts = dict(_fields(_bytes(value)))
    if not parts:
        return ""
    seconds, nanos = (_number(parts.get(it, 0)) for it in (1, 2))
    text = time_text(seconds * 1000)
    return f"{text[:-1]}.{nanos // 1000:06d}Z" if nanos else text


def _number_or_text(value: int | bytes) -> int | str:
    kind, number, text = (dict(_fields(_bytes(value))).get(it) for it in (1, 2, 3))
    return _bytes(text or b"").decode() if kind else _number(number or 0)


def _first_text(value: int | bytes) -> str:
    """Return the text that is all of a message: a quantity's."""
    return _bytes(dict(_fields(_bytes(value))).get(1, b"")).decode()


def _json(value: int | bytes) -> Any:
    return msgspec.json.decode(_first_text(value) or "null")


def _texts(value: int | bytes) -> list[str]:
    return [_bytes(it).decode() for _, it in _fields(_bytes(value))]


_FORMS: Mapping[str, Callable[[int | bytes], Any]] = {
    _TEXT: lambda it: _bytes(it).decode(),
    "number": _number,
    "truth": bool,
    "bytes": lambda it: b64encode(_bytes(it)).decode(),
    "time": _time,
    "quantity": _first_text,
    "number-or-text": _number_or_text,
    "json": _json,
    "texts": _texts,
}


# ------------------------------------------------------------ the wire


def _fields(written: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield the fields of a message: their number, and a number or bytes.

    Source: https://protobuf.dev/programming-guides/encoding/.
    """
    place = 0
    while place < len(written):
        tag, place = _varint(written, place)
        match tag & 7:
            case 0:
                value, place = _varint(written, place)
                yield tag >> 3, value
            case 2:
                length, place = _varint(written, place)
                if place + length > len(written):
                    raise ValueError("a field is longer than the body")
                yield tag >> 3, written[place : place + length]
                place += length
            case form:
                raise ValueError(f"a field of the unknown form {form}")


def _varint(written: bytes, place: int) -> tuple[int, int]:
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


def _unread(what: str) -> ApiRefusal:
    message = (
        f"the body of the request was in an unknown format - {what} is not read as protobuf here:"
        " send application/json"
    )
    return ApiRefusal(415, "UnsupportedMediaType", message)
