"""Where a host's name leads, as far as somebody may be asked there."""

from __future__ import annotations

import asyncio
import socket
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address

import msgspec

KEPT_SECONDS = 5.0
"""For which an answer of DNS is taken: what CoreDNS says of a Service holds so long as well."""
MAX_NAMES = 10_000


class NowhereToAsk(Exception):
    """A name leads nowhere, or to no address that may be asked."""


class _Found(msgspec.Struct, frozen=True, gc=False):
    at: float
    addresses: tuple[str, ...]


class Addresses:
    """Looks names up, and keeps what was found for a while."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, _Found] = OrderedDict()
        self._turn = 0

    async def of(self, host: str, port: int) -> str:
        """Return an address of a name, each in its turn; it is judged before it is returned.

        Raises:
            NowhereToAsk: it leads nowhere, or where nobody may be asked.
        """
        now = self._clock()
        found = self._kept.get(host)
        if found is None or now - found.at > KEPT_SECONDS:
            found = _Found(now, await _looked_up(host, port))
            self._kept[host] = found
            self._kept.move_to_end(host)
            if len(self._kept) > MAX_NAMES:
                self._kept.popitem(last=False)
        self._turn += 1
        return found.addresses[self._turn % len(found.addresses)]


async def _looked_up(host: str, port: int) -> tuple[str, ...]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NowhereToAsk(f"{host} leads nowhere: {error}") from error
    addresses = tuple(dict.fromkeys(str(it[4][0]) for it in found))
    allowed = tuple(it for it in addresses if is_askable(it))
    if not allowed:
        raise NowhereToAsk(f"{host} leads to addresses that nobody may be asked at")
    return allowed


def is_askable(address: str) -> bool:
    """Return whether somebody may be asked there: not this machine, nor what none but it reaches.

    That is the metadata of EC2, at 169.254.169.254 and fd00:ec2::254.
    Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return _is_askable(inner or found)


_METADATA = ip_address("fd00:ec2::254")


def _is_askable(it: IPv4Address | IPv6Address) -> bool:
    is_near = it.is_loopback or it.is_link_local or it.is_unspecified or it.is_multicast
    return not is_near and it != _METADATA
