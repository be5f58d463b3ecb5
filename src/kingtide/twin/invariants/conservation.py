"""Pods are conserved: every workload has those that were made for it, and they are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from kingtide.kube.pods import Pod
from kingtide.twin.invariants.invariant import Invariant


class PodsAreConserved(Invariant):
    """Recounts the pods of each workload and compares with its controller's and our own counts."""

    name = "pods-are-conserved"
    rule = (
        "A workload at rest has exactly the pods it wants, availability is counted as it is, and"
        " no pod stays on a node that is gone."
    )

    def minute(self) -> None:
        """Recount everything."""
        exist: Counter[str] = Counter()
        ready: Counter[str] = Counter()
        for key, pod in self._pods():
            exist[key] += 1
            ready[key] += pod.is_ready
        world = self.world
        for key, tally in world.availability.applications.items():
            counted = (tally.pods, tally.available)
            if counted != (exist[key], ready[key]):
                there = (exist[key], ready[key])
                self.broken(f"application/{key}", f"{counted} pods and Ready counted, not {there}")
        for key, replica_set in world.store.replica_sets.items():
            if world.replica_sets.is_settled(key):
                active = world.replica_sets.active_count(key)
                if active != replica_set.replicas:
                    self.broken(
                        f"replicaset/{key}", f"{active} pods, {replica_set.replicas} wanted"
                    )

    def _pods(self) -> Iterator[tuple[str, Pod]]:
        store = self.world.store
        for pod in store.pods.values():
            if pod.node_name and pod.node_name not in store.nodes:
                self.broken(f"pod/{pod.key}", f"still on {pod.node_name}, which is gone")
            key = store.application_of(pod)
            if key is not None and pod.deletion_ms is None and not pod.is_terminal:
                yield key, pod
