"""Where the pods of a node would go: room that is there, found with the scheduler's own rules.

Free room only. That pause pods would give way is not counted: they are the headroom for the next
peak, and a reclaim that lives on them would have to buy them back at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kingtide.control.claims import disruption_claim
from kingtide.control.drain import must_leave
from kingtide.control.places import find_places
from kingtide.control.room import Room
from kingtide.control.snapshot import ClusterView
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod


class Replacement:
    """The room of one pass, used up node by node; pods that are already leaving have theirs first.

    Ill nodes are to be asked for before expired ones: their pods may go anywhere, those of the
    others to spot nodes alone.
    """

    def __init__(
        self,
        cluster: ClusterView,
        leaving: Iterable[str],
        closed: Iterable[str],
        priority_cutoff: int,
        now_ms: int,
    ) -> None:
        self._cluster = cluster
        self._cutoff = priority_cutoff
        self._now_ms = now_ms
        self._is_spot_only = False
        not_open = [
            name
            for name, node in cluster.nodes.items()
            if not node.is_ready or disruption_claim(node.annotations) is not None
        ]
        nominated = [
            pod for group in cluster.unschedulable_alike for pod in group.nominated.values()
        ]
        self._room = Room(cluster, closed=[*not_open, *closed])
        self._room.reserve(nominated)
        for name in leaving:
            self._hold(name)

    def takes_in(self, node: Node, *, spot_only: bool) -> bool:
        """Return whether all pods of a node find a place, which is then kept for them."""
        if spot_only and not self._is_spot_only:
            self._is_spot_only = True
            for name, other in self._cluster.nodes.items():
                if not other.is_spot:
                    self._room.close(name)
        return (
            find_places(node.name, self._counts(node.name), (), self._cluster, self._room)
            is not None
        )

    def _counts(self, name: str) -> Mapping[int, int]:
        counts: dict[int, int] = {}
        for pod in self._movers(name):
            index = self._cluster.shapes.intern(pod).index
            counts[index] = counts.get(index, 0) + 1
        return counts

    def _movers(self, name: str) -> Sequence[Pod]:
        return [
            pod
            for pod in self._cluster.pods_on(name).values()
            if must_leave(pod, self._now_ms) and pod.spec.priority >= self._cutoff
        ]

    def _hold(self, name: str) -> None:
        self._room.close(name)
        node = self._cluster.nodes.get(name)
        if node is not None:
            self._room.company.leave_out(node)
        for pod in self._movers(name):
            shape = self._cluster.shapes.intern(pod)
            self._room.leave(name, shape, 1)
            self._room.place(shape, 1)
