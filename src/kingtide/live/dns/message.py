"""DNS messages: one question, and of an answer what a measurement needs.

Source: RFC 1035, sections 3.2 and 4.1; RFC 4892 for names of class CHAOS.
"""

from __future__ import annotations

import struct
from typing import Literal

import msgspec

RecordType = Literal["A", "AAAA", "TXT"]
_TYPES: dict[RecordType, int] = {"A": 1, "AAAA": 28, "TXT": 16}
_IN, _CHAOS = 1, 3
_RECURSION_DESIRED = 0x0100
_RESPONSE, _TRUNCATED = 0x8000, 0x0200
_HEADER = struct.Struct("!HHHHHH")
_RECORD = struct.Struct("!HHIH")
_POINTER = 0xC0
_MOST_LABEL, _MOST_NAME = 63, 253

NO_ERROR, NO_SUCH_NAME = 0, 3
"""Response codes: there is the name (with or without records of the type), there is none."""


class BadName(ValueError):
    """A text that no question can hold."""


class BadMessage(ValueError):
    """Bytes that are no answer to the question."""


class Question(msgspec.Struct, frozen=True):
    """A name, without its last dot, and the type of records asked for."""

    name: str
    record_type: RecordType = "A"
    is_chaos: bool = False


class Answer(msgspec.Struct, frozen=True):
    """`code` is RFC 1035's RCODE, `records` their number, `least_ttl` None without any.

    `texts` are what TXT records say, one after the other. A truncated answer is one for UDP that
    the caller would repeat over TCP.
    """

    code: int
    records: int
    least_ttl_seconds: int | None
    texts: tuple[str, ...] = ()
    is_truncated: bool = False


def encode(question: Question, identity: int) -> bytes:
    """Return the message that asks a question.

    Raises:
        BadName: a label is empty or too long, or the whole name is.
    """
    head = _HEADER.pack(identity, _RECURSION_DESIRED, 1, 0, 0, 0)
    return head + _asked(question)


def decode(message: bytes, question: Question, identity: int) -> Answer:
    """Return what a message answers to a question.

    Raises:
        BadMessage: it answers another one, or cannot be read.
    """
    asked = _asked(question)
    if len(message) < _HEADER.size + len(asked):
        raise BadMessage("shorter than the question")
    number, flags, questions, answers, _, _ = _HEADER.unpack_from(message)
    at = _HEADER.size + len(asked)
    if number != identity or not flags & _RESPONSE or questions != 1:
        raise BadMessage("no response to this question")
    if message[_HEADER.size : at].lower() != asked.lower():
        raise BadMessage("the response to another question")
    ttls: list[int] = []
    texts: list[str] = []
    for _ in range(answers):
        at = _past_name(message, at)
        if at + _RECORD.size > len(message):
            raise BadMessage("a record is cut off")
        kind, _, ttl, length = _RECORD.unpack_from(message, at)
        at += _RECORD.size
        data = message[at : at + length]
        if len(data) < length:
            raise BadMessage("a record is cut off")
        at += length
        ttls.append(ttl)
        if kind == _TYPES["TXT"]:
            texts += _strings(data)
    return Answer(
        code=flags & 0xF,
        records=answers,
        least_ttl_seconds=min(ttls, default=None),
        texts=tuple(texts),
        is_truncated=bool(flags & _TRUNCATED),
    )


def _asked(question: Question) -> bytes:
    kind = struct.pack("!HH", _TYPES[question.record_type], _CHAOS if question.is_chaos else _IN)
    return _name(question.name) + kind


def _name(text: str) -> bytes:
    if not text or len(text) > _MOST_NAME:
        raise BadName(f"{text[:40]!r} has {len(text)} characters; a name has 1 to {_MOST_NAME}")
    found = bytearray()
    for label in text.split("."):
        written = label.encode("ascii", "replace")
        if not written or len(written) > _MOST_LABEL or not label.isascii():
            raise BadName(f"{label[:40]!r} of {text!r} is no label: 1 to {_MOST_LABEL} of ASCII")
        found += bytes([len(written)]) + written
    return bytes(found) + b"\0"


def _past_name(message: bytes, at: int) -> int:
    """Return the place behind a name, which may end with a pointer to an earlier one."""
    while at < len(message):
        length = message[at]
        if length & _POINTER == _POINTER:
            return at + 2
        at += 1 + length
        if length == 0:
            return at
    raise BadMessage("a name is cut off")


def _strings(data: bytes) -> list[str]:
    found, at = [], 0
    while at < len(data):
        end = at + 1 + data[at]
        found.append(data[at + 1 : end].decode("utf-8", "replace"))
        at = end
    return found
