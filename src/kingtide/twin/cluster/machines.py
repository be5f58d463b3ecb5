"""Which nodes' machines have stopped, though the API server may not know it yet.

A machine that shuts down takes its kubelet with it: nothing on it starts, ends or uses CPU any
more. What the cluster knows of that comes later (`nodes`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable


class Machines:
    """The machines that are down and whose nodes are not removed yet, by node name."""

    def __init__(self) -> None:
        self._down: dict[str, None] = {}
        self._listeners: list[Callable[[str], None]] = []

    def on_stop(self, listener: Callable[[str], None]) -> None:
        """Tell a listener the node of each machine that stops, once it has."""
        self._listeners.append(listener)

    @property
    def down(self) -> Iterable[str]:
        """Names of nodes whose machines are down, in the order they went."""
        return self._down

    def is_up(self, node: str) -> bool:
        """Return whether a node's machine runs; one that nobody stopped does."""
        return node not in self._down

    def stop(self, node: str) -> None:
        """Note that a machine shuts down."""
        self._down[node] = None
        for listener in self._listeners:
            listener(node)

    def forget(self, node: str) -> None:
        """Drop a machine whose node is gone; an unknown one is ignored."""
        self._down.pop(node, None)
