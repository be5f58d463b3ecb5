"""Which addresses may be asked at, whatever name leads there."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from kingtide.live.external_auth.addresses import (
    AGAIN_SECONDS,
    KEPT_SECONDS,
    Addresses,
    NowhereToAsk,
    is_askable,
)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        pytest.param("10.96.0.17", True, id="a Service"),
        pytest.param("fd12::7", True, id="a Service of IPv6"),
        pytest.param("203.0.113.9", True, id="the Internet"),
        pytest.param("127.0.0.1", False, id="loopback"),
        pytest.param("127.8.8.8", False, id="all of loopback"),
        pytest.param("::1", False, id="loopback of IPv6"),
        pytest.param("::ffff:127.0.0.1", False, id="loopback within IPv6"),
        pytest.param("169.254.169.254", False, id="metadata"),
        pytest.param("::ffff:169.254.169.254", False, id="metadata within IPv6"),
        pytest.param("fd00:ec2::254", False, id="metadata of IPv6"),
        pytest.param("fe80::1%eth0", False, id="link-local"),
        pytest.param("0.0.0.0", False, id="this machine"),
        pytest.param("224.0.0.1", False, id="everybody"),
        pytest.param("localhost", False, id="no address"),
    ],
)
def test_addresses_of_the_machine_itself_are_not_asked(address: str, expected: bool) -> None:
    assert is_askable(address) is expected


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(("127.0.0.1", "169.254.169.254"), id="this machine and its metadata"),
        pytest.param((), id="nothing"),
        pytest.param(None, id="no such name"),
    ],
)
def test_a_name_that_leads_there_is_nowhere_to_ask(found: tuple[str, ...] | None) -> None:
    names = Names(found)
    with pytest.raises(NowhereToAsk):
        asyncio.run(Addresses(names).of("auth.shop.svc"))


class Names:
    """A resolver that says the same of each name, and how often it was asked."""

    def __init__(self, found: tuple[str, ...] | None) -> None:
        self.asked = 0
        self.now = 0.0
        self._found = found

    async def __call__(self, _: str) -> tuple[str, ...]:
        self.asked += 1
        await asyncio.sleep(0)
        if self._found is None:
            raise OSError("no such name")
        return self._found

    def clock(self) -> float:
        return self.now


def test_all_who_ask_at_once_have_one_lookup_and_addresses_take_turns() -> None:
    names = Names(("10.0.0.1", "127.0.0.1", "10.0.0.2"))

    async def ask() -> list[str]:
        known = Addresses(names, names.clock)
        first = await asyncio.gather(*(known.of("auth.shop.svc") for _ in range(4)))
        names.now = KEPT_SECONDS - 0.1
        return [*first, await known.of("auth.shop.svc")]

    assert sorted(set(asyncio.run(ask()))) == ["10.0.0.1", "10.0.0.2"]
    assert names.asked == 1


@pytest.mark.parametrize(
    ("found", "seconds"),
    [
        pytest.param(("10.0.0.1",), KEPT_SECONDS, id="what was found"),
        pytest.param(None, AGAIN_SECONDS, id="what was not found, for less"),
    ],
)
def test_what_is_known_grows_old(found: tuple[str, ...] | None, seconds: float) -> None:
    names = Names(found)

    async def ask() -> None:
        known = Addresses(names, names.clock)
        for names.now in (0.0, seconds - 0.1, seconds):
            with contextlib.suppress(NowhereToAsk):
                await known.of("auth.shop.svc")

    asyncio.run(ask())
    assert names.asked == 2
