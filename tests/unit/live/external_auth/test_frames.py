"""Frames of SPOP: those of HAProxy, hostile ones, and what they are answered with."""

from __future__ import annotations

import pytest

from kingtide.live.external_auth.frames import (
    Disconnect,
    Hello,
    Notify,
    ack,
    agent_disconnect,
    agent_hello,
    frame_length,
    frame_of,
)
from kingtide.live.external_auth.typed_data import Broken, Cursor, string, typed

FIN = b"\x00\x00\x00\x01"
HEAD = FIN + b"\x00\x00"


def item(name: str, value: str | int) -> bytes:
    return string(name) + typed(value)


VERSIONS = item("supported-versions", "1.0, 2.0")
SIZE = item("max-frame-size", 16_380)
CAN = item("capabilities", "pipelining,async")


def question(*arguments: bytes, message: str = "request", count: int | None = None) -> bytes:
    number = len(arguments) if count is None else count
    return (
        b"\x03" + FIN + b"\x05\xf0\x01" + string(message) + bytes((number,)) + b"".join(arguments)
    )


def test_a_hello_says_what_haproxy_can() -> None:
    assert frame_of(b"\x01" + HEAD + VERSIONS + SIZE + CAN) == Hello(16_380, True)


def test_a_hello_that_only_looks_is_told_apart() -> None:
    check = string("healthcheck") + b"\x11"
    found = frame_of(b"\x01" + HEAD + VERSIONS + SIZE + item("capabilities", "") + check)
    assert found == Hello(16_380, False, True)


def test_a_question_says_its_arguments() -> None:
    found = frame_of(question(item("name", "x"), string("tls") + b"\x11"))
    assert found == Notify(5, 256, "request", {"name": "x", "tls": True})


def test_a_goodbye_says_why() -> None:
    found = frame_of(b"\x02" + HEAD + item("status-code", 2) + item("message", "late"))
    assert found == Disconnect(2)


def test_frames_of_types_to_come_are_passed_over() -> None:
    assert frame_of(b"\x63" + HEAD + b"anything") is None


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"\x01\x00", 4, id="half a head"),
        pytest.param(b"\x01" + HEAD + SIZE + CAN, 5, id="no versions"),
        pytest.param(b"\x01" + HEAD + VERSIONS + CAN, 6, id="no size"),
        pytest.param(b"\x01" + HEAD + VERSIONS + SIZE, 7, id="no capabilities"),
        pytest.param(
            b"\x01" + HEAD + item("supported-versions", "1.0") + SIZE + CAN, 8, id="other version"
        ),
        pytest.param(
            b"\x01" + HEAD + VERSIONS + item("max-frame-size", 255) + CAN, 9, id="small frames"
        ),
        pytest.param(b"\x03" + b"\x00" * 4 + b"\x01\x01" + string("request"), 10, id="a part"),
        pytest.param(b"\x00" + b"\x00" * 4 + b"\x01\x01rest", 10, id="another part"),
        pytest.param(question(item("name", "x"), count=2), 4, id="an argument is missing"),
        pytest.param(question(item("name", "x"), count=0), 4, id="more than was said"),
        pytest.param(question(count=65), 4, id="too many arguments"),
        pytest.param(b"\x02" + HEAD + item("x", 1) * 1 + b"\xef", 4, id="half an item"),
        pytest.param(
            b"\x02" + HEAD + b"".join(item(f"x{it}", 1) for it in range(65)), 4, id="many items"
        ),
    ],
)
def test_what_is_no_frame_is_refused_with_its_code(data: bytes, code: int) -> None:
    with pytest.raises(Broken) as error:
        frame_of(data)
    assert error.value.code == code


@pytest.mark.parametrize(
    ("length", "code"),
    [
        pytest.param(16_381, 3, id="larger than agreed"),
        pytest.param(2**32 - 1, 3, id="larger than all memory"),
        pytest.param(6, 4, id="shorter than a head"),
        pytest.param(0, 4, id="empty"),
    ],
)
def test_a_length_out_of_bounds_is_refused(length: int, code: int) -> None:
    with pytest.raises(Broken) as error:
        frame_length(length.to_bytes(4, "big"), 16_380)
    assert error.value.code == code


def test_answers_have_their_length_and_are_final() -> None:
    for data in (
        agent_hello(Hello(16_380, True)),
        agent_disconnect(4, "no"),
        ack(Notify(5, 256, "request", {}), {"verdict": "allowed"}, 256),
    ):
        assert data is not None
        assert int.from_bytes(data[:4], "big") == len(data) - 4
        assert data[5:9] == FIN


def test_an_answer_sets_variables_of_the_transaction() -> None:
    data = ack(Notify(5, 256, "request", {}), {"verdict": "allowed", "header0": "bob"}, 256)
    assert data is not None
    cursor = Cursor(data[4:])
    assert (cursor.byte(), cursor.take(4), cursor.integer(), cursor.integer()) == (103, FIN, 5, 256)
    for name, value in (("verdict", "allowed"), ("header0", "bob")):
        assert cursor.take(3) == bytes((1, 3, 2))
        assert (cursor.string(), cursor.value()) == (name, value)
    assert cursor.is_at_end


def test_an_answer_that_is_too_long_is_none() -> None:
    assert ack(Notify(1, 1, "request", {}), {"header0": "a" * 300}, 256) is None


def test_hello_agrees_to_pipelining_only_where_haproxy_can() -> None:
    assert b"pipelining" in agent_hello(Hello(256, True))
    assert b"pipelining" not in agent_hello(Hello(256, False))
