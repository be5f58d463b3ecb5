"""Priority means something: nobody waits for room that a lower pod holds."""

from __future__ import annotations

from collections.abc import Iterator

from kingtide.controlplane.scheduling.fits import affinity_matches
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod, pod_requests
from kingtide.kube.resources import Resources
from kingtide.kube.taints import untolerated
from kingtide.twin.invariants.invariant import Invariant
from kingtide.twin.invariants.rooms import holds, taken


class NobodyWaitsBelowLowerPods(Invariant):
    """Looks for a node on which a waiting pod would fit if lower ones went, or as it is.

    The time counts from the first minute in which there was such a node, without a break. Pods with
    rules about other pods are left out: where they may run is more than a question of room. One for
    which others were preempted waits as well, until it is bound.
    """

    name = "nobody-waits-below-lower-pods"
    rule = (
        "No pod that may preempt waits longer than `priorityInversion` while only pods of lower"
        " priority, or none, hold the room it needs."
    )

    def follow(self) -> None:
        """Remember since when each waiting pod could have had room."""
        self._since_ms: dict[str, int] = {}

    def minute(self) -> None:
        """Look at the oldest waiting pod of each workload."""
        waiting: dict[str, Pod] = {}
        for key, pod in self._waiting():
            waiting.setdefault(key, pod)
        before, self._since_ms = self._since_ms, {}
        if not waiting:
            return
        pods_on: dict[str, list[Pod]] = {}
        for pod in self.world.store.pods.values():
            place = pod.node_name or pod.nominated_node_name
            if place:
                pods_on.setdefault(place, []).append(pod)
        for key, pod in waiting.items():
            for node in self.world.store.nodes.values():
                if self._could_have(pod, node, pods_on.get(node.name, [])):
                    self._waits(key, pod, node, before.get(pod.uid, self.now_ms))
                    break

    def _waits(self, key: str, pod: Pod, node: Node, since_ms: int) -> None:
        self._since_ms[pod.uid] = since_ms
        waits_s = (self.now_ms - since_ms) // 1000
        if waits_s > self.bounds.priority_inversion_seconds:
            self.broken(f"pod/{pod.key}", f"{key} could run on {node.name} for {waits_s} s")

    def _waiting(self) -> Iterator[tuple[str, Pod]]:
        """Yield pods that were refused and ask for nothing but room, with their workload."""
        for pod in self.world.store.pods.values():
            if not pod.is_unschedulable:
                continue
            spec = pod.spec
            if spec.topology_spread or spec.required_pod_affinity:
                continue
            if spec.preemption_policy != "Never" and not spec.required_pod_anti_affinity:
                yield self.world.store.application_of(pod) or pod.key, pod

    @staticmethod
    def _could_have(pod: Pod, node: Node, there: list[Pod]) -> bool:
        if not node.is_ready or node.unschedulable or not affinity_matches(pod.spec, node):
            return False
        if untolerated(node.taints, pod.spec.tolerations) is not None:
            return False
        stay = [it for it in there if it.spec.priority >= pod.spec.priority and it.uid != pod.uid]
        left = node.allocatable - taken(stay) - pod_requests(pod.spec) - Resources(pods=1)
        return holds(left)
