from __future__ import annotations

import struct

import pytest

from kingtide.live.dns.message import BadMessage, BadName, Question, decode, encode

ASKED = Question("api.example.com")
NAME = b"\x03api\x07example\x03com\0"


def answer(*records: bytes, code: int = 0, identity: int = 7, flags: int = 0x8180) -> bytes:
    head = struct.pack("!HHHHHH", identity, flags | code, 1, len(records), 0, 0)
    return head + NAME + struct.pack("!HH", 1, 1) + b"".join(records)


def record(ttl: int, data: bytes, kind: int = 1, name: bytes = b"\xc0\x0c") -> bytes:
    return name + struct.pack("!HHIH", kind, 1, ttl, len(data)) + data


def test_a_question_is_one_as_the_rfc_has_it() -> None:
    assert encode(ASKED, 7) == struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + NAME + b"\0\1\0\1"
    assert encode(Question("hits.bind", "TXT", is_chaos=True), 7).endswith(b"\0\x10\0\3")


def test_an_answer_has_its_code_its_records_and_the_shortest_time_to_live() -> None:
    found = decode(answer(record(30, b"\1\2\3\4"), record(9, b"\1\2\3\5", name=NAME)), ASKED, 7)
    assert (found.code, found.records, found.least_ttl_seconds) == (0, 2, 9)
    none = decode(answer(code=3), ASKED, 7)
    assert (none.code, none.records, none.least_ttl_seconds) == (3, 0, None)
    assert decode(answer(flags=0x8380), ASKED, 7).is_truncated


def test_texts_are_read_one_after_the_other() -> None:
    found = decode(answer(record(0, b"\x0212\x013", kind=16)), ASKED, 7)
    assert found.texts == ("12", "3")


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(answer(identity=8), id="another question's number"),
        pytest.param(answer(flags=0x0100), id="a question"),
        pytest.param(answer().replace(b"api", b"apj"), id="another name"),
        pytest.param(answer(record(1, b"\1\2\3\4"))[:-1], id="data cut off"),
        pytest.param(answer(record(1, b"\1\2\3\4"))[:-6], id="a record cut off"),
        pytest.param(answer(b"\x09ab"), id="a name cut off"),
    ],
)
def test_what_is_no_answer_is_refused(message: bytes) -> None:
    with pytest.raises(BadMessage):
        decode(message, ASKED, 7)


@pytest.mark.parametrize("name", ["", "a..b", "a" * 64, "é.example.com", ".".join(["abc"] * 70)])
def test_a_name_that_no_question_holds_is_refused(name: str) -> None:
    with pytest.raises(BadName):
        encode(Question(name), 1)
