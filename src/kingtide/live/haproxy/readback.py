"""What the running process says of itself: servers with their states, entries of maps.

Sources: https://docs.haproxy.org/2.6/management.html#9.3-show%20servers%20state,
https://docs.haproxy.org/2.6/management.html#9.3-show%20map
"""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.controllers.ingress.planning.running import RunningServer
from kingtide.live.haproxy.runtime import RuntimeFailed

MAINTENANCE = 0x01
"""Bit of srv_admin_state. `disabled` in the configuration sets it too, with 0x04 beside it, which
stays for ever and means nothing by itself (seen on 2.6.12)."""

DRAINED = 0x08
"""Bit of srv_admin_state: somebody said `set server ... state drain`."""


def servers_of(answer: str) -> Mapping[str, Mapping[str, RunningServer]]:
    """Return the servers of every backend, from the answer to `show servers state`.

    Raises:
        RuntimeFailed: the answer is none.
    """
    lines = answer.splitlines()
    header = next((line for line in lines if line.startswith("# ")), None)
    if header is None:
        raise RuntimeFailed("show servers state: the answer has no header")
    columns = {name: place for place, name in enumerate(header[2:].split())}
    found: dict[str, dict[str, RunningServer]] = {}
    try:
        for line in lines[lines.index(header) + 1 :]:
            if not line.strip():
                continue
            cells = line.split()
            backend = found.setdefault(cells[columns["be_name"]], {})
            state = int(cells[columns["srv_admin_state"]])
            backend[cells[columns["srv_name"]]] = RunningServer(
                cells[columns["srv_addr"]],
                int(cells[columns["srv_port"]]),
                int(cells[columns["srv_uweight"]]),
                bool(state & MAINTENANCE),
                bool(state & DRAINED),
            )
    except (IndexError, KeyError, ValueError) as error:
        raise RuntimeFailed("show servers state: a line cannot be read") from error
    return found


def entries_of(answer: str) -> Mapping[str, str]:
    """Return the entries of a map, from the answer to `show map`: reference, key and value a line.

    Raises:
        RuntimeFailed: the answer is none.
    """
    found = {}
    for line in answer.splitlines():
        if not line.strip():
            continue
        parts = line.split(" ", 2)
        if len(parts) != 3 or not parts[0].startswith("0x"):
            raise RuntimeFailed(f"show map: {line[:80]!r} is no entry")
        found[parts[1]] = parts[2]
    return found
