"""SPOP's integers and values, as HAProxy's documentation has them."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from kingtide.live.external_auth.typed_data import Broken, Cursor, Value, integer, string, typed


@pytest.mark.parametrize(
    ("value", "data"),
    [
        pytest.param(0, "00", id="least"),
        pytest.param(239, "ef", id="last of one byte"),
        pytest.param(240, "f000", id="first of two"),
        pytest.param(2_287, "ff7f", id="last of two"),
        pytest.param(2_288, "f08000", id="first of three"),
        pytest.param(264_431, "ffff7f", id="last of three"),
        pytest.param(264_432, "f0808000", id="first of four"),
        pytest.param(33_818_863, "ffffff7f", id="last of four"),
        pytest.param(33_818_864, "f080808000", id="first of five"),
        pytest.param(2**64 - 1, "fff0fefefefefefefe0e", id="most"),
    ],
)
def test_an_integer_is_written_and_read(value: int, data: str) -> None:
    assert integer(value).hex() == data
    assert Cursor(bytes.fromhex(data)).integer() == value


@pytest.mark.parametrize(
    ("data", "value"),
    [
        pytest.param("00", None, id="null"),
        pytest.param("01", False, id="false"),
        pytest.param("11", True, id="true"),
        pytest.param("0205", 5, id="int32"),
        pytest.param("03ef", 239, id="uint32"),
        pytest.param("04f000", 240, id="int64"),
        pytest.param("0500", 0, id="uint64"),
        pytest.param("067f000001", ip_address("127.0.0.1"), id="IPv4"),
        pytest.param("07" + "00" * 15 + "01", ip_address("::1"), id="IPv6"),
        pytest.param("0802c3a9", "\xc3\xa9", id="string, byte by byte"),
        pytest.param("0902ff00", b"\xff\x00", id="binary"),
    ],
)
def test_a_value_is_read(data: str, value: Value) -> None:
    cursor = Cursor(bytes.fromhex(data))
    assert cursor.value() == value
    assert cursor.is_at_end


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("", id="nothing"),
        pytest.param("02", id="no integer"),
        pytest.param("02f0", id="half an integer"),
        pytest.param("02" + "ff" * 12, id="an integer without end"),
        pytest.param("02fff0fefefefefefefe0f", id="over 64 bits"),
        pytest.param("067f0000", id="half an address"),
        pytest.param("080561", id="half a string"),
        pytest.param("08fffefefefefefefefe0e", id="a string larger than all memory"),
        pytest.param("0a", id="no type"),
        pytest.param("0f00", id="no type either"),
    ],
)
def test_what_is_no_value_is_refused(data: str) -> None:
    with pytest.raises(Broken):
        Cursor(bytes.fromhex(data)).value()


def test_what_is_written_is_read() -> None:
    for value in ("", "a" * 300, "\xff", 0, 70_000):
        assert Cursor(typed(value)).value() == value
    assert Cursor(string("name")).string() == "name"
