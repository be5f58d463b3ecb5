"""Host ports: two pods on a node cannot take the same port of the same address.

Source: pkg/scheduler/framework/types.go, HostPortInfo.CheckConflict (v1.36).
"""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.kube.pods import HostPort

PORTS_TAKEN = "node(s) didn't have free ports for the requested pod ports"
ANY_ADDRESS = ("", "0.0.0.0")


def conflict(wanted: Iterable[HostPort], taken: Iterable[HostPort]) -> bool:
    """Return whether one of the wanted ports is taken; `0.0.0.0` is every address."""
    held = list(taken)
    return any(_same(port, other) for port in wanted for other in held)


def _same(a: HostPort, b: HostPort) -> bool:
    if a.port != b.port or a.protocol != b.protocol:
        return False
    return a.host_ip in ANY_ADDRESS or b.host_ip in ANY_ADDRESS or a.host_ip == b.host_ip
