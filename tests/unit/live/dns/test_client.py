from __future__ import annotations

import struct
import time

import pytest

from kingtide.live.dns.client import DnsClient, Unanswered
from kingtide.live.dns.measuring import measure, measure_without_upstream
from kingtide.live.dns.message import Question
from tests.unit.live.dns.name_server import LOCAL, serving

NAME = Question("api.example.com")
RECORD = struct.pack("!HHHIH", 0xC00C, 1, 1, 30, 4) + bytes([192, 0, 2, 7])


def full(message: bytes) -> bytes:
    return message[:2] + struct.pack("!HHHHH", 0x8180, 1, 1, 0, 0) + message[12:] + RECORD


def cut_off(message: bytes) -> bytes:
    return message[:2] + struct.pack("!HHHHH", 0x8380, 1, 0, 0, 0) + message[12:]


def with_length(message: bytes) -> bytes:
    return struct.pack("!H", len(full(message))) + full(message)


def silent(message: bytes) -> bytes:
    return b"?" + message[1:]  # nothing that anybody asked for


def client(port: int, *, seconds: float = 10.0, over_tcp: bool = False) -> DnsClient:
    return DnsClient(
        LOCAL, port, timeout_seconds=seconds, queries_per_second=5000, over_tcp=over_tcp
    )


def test_an_answer_that_is_cut_off_is_asked_for_again_over_tcp() -> None:
    with serving(cut_off, with_length) as port, client(port) as asking:
        found = asking.ask(NAME)
        assert (found.records, found.is_truncated, asking.queries) == (1, False, 2)
        (five, one) = measure(asking, ("api.example.com",), (), 3, 60.0).by_ndots
    assert (five.absent, five.failed, one.absent, one.failed) == (0, 0, 0, 0)


def test_the_wait_for_a_questions_turn_is_no_time_of_the_server() -> None:
    with (
        serving(full) as port,
        DnsClient(LOCAL, port, timeout_seconds=10.0, queries_per_second=5) as asking,
    ):
        began = time.monotonic()
        asking.ask(NAME)
        asking.ask(NAME)
        took = time.monotonic() - began
    assert took - asking.spent_microseconds / 1_000_000 >= 0.15
    assert asking.spent_microseconds > 0


def test_over_tcp_alone_is_what_use_vc_asks() -> None:
    with serving(silent, with_length) as port, client(port, over_tcp=True) as asking:
        assert asking.ask(NAME).records == 1
        found = measure(asking, ("api.example.com",), (), 3, 60.0)
    assert found.is_whole
    assert found.counted is None  # and nothing was asked over UDP, which nobody answers here


@pytest.mark.parametrize(
    ("told", "why"),
    [
        pytest.param(lambda _: b"", "was closed before the answer", id="nothing"),
        pytest.param(lambda it: with_length(it)[:-1], "was closed before", id="cut off"),
        pytest.param(lambda it: b"\0\x0c" + it[:12], "shorter than", id="no answer to it"),
    ],
)
def test_what_is_no_answer_over_tcp_is_told(told: object, why: str) -> None:
    assert callable(told)
    with (
        serving(silent, told) as port,
        client(port, over_tcp=True) as asking,
        pytest.raises(Unanswered, match=why),
    ):
        asking.ask(NAME)


def test_where_tcp_is_refused_a_cut_answer_is_none() -> None:
    with serving(cut_off) as port, client(port) as asking, pytest.raises(Unanswered):
        asking.ask(NAME)


def test_a_server_that_falls_silent_is_asked_for_a_bounded_time() -> None:
    with serving(silent) as port, client(port, seconds=0.02) as asking:
        found = measure(asking, ("api.example.com",), (), 1_000_000, 0.1)
        dead = measure_without_upstream(asking, ["api.example.com"] * 1_000_000, 0.1)
    assert not found.is_whole
    assert all(it.lookups == it.failed < it.wanted for it in found.by_ndots)
    assert not dead.is_whole
    assert dead.answered == 0 < dead.names < dead.wanted
