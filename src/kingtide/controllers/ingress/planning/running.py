"""The proxy as it runs, read back from HAProxy."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class RunningServer(msgspec.Struct, frozen=True, gc=False):
    """A server of the running process; `weight` is the one in force.

    One that is drained takes requests of sessions it has, and no others: nobody here asks for it.
    """

    address: str
    port: int
    weight: int
    is_in_maintenance: bool = False
    is_drained: bool = False


class Running(msgspec.Struct, frozen=True, gc=False):
    """All that can be changed without a reload, and what cannot, as it was loaded.

    `structure` is the text of the last configuration that was loaded, without what changes while
    it runs. `servers` are by backend and name, `maps` by name and key. `certificates` are marks by
    the names of their files, `certificate_lines` the hosts of every line of their list, by the
    line's own name: file and number.
    """

    structure: str = ""
    servers: Mapping[str, Mapping[str, RunningServer]] = {}
    maps: Mapping[str, Mapping[str, str]] = {}
    certificates: Mapping[str, str] = {}
    certificate_lines: Mapping[str, tuple[str, ...]] = {}
