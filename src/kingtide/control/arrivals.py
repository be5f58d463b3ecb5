"""What a batch of changes touches: the topics whose controllers have to look."""

from __future__ import annotations

from kingtide.control.claims import CAPACITY_CLAIM
from kingtide.control.controller import Topic
from kingtide.control.index import ClusterIndex, WatchedObject
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod
from kingtide.kube.workloads import ConfigMap, PodDisruptionBudget

_ORDER: tuple[Topic, ...] = (
    "unschedulable_pods",
    "nodes",
    "workloads",
    "claims",
    "configuration",
)


class Arrivals:
    """Takes changes into an index, and remembers what they were about."""

    def __init__(self, index: ClusterIndex) -> None:
        self._index = index
        self._pods_before = index.unschedulable_arrivals
        self._topics: dict[Topic, None] = {}

    def take(self, old: WatchedObject | None, new: WatchedObject | None) -> None:
        """Take one change: an addition (`old` None), an update, or a deletion (`new` None)."""
        self._index.apply(old, new)
        kind = type(new if new is not None else old)
        if kind is Node:
            self._topics["nodes"] = None
            if _capacity_claim(old) != _capacity_claim(new):
                self._topics["claims"] = None
        elif kind is ConfigMap:
            self._topics["configuration"] = None
        elif kind is not Pod and kind is not PodDisruptionBudget:
            self._topics["workloads"] = None

    def topics(self) -> tuple[Topic, ...]:
        """Return what was touched since this was last asked."""
        if self._index.unschedulable_arrivals > self._pods_before:
            self._pods_before = self._index.unschedulable_arrivals
            self._topics["unschedulable_pods"] = None
        found = tuple(topic for topic in _ORDER if topic in self._topics)
        self._topics = {}
        return found


def _capacity_claim(node: WatchedObject | None) -> str | None:
    return node.annotations.get(CAPACITY_CLAIM) if isinstance(node, Node) else None
