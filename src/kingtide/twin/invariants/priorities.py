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
    """Looks for a node on which a waiting pod would fit if lower ones went.

    Pods with rules about other pods are left out: where they may run is more than a question of
    room.
    """

    name = "nobody-waits-below-lower-pods"
    rule = (
        "No pod that may preempt waits longer than `priorityInversion` while pods of lower priority"
        " hold the room it needs."
    )

    def minute(self) -> None:
        """Look at one waiting pod of each workload."""
        waiting = dict(self._waiting())
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
                    waits_s = (self.now_ms - pod.created_ms) // 1000
                    self.broken(f"pod/{pod.key}", f"{key} waits {waits_s} s for {node.name}")
                    break

    def _waiting(self) -> Iterator[tuple[str, Pod]]:
        since_ms = self.now_ms - 1000 * self.bounds.priority_inversion_seconds
        for pod in self.world.store.pods.values():
            if not pod.is_unschedulable or pod.nominated_node_name or pod.scheduled is None:
                continue
            if pod.scheduled.since_ms > since_ms or pod.spec.preemption_policy == "Never":
                continue
            spec = pod.spec
            if spec.topology_spread or spec.required_pod_affinity:
                continue
            if not spec.required_pod_anti_affinity:
                yield self.world.store.application_of(pod) or pod.key, pod

    @staticmethod
    def _could_have(pod: Pod, node: Node, there: list[Pod]) -> bool:
        if not node.is_ready or node.unschedulable or not affinity_matches(pod.spec, node):
            return False
        if untolerated(node.taints, pod.spec.tolerations) is not None:
            return False
        stay = [it for it in there if it.spec.priority >= pod.spec.priority]
        left = node.allocatable - taken(stay) - pod_requests(pod.spec) - Resources(pods=1)
        return holds(left)
