"""Which addresses may be asked at, whatever name leads there."""

from __future__ import annotations

import asyncio

import pytest

from kingtide.live.external_auth.addresses import Addresses, NowhereToAsk, is_askable


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


@pytest.mark.parametrize("host", ["localhost", "no-such-name.invalid"])
def test_a_name_that_leads_there_is_nowhere_to_ask(host: str) -> None:
    with pytest.raises(NowhereToAsk):
        asyncio.run(Addresses().of(host, 80))
