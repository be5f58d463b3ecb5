"""The settings of node_autoscaling; each names Cluster Autoscaler's flag of the same purpose.

Source of the flags and their defaults:
https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md#what-are-the-parameters-to-ca
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

CapacityFailureDetection = Literal["timeout", "placeholders", "activities"]
ExpanderName = Literal["priority", "price", "least-waste", "most-pods", "random"]

Seconds = Annotated[int, msgspec.Meta(ge=0)]
PositiveSeconds = Annotated[int, msgspec.Meta(ge=1)]
Count = Annotated[int, msgspec.Meta(ge=0)]
PositiveCount = Annotated[int, msgspec.Meta(ge=1)]
Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]

DISCOVERY_TAG = "k8s.io/cluster-autoscaler/enabled"
"""Cluster Autoscaler's conventional first tag; the second carries the cluster's name."""


class BackoffPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long a group that failed is left alone. Times in seconds."""

    initial_seconds: PositiveSeconds = 300
    """After the first failure.

    Flag: --initial-node-group-backoff-duration. Short enough to come back to spot within one peak,
    long enough that a group without capacity is not asked at every pass.
    """

    max_seconds: PositiveSeconds = 1800
    """The duration doubles up to this. Flag: --max-node-group-backoff-duration."""

    reset_seconds: PositiveSeconds = 10800
    """A group without failure for this long starts from `initial_seconds` again.
    Flag: --node-group-backoff-reset-timeout."""


class PoolPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long a capacity pool (type, zone, lifecycle) that failed is not asked. Times in seconds.

    Only with `capacity_failure_detection: activities`, whose failures name pools.
    """

    probe_initial_seconds: PositiveSeconds = 180
    """After the first failure; then one node is asked for, to see whether there is capacity again.

    As long as Karpenter hides an offering. No flag: Cluster Autoscaler knows no pools.
    """

    probe_max_seconds: PositiveSeconds = 1800
    """The interval doubles up to this with every probe that fails.

    As long as a group's longest back-off. No flag.
    """

    forget_seconds: PositiveSeconds = 10800
    """A pool that has not failed for this long counts as never failed.

    As long as a group's back-off is remembered. No flag.
    """


class DrainPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which pods keep a node from being emptied. A True blocks."""

    skip_nodes_with_system_pods: bool = True
    """kube-system pods without a disruption budget.

    Flag of the same name. They rarely have replicas to spare.
    """

    skip_nodes_with_local_storage: bool = True
    """Pods with emptyDir (not in memory) or hostPath volumes, whose data would be lost.

    Flag of the same name.
    """

    skip_nodes_with_custom_controller_pods: bool = True
    """Pods of controllers that Kubernetes does not ship.

    Nobody knows whether they are made again. Flag of the same name.
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
    """Flag: --scale-down-enabled."""

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


class NodeAutoscalingPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every setting of node_autoscaling. Times in seconds."""

    scan_interval_seconds: PositiveSeconds = 10
    """Time between two passes; new unschedulable pods start one at once. Flag: --scan-interval."""

    discovery: tuple[str, ...] = ()
    """Auto-discovery specs (`asg:tag=key,key=value`).

    Empty means the two conventional tags of this cluster. Flag: --node-group-auto-discovery.
    """

    node_groups: tuple[str, ...] = ()
    """Explicit groups (`1:5:name`), which override a discovered group's bounds. Flag: --nodes."""

    expander: tuple[ExpanderName, ...] = ("priority",)
    """Rules that choose among groups, one after the other, each among what the one before left.

    What is left equal is chosen by the seed; `random` ends the chain. Cluster Autoscaler's default
    is least-waste; priority is the one that puts spot before on-demand. Flag: --expander.
    """

    max_choices_per_pass: Count = 0
    """Groups that are chosen in one pass, each for the pods that the ones before leave over.

    0 means 10 with `capacity_failure_detection: activities` and 1 otherwise; 1 is as Cluster
    Autoscaler does. More than there are tiers and sizes in a fleet; a bound on the pass. Flag:
    --salvo-scale-up.
    """

    priority_config_map: str = "kube-system/cluster-autoscaler-priority-expander"
    """`namespace/name` of the priorities.

    Cluster Autoscaler's name; the namespace is its --namespace.
    """

    capacity_failure_detection: CapacityFailureDetection = "activities"
    """How a group without capacity is noticed.

    `timeout`: only by max_node_provision_seconds, as in 2020. `placeholders`: as today's Cluster
    Autoscaler, through caches of 60 s and 120 s. `activities`: failed scaling activities, as soon
    as the cloud tells them.
    """

    max_node_provision_seconds: PositiveSeconds = 900
    """A requested node that has not registered after this is given up.

    Flag: --max-node-provision-time; users with fast fallbacks set 300.
    """

    max_node_startup_seconds: PositiveSeconds = 900
    """A registered node that was never Ready counts as coming up for this long, then as broken.
    Flag: --max-node-startup-time."""

    max_nodes_per_scale_up: PositiveCount = 1000
    """Nodes requested from one group in one pass. Flag: --max-nodes-per-scaleup."""

    max_nodes_total: Count = 0
    """Nodes in the whole cluster, 0 for no bound. Flag: --max-nodes-total."""

    new_pod_age_seconds: Seconds = 2
    """A pod younger than this is left to the scheduler.

    Cluster Autoscaler waits until the oldest unschedulable pod is 2 s old
    (unschedulablePodTimeBuffer, no flag).
    """

    new_pod_scale_up_delay_seconds: Seconds = 0
    """A pod younger than this causes no node; its annotation `pod-scale-up-delay` can say more.

    0, since peaks come in minutes. Flag: --new-pod-scale-up-delay.
    """

    expendable_pods_priority_cutoff: int = -10
    """Pods below this priority neither cause nodes nor keep them.

    Flag: --expendable-pods-priority-cutoff.
    """

    balance_similar_node_groups: bool = False
    """Spread a scale-up over groups with the same labels and size.

    Within the tier that the expander chose. Flag: --balance-similar-node-groups (which leaves the
    tier).
    """

    max_unready_percentage: Annotated[int, msgspec.Meta(ge=0, le=100)] = 45
    """Above this share of unready nodes nothing is done.

    The view of the cluster is not to be trusted. Flag: --max-total-unready-percentage.
    """

    ok_unready_count: Count = 3
    """Up to this many unready nodes `max_unready_percentage` does not apply.

    Flag: --ok-total-unready-count.
    """

    startup_taints: tuple[str, ...] = ()
    """Keys of taints that go away once a node has started.

    Ignored on templates, and a node that still has one counts as coming up. Flag: --startup-taint.
    """

    status_taints: tuple[str, ...] = ()
    """Keys of taints that tell a node's state for a while.

    Ignored on templates; unlike with `startup_taints`, the node counts as started. Flag:
    --status-taint.
    """

    backoff: BackoffPolicy = BackoffPolicy()
    """See BackoffPolicy."""

    pools: PoolPolicy = PoolPolicy()
    """See PoolPolicy."""

    scale_down: ScaleDownPolicy = ScaleDownPolicy()
    """See ScaleDownPolicy."""

    drain: DrainPolicy = DrainPolicy()
    """See DrainPolicy."""

    @property
    def choices_per_pass(self) -> int:
        """How many groups may be chosen in one pass."""
        if self.max_choices_per_pass:
            return self.max_choices_per_pass
        return 10 if self.capacity_failure_detection == "activities" else 1
