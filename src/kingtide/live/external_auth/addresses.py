"""Where a host's name leads, as far as somebody may be asked there."""

from __future__ import annotations

import asyncio
import socket
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from ipaddress import IPv4Address, IPv6Address, ip_address

import msgspec

KEPT_SECONDS = 5.0
"""For which an answer of DNS is taken: what CoreDNS says of a Service holds so long as well."""
AGAIN_SECONDS = 1.0
"""For which a name that leads nowhere is not looked up again, however many ask."""
MAX_NAMES = 10_000
LookUp = Callable[[str], Awaitable[tuple[str, ...]]]
"""Finds all addresses of a name; raises OSError where there are none."""


class NowhereToAsk(Exception):
    """A name leads nowhere, or to no address that may be asked."""


class _Found(msgspec.Struct, frozen=True, gc=False):
    """Addresses until `ends`; without any, why."""

    ends: float
    addresses: tuple[str, ...] = ()
    why: str = ""


class Addresses:
    """Looks names up, each once at a time, and keeps what was found for a while."""

    def __init__(
        self, look_up: LookUp | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._look_up = look_up or looked_up
        self._clock = clock
        self._kept: OrderedDict[str, _Found] = OrderedDict()
        self._under_way: dict[str, asyncio.Task[_Found]] = {}
        self._turn = 0

    async def of(self, host: str) -> str:
        """Return an address of a name, each in its turn; it is judged before it is returned.

        Raises:
            NowhereToAsk: it leads nowhere, or where nobody may be asked.
        """
        found = self._kept.get(host)
        if found is None or found.ends <= self._clock():
            found = await self._anew(host)
        if not found.addresses:
            raise NowhereToAsk(found.why)
        self._turn += 1
        return found.addresses[self._turn % len(found.addresses)]

    async def _anew(self, host: str) -> _Found:
        task = self._under_way.get(host)
        if task is None:
            task = self._under_way[host] = asyncio.ensure_future(self._find(host))
        return await asyncio.shield(task)  # others wait for it too, and longer than we may

    async def _find(self, host: str) -> _Found:
        try:
            addresses = await self._look_up(host)
            found = _Found(self._clock() + KEPT_SECONDS, tuple(filter(is_askable, addresses)))
            if not found.addresses:
                why = f"{host} leads to no address that may be asked"
                found = _Found(self._clock() + AGAIN_SECONDS, why=why)
        except (OSError, UnicodeError) as error:  # the latter: a label of over 63 characters
            why = f"{host} leads nowhere: {error}"
            found = _Found(self._clock() + AGAIN_SECONDS, why=why)
        finally:
            del self._under_way[host]
        self._kept[host] = found
        self._kept.move_to_end(host)
        if len(self._kept) > MAX_NAMES:
            self._kept.popitem(last=False)
        return found


async def looked_up(host: str) -> tuple[str, ...]:
    """Return all addresses of a name.

    Raises:
        OSError: it has none.
        UnicodeError: it cannot be a name.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(it[4][0]) for it in found))


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
