"""The settings of node_autoscaling by which nodes are given back, with Cluster Autoscaler's flags.

Source of the flags and their defaults:
https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md#what-are-the-parameters-to-ca
"""

from __future__ import annotations

import msgspec

from kingtide.fleet.policies.bounds import Count, PositiveCount, Seconds, Share


class DrainPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which pods keep a node from being emptied. A True blocks."""

    skip_nodes_with_system_pods: bool = True
    """kube-system pods without a disruption budget.

    Flag:
    --skip-nodes-with-system-pods. They rarely have replicas to spare.
    """

    skip_nodes_with_local_storage: bool = True
    """Pods with emptyDir (not in memory) or hostPath volumes, whose data would be lost.

    Flag:
    --skip-nodes-with-local-storage.
    """

    skip_nodes_with_custom_controller_pods: bool = True
    """Pods of controllers that Kubernetes does not ship.

    Nobody knows whether they are made again. Flag:
    --skip-nodes-with-custom-controller-pods.
    """

    system_pod_age_limit_seconds: Seconds = 3600
    """A kube-system pod older than this no longer blocks.

    Flag: --blocking-system-pod-distruption-timeout.
    """

    priority_floors: tuple[int, ...] = ()
    """Pods leave in tiers, lowest floor first, the next when the one before is gone; ascending.
    Empty: all at once. Flag: --drain-priority-config.
    """

    min_replica_count: Count = 0
    """A ReplicaSet, Job or StatefulSet with fewer replicas blocks. Flag: --min-replica-count."""


class ScaleDownPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a node is given back. Times in seconds, shares between 0 and 1."""

    enabled: bool = True
    """Whether nodes are given back at all. Flag: --scale-down-enabled."""

    utilization_threshold: Share = 0.5
    """A node is a candidate when neither CPU nor memory requests exceed this share of its
    allocatable; an IEEE double as in Cluster Autoscaler. Flag:
    --scale-down-utilization-threshold."""

    gpu_utilization_threshold: Share = 0.5
    """The same for a node with GPUs, whose GPU requests count alone. Flag:
    --scale-down-gpu-utilization-threshold."""

    ignore_daemon_sets_utilization: bool = False
    """Leave DaemonSet pods out of the utilisation. Flag: --ignore-daemonsets-utilization."""

    unneeded_seconds: Seconds = 600
    """A node is removed after being unneeded this long.

    Longer than the pause between two peaks of an evening. Flag: --scale-down-unneeded-time.
    """

    unready_enabled: bool = True
    """Whether nodes that are not Ready are removed at all. Flag: --scale-down-unready-enabled."""

    unready_seconds: Seconds = 1200
    """The same for a node that is not Ready: a reboot must not cost it.

    Flag: --scale-down-unready-time.
    """

    delay_after_add_seconds: Seconds = 600
    """Nothing is removed for this long after a scale-up. Flag: --scale-down-delay-after-add."""

    delay_after_delete_seconds: Seconds = 0
    """Nothing is removed for this long after a removal began; 0 lets removals follow each other.
    Flag: --scale-down-delay-after-delete."""

    delay_after_failure_seconds: Seconds = 180
    """Nothing is removed for this long after a removal failed.

    Flag: --scale-down-delay-after-failure.
    """

    recheck_unremovable_seconds: Seconds = 300
    """A node whose pods had no other place is judged again after this.

    Flag: --unremovable-node-recheck-timeout.
    """

    max_parallelism: PositiveCount = 10
    """Nodes under removal at once, empty ones included. Flag: --max-scale-down-parallelism."""

    max_drain_parallelism: PositiveCount = 1
    """Nodes with pods under removal at once. Flag: --max-drain-parallelism."""

    max_graceful_termination_seconds: Seconds = 600
    """The longest grace period an evicted pod is given. Flag: --max-graceful-termination-sec."""

    max_pod_eviction_seconds: Seconds = 120
    """How long refused evictions are retried before the removal is given up.

    Flag: --max-pod-eviction-time.
    """

    delete_delay_after_taint_seconds: Seconds = 5
    """Pause between the taint and the termination of an empty node.

    So that the scheduler has seen the taint. Flag: --node-delete-delay-after-taint.
    """

    node_deletion_delay_seconds: Seconds = 120
    """How long an empty node's `delay-deletion.cluster-autoscaler.kubernetes.io/` annotations are
    waited for.

    Whoever put one (a storage driver that detaches volumes) takes it off when it is done. Flag:
    --node-deletion-delay-timeout.
    """

    evict_daemon_sets_from_occupied_nodes: bool = True
    """Evict DaemonSet pods with the others, so that they end in order; nobody waits for them.

    A pod's annotation `enable-ds-eviction` decides for itself. Flag:
    --daemonset-eviction-for-occupied-nodes.
    """

    evict_daemon_sets_from_empty_nodes: bool = False
    """The same on nodes without other pods: off, since it only delays the removal. Flag:
    --daemonset-eviction-for-empty-nodes."""

    candidates_max_non_empty: PositiveCount = 30
    """Nodes with pods that are simulated a pass: bounds the pass.

    Flag: --scale-down-non-empty-candidates-count.
    """
