"""Which pods of a node count when it is to be emptied, and what the drain rules look at."""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.control.drain import ControllerStanding, DrainContext, DrainSettings
from kingtide.control.snapshot import ClusterView
from kingtide.controllers.node_autoscaling.expendable import is_expendable
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.kube.pods import Pod


def kept_pods(name: str, cluster: ClusterView, policy: NodeAutoscalingPolicy) -> Iterable[Pod]:
    """Return the pods of a node but the expendable, which need no other place."""
    cutoff = policy.expendable_pods_priority_cutoff
    return [
        pod
        for pod in cluster.pods_on(name).values()
        if not is_expendable(pod.spec.priority, cutoff)
    ]


def drain_context(cluster: ClusterView, policy: NodeAutoscalingPolicy, now_ms: int) -> DrainContext:
    """Return what the rules of draining look at besides the pods."""
    drain = policy.drain

    def look_up(kind: str, namespace: str, name: str) -> ControllerStanding:
        # Kinds that the view does not follow are taken as there: only their absence would block.
        if kind not in ("ReplicaSet", "DaemonSet"):
            return ControllerStanding(exists=True)
        return ControllerStanding(
            exists=cluster.controller_exists(kind, namespace, name),
            replicas=cluster.controller_replicas(kind, namespace, name),
        )

    return DrainContext(
        settings=DrainSettings(
            block_on_system_pods=drain.skip_nodes_with_system_pods,
            block_on_local_storage=drain.skip_nodes_with_local_storage,
            block_on_custom_controllers=drain.skip_nodes_with_custom_controller_pods,
            system_pod_age_limit_seconds=drain.system_pod_age_limit_seconds,
            min_replica_count=drain.min_replica_count,
        ),
        budgets=tuple(cluster.disruption_budgets.values()),
        now_ms=now_ms,
        controllers=look_up,
    )
