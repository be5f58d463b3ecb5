"""The settings of node_autoscaling; each names Cluster Autoscaler's flag of the same purpose.

Source of the flags and their defaults:
https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md#what-are-the-parameters-to-ca
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from kingtide.fleet.policies.bounds import Count, PositiveCount, PositiveSeconds, Seconds
from kingtide.fleet.policies.node_removal import DrainPolicy, ScaleDownPolicy

__all__ = [
    "DISCOVERY_TAG",
    "BackoffPolicy",
    "CapacityFailureDetection",
    "DrainPolicy",
    "ExpanderName",
    "NodeAutoscalingPolicy",
    "PoolPolicy",
    "PositiveSeconds",
    "ScaleDownPolicy",
    "Seconds",
]

CapacityFailureDetection = Literal["timeout", "placeholders", "activities"]
ExpanderName = Literal["priority", "price", "least-waste", "most-pods", "random"]

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

    probe_pause_seconds: Seconds = 60
    """No pool is probed for this long after a launch failed anywhere.

    So that pods whose launch has just failed go on to where there may be capacity, instead of from
    probe to probe. No flag.
    """

    forget_seconds: PositiveSeconds = 10800
    """A pool that has not failed for this long counts as never failed.

    As long as a group's back-off is remembered. No flag.
    """


class NodeAutoscalingPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When and where nodes are added, and all other settings. Times in seconds."""

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

    launch_patience_seconds: Seconds = 0
    """A request of which no instance begins to start for so long is taken as failed; 0 waits for
    the cloud's word.

    An Auto Scaling group that has capacity shows a Pending instance 1 to 18 s after the request
    (published scaling activities); one that has none shows nothing until its activity has failed,
    however long the listing of that takes. 25 s goes on to the next group without waiting for it.
    What comes later is not lost: the group was put back to what is there. No flag.
    """

    max_node_provision_seconds: PositiveSeconds = 900
    """A requested node that has not registered after this is given up.

    Those with fast fallbacks set 300. Flag: --max-node-provision-time.
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
    """Spread a scale-up over groups with the same labels and size, within the tier that the
    expander chose.

    Flag: --balance-similar-node-groups.
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
