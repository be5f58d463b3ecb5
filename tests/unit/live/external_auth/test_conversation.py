"""A conversation with HAProxy over a pair of sockets."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator

import pytest

from kingtide.controllers.ingress.external_auth.verdict import Variables
from kingtide.live.external_auth.conversation import MAX_OPEN, Conversation
from kingtide.live.external_auth.frames import Notify
from kingtide.live.external_auth.typed_data import integer, string, typed

FIN = b"\x00\x00\x00\x01"
Answering = Callable[[Notify], Awaitable[Variables]]


def framed(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def item(name: str, value: str | int) -> bytes:
    return string(name) + typed(value)


ITEMS = item("supported-versions", "2.0") + item("max-frame-size", 256)
HELLO = framed(b"\x01" + FIN + b"\x00\x00" + ITEMS + item("capabilities", "pipelining"))
GOODBYE = framed(b"\x02" + FIN + b"\x00\x00" + item("status-code", 0) + item("message", "end"))


def question(number: int) -> bytes:
    arguments = b"\x01" + item("name", str(number))
    return framed(b"\x03" + FIN + integer(number) + b"\x01" + string("request") + arguments)


async def said(data: bytes, answering: Answering, *, wait: int = 4) -> list[int]:
    """Send bytes in small parts, and return the types of frames that come until the end."""
    ours, theirs = socket.socketpair()
    ended: asyncio.Future[Conversation] = asyncio.get_running_loop().create_future()
    loop = asyncio.get_running_loop()
    await loop.connect_accepted_socket(lambda: Conversation(answering, ended.set_result), theirs)
    ours.setblocking(False)
    received = b""
    with contextlib.suppress(OSError):  # the other side may be gone while we still write
        for at in range(0, len(data), 7):
            await loop.sock_sendall(ours, data[at : at + 7])
            await asyncio.sleep(0)
    async with asyncio.timeout(wait):
        with contextlib.suppress(OSError):
            while part := await loop.sock_recv(ours, 1 << 16):
                received += part
        await ended
    ours.close()
    return list(types(received))


def types(data: bytes) -> Iterator[int]:
    """Yield the types of frames in a row."""
    while data:
        end = 4 + int.from_bytes(data[:4], "big")
        yield data[4]
        data = data[end:]


async def at_once(_: Notify) -> Variables:
    return {"verdict": "allowed"}


async def never(_: Notify) -> Variables:
    await asyncio.sleep(3_600)
    return {}


async def too_long(_: Notify) -> Variables:
    return {"verdict": "allowed", "header0": "a" * 300}


@pytest.mark.parametrize(
    ("sent", "answering", "expected"),
    [
        pytest.param((HELLO, question(1), question(300)), at_once, [101, 103, 103], id="answers"),
        pytest.param((HELLO, question(1)), too_long, [101, 103], id="too long: a short one"),
        pytest.param((HELLO, question(1)), never, [101], id="nobody waits at the end"),
        pytest.param((question(1),), at_once, [], id="a question comes first"),
        pytest.param((HELLO, HELLO), at_once, [101], id="two hellos"),
        pytest.param((HELLO, framed(b"\x00" * 300)), at_once, [101], id="larger than agreed"),
        pytest.param(
            (HELLO, framed(b"\x03" + FIN + b"\x01\x01\x05a")), at_once, [101], id="broken"
        ),
        pytest.param(
            (HELLO, *(question(it) for it in range(MAX_OPEN + 1))), never, [101], id="too many"
        ),
    ],
)
def test_a_conversation(sent: tuple[bytes, ...], answering: Answering, expected: list[int]) -> None:
    found = asyncio.run(said(b"".join((*sent, GOODBYE)), answering))
    assert found[-1] == 102
    assert [it for it in found if it != 102] == expected


def test_who_only_looks_is_answered_and_the_connection_ends() -> None:
    check = ITEMS + item("capabilities", "") + string("healthcheck") + b"\x11"
    assert asyncio.run(said(framed(b"\x01" + FIN + b"\x00\x00" + check), at_once)) == [101]
