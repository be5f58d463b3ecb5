"""Image pulls while images are not on the nodes and everybody wants them: they share what there is.

A kubelet pulls one image at a time (serializeImagePulls, on by default:
https://kubernetes.io/docs/concepts/containers/images/#serial-and-parallel-image-pulls), the nodes
that pull share the registry's bandwidth evenly, and no node gets more than its own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush

import msgspec

from kingtide.twin.engine import Engine, EventClass

Done = Callable[[], None]


class PullRates(msgspec.Struct, frozen=True):
    """Bandwidth in bytes a millisecond (kB/s), and the size of an image in bytes."""

    registry_bytes_per_ms: int
    node_bytes_per_ms: int
    image_bytes: int


class ImagePulls:
    """Pulls under way; `done` is called when a pod's image is on its node.

    All pulls go at one speed, so one counter of bytes tells how far each is; an end of a pull
    changes the speed of the others.
    """

    def __init__(self, engine: Engine, rates: PullRates) -> None:
        self._engine = engine
        self._rates = rates
        self._has: dict[tuple[str, str], None] = {}
        """Nodes with the images they have pulled."""
        self._waiting: dict[str, deque[tuple[str, Done]]] = {}
        """Images that a node still has to pull, the one in hand first."""
        self._ends: list[tuple[int, int, str]] = []
        """The count of bytes at which a node's pull ends, in the order of ends."""
        self._counted_bytes = 0
        self._counted_ms = engine.now_ms
        self._pulls = 0
        self._alarm = 0

    def pull(self, node: str, image: str, done: Done) -> None:
        """Have an image on a node, at once where it is there already."""
        if (node, image) in self._has:
            done()
            return
        waiting = self._waiting.setdefault(node, deque())
        waiting.append((image, done))
        if len(waiting) == 1:
            self._count()
            self._begin(node)
            self._set_alarm()

    def _begin(self, node: str) -> None:
        self._pulls += 1
        heappush(self._ends, (self._counted_bytes + self._rates.image_bytes, self._pulls, node))

    def _count(self) -> None:
        """Take in the bytes that each pull got since the last look."""
        now_ms = self._engine.now_ms
        self._counted_bytes += self._speed() * (now_ms - self._counted_ms)
        self._counted_ms = now_ms

    def _speed(self) -> int:
        if not self._ends:
            return 0
        share = self._rates.registry_bytes_per_ms // len(self._ends)
        return max(1, min(self._rates.node_bytes_per_ms, share))

    def _set_alarm(self) -> None:
        self._alarm += 1
        if self._ends:
            left = max(0, self._ends[0][0] - self._counted_bytes)
            delay_ms = -(-left // self._speed())
            self._engine.after(delay_ms, EventClass.WORLD, self._ring, self._alarm)

    def _ring(self, alarm: int) -> None:
        if alarm != self._alarm:
            return  # the speed changed meanwhile
        self._count()
        ended: list[Done] = []
        while self._ends and self._ends[0][0] <= self._counted_bytes:
            ended += self._end(heappop(self._ends)[2])
        self._set_alarm()
        for done in ended:
            done()

    def _end(self, node: str) -> list[Done]:
        """Take a pulled image and all that waited for it; the node goes on with its next one."""
        waiting = self._waiting[node]
        image = waiting[0][0]
        self._has[node, image] = None
        ended = [done for wanted, done in waiting if wanted == image]
        left = deque((wanted, done) for wanted, done in waiting if wanted != image)
        if left:
            self._waiting[node] = left
            self._begin(node)
        else:
            del self._waiting[node]
        return ended
