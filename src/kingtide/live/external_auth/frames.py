"""SPOP's frames: those that HAProxy sends, read strictly, and those that it is answered with.

Source: https://github.com/haproxy/haproxy/blob/v2.6.0/doc/SPOE.txt (3.2 to 3.5)
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.live.external_auth.typed_data import Broken, Cursor, Value, integer, string, typed

VERSION = "2.0"
MIN_FRAME, MAX_FRAME = 256, 65_536
"""Bytes of a frame without its length: what SPOP allows at least, and twice what we have HAProxy
send (its buffer)."""
MAX_ARGUMENTS = 64
LENGTH_BYTES = 4
_FIN = 1
_HELLO, _DISCONNECT, _NOTIFY = 1, 2, 3
_AGENT_HELLO, _AGENT_DISCONNECT, _ACK = 101, 102, 103
_SET_VAR, _TRANSACTION = 1, 2
_TOO_BIG, _NO_FRAGMENTS = 3, 10
_NO_VERSION, _NO_SIZE, _NO_CAPABILITIES, _OTHER_VERSION, _WRONG_SIZE = 5, 6, 7, 8, 9


class Hello(msgspec.Struct, frozen=True, gc=False):
    """HAProxy's first frame, as far as we can serve it."""

    max_frame: int
    is_pipelining: bool
    is_check: bool = False


class Notify(msgspec.Struct, frozen=True, gc=False):
    """A question: what the message's arguments say, by name."""

    stream: int
    frame: int
    message: str
    arguments: Mapping[str, Value]


class Disconnect(msgspec.Struct, frozen=True, gc=False):
    """HAProxy ends the connection; `code` is its reason, 0 for none."""

    code: int


Frame = Hello | Notify | Disconnect


def frame_length(prefix: bytes, most: int) -> int:
    """Return how many bytes follow.

    Raises:
        Broken: more than were agreed on, or too few for a frame.
    """
    length = int.from_bytes(prefix, "big")
    if length > most:
        raise Broken(f"a frame of {length} bytes, at most {most}", _TOO_BIG)
    if length < 7:
        raise Broken("a frame without its head")
    return length


def frame_of(data: bytes) -> Frame | None:
    """Return a frame without its length, None for one of a type that nobody knows.

    Raises:
        Broken: it is none.
    """
    cursor = Cursor(data)
    kind = cursor.byte()
    flags = int.from_bytes(cursor.take(4), "big")
    stream, number = cursor.integer(), cursor.integer()
    if kind not in (_HELLO, _DISCONNECT, _NOTIFY):
        if kind == 0:
            raise Broken("a fragment, which we said that we do not take", _NO_FRAGMENTS)
        return None
    if not flags & _FIN:
        raise Broken("a fragment, which we said that we do not take", _NO_FRAGMENTS)
    if kind == _NOTIFY:
        return _notify(cursor, stream, number)
    found = _items(cursor)
    return _hello(found) if kind == _HELLO else Disconnect(_number(found.get("status-code")))


def _notify(cursor: Cursor, stream: int, number: int) -> Notify:
    message = cursor.string()
    count = cursor.byte()
    if count > MAX_ARGUMENTS:
        raise Broken(f"{count} arguments, at most {MAX_ARGUMENTS}")
    found = {cursor.string(): cursor.value() for _ in range(count)}
    if not cursor.is_at_end:
        raise Broken("more than the one message that we ask for")
    return Notify(stream, number, message, found)


def _items(cursor: Cursor) -> Mapping[str, Value]:
    found: dict[str, Value] = {}
    while not cursor.is_at_end:
        if len(found) == MAX_ARGUMENTS:
            raise Broken(f"over {MAX_ARGUMENTS} items")
        name = cursor.string()
        found[name] = cursor.value()
    return found


def _number(value: Value) -> int:
    return value if isinstance(value, int) else 0


def _hello(found: Mapping[str, Value]) -> Hello:
    versions, size = found.get("supported-versions"), found.get("max-frame-size")
    capabilities = found.get("capabilities")
    if not isinstance(versions, str):
        raise Broken("no versions", _NO_VERSION)
    if not isinstance(size, int) or isinstance(size, bool):
        raise Broken("no size of frames", _NO_SIZE)
    if not isinstance(capabilities, str):
        raise Broken("no capabilities", _NO_CAPABILITIES)
    if VERSION not in _words(versions):
        raise Broken(f"versions {versions[:40]!r}; {VERSION} is spoken here", _OTHER_VERSION)
    if size < MIN_FRAME:
        raise Broken(f"frames of {size} bytes, at least {MIN_FRAME}", _WRONG_SIZE)
    is_check = found.get("healthcheck") is True
    return Hello(min(size, MAX_FRAME), "pipelining" in _words(capabilities), is_check)


def _words(text: str) -> list[str]:
    return [it.strip() for it in text.split(",")]


# -------------------------------------------------------------------- answers


def agent_hello(hello: Hello) -> bytes:
    """Return the answer to a hello: we take questions before earlier ones are answered."""
    can = "pipelining" if hello.is_pipelining else ""
    items: dict[str, str | int] = {"version": VERSION}
    items |= {"max-frame-size": hello.max_frame, "capabilities": can}
    return _framed(_AGENT_HELLO, 0, 0, _pairs(items))


def agent_disconnect(code: int, message: str) -> bytes:
    """Return the frame after which the connection is closed."""
    return _framed(_AGENT_DISCONNECT, 0, 0, _pairs({"status-code": code, "message": message}))


def ack(question: Notify, variables: Mapping[str, str], most: int) -> bytes | None:
    """Return the answer to a question: variables of its transaction; None where it is too long."""
    actions = b"".join(
        bytes((_SET_VAR, 3, _TRANSACTION)) + string(name) + typed(value)
        for name, value in variables.items()
    )
    found = _framed(_ACK, question.stream, question.frame, actions)
    return found if len(found) - LENGTH_BYTES <= most else None


def _pairs(items: Mapping[str, str | int]) -> bytes:
    return b"".join(string(name) + typed(value) for name, value in items.items())


def _framed(kind: int, stream: int, number: int, payload: bytes) -> bytes:
    head = bytes((kind,)) + _FIN.to_bytes(4, "big") + integer(stream) + integer(number)
    return (len(head) + len(payload)).to_bytes(LENGTH_BYTES, "big") + head + payload
