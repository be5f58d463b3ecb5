"""The settings of spot_interruption; each names aws-node-termination-handler's flag, if any.

Source of the flags and their defaults:
https://github.com/aws/aws-node-termination-handler/blob/62a8761/config/helm/aws-node-termination-handler/README.md
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from kingtide.fleet.policies.bounds import Count, PositiveCount, PositiveSeconds, Seconds

RebalanceResponse = Literal["ignore", "cordon", "replace", "drain"]


class SpotInterruptionPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is done when the cloud takes nodes back, and how fast. Times in seconds."""

    rebalance: RebalanceResponse = "replace"
    """What a rebalance recommendation leads to.

    `ignore`: nothing. `cordon`: no new pods. `replace`: no new pods, room is claimed elsewhere, and
    the node is emptied once its pods have a place and the disruption budget allows it; `drain`: it
    is emptied at once, within the budget. A recommendation is often followed by no notice, so the
    default costs no pod its place before another is there. Flag: --enable-rebalance-draining.
    """

    evictions_per_second: PositiveCount = 50
    """Evictions and deletions of pods over all nodes.

    Enough for the pods of 300 nodes in a minute; the API server writes three objects for each.
    Flag: --kube-api-qps.
    """

    writes_per_second: PositiveCount = 200
    """All other calls: claims, taints, labels, answers to messages.

    Karpenter's client is held to the same (https://karpenter.sh/docs/reference/settings/,
    kube-client-qps). Flag: --kube-api-qps.
    """

    pass_seconds: PositiveSeconds = 1
    """Time between two looks while a notice runs; a hundredth of the two minutes."""

    load_balancer_seconds: Seconds = 10
    """Load balancers are given this long to leave a node out before its first pod is evicted.

    Where the time allows: pods that need it for their grace period go at once. Flag:
    --exclude-from-load-balancers.
    """

    pod_start_seconds: PositiveSeconds = 50
    """How long it takes from a pod's eviction to its replacement being Ready.

    The pods of one workload leave in as many waves as fit into the notice, one after the other. A
    start of 45 s and what its scheduling takes. No flag.
    """

    reserve_seconds: Seconds = 5
    """A pod is evicted this long before its grace period would no longer fit.

    Watches, calls and the kubelet take their time. No flag.
    """

    low_priority_below: Annotated[int, msgspec.Meta(ge=-2_147_483_648, le=2_147_483_647)] = 0
    """Pods below this priority leave the room that is free to the others, and go when those have
    gone or when their own grace period asks for it. No flag."""

    below_budget_seconds: Annotated[int, msgspec.Meta(ge=0, le=30)] = 30
    """In this last part of a notice a pod is deleted even where its disruption budget refuses.

    At most 30 s. The machine takes the pod in any case; told to stop, it ends better. 0: never. No
    flag.
    """

    retry_max_seconds: PositiveSeconds = 8
    """An eviction that was refused is asked again after 1 s, then twice as long each time, up to
    this. No flag."""

    scheduled_change_lead_seconds: PositiveSeconds = 3600
    """A node is emptied this long before AWS stops, reboots or retires it.

    An hour, so that it can be done within the disruption budget and without hurry. Flag:
    --node-termination-grace-period.
    """

    lifecycle_heartbeat_seconds: PositiveSeconds = 60
    """A termination hook is told this often that the drain goes on.

    Shorter than the shortest sensible timeout of a hook. Flag: --heartbeat-interval.
    """

    lifecycle_max_seconds: PositiveSeconds = 900
    """A terminating instance is let go after this, empty or not.

    A quarter of an hour: enough for budgets and long grace periods, far below a hook's two days.
    Flag: --heartbeat-until.
    """

    unknown_instance_seconds: Seconds = 600
    """A message about an instance of ours that is not a node yet is kept for this long.

    Longer than a node takes to join, and than what was announced leaves it. No flag.
    """

    malformed_seconds: Seconds = 300
    """A message that nobody understands is left in the queue for this long.

    So that a redrive policy can move it to a dead-letter queue; then it is deleted, lest it come
    back for ever. No flag.
    """

    give_back_seconds: PositiveSeconds = 600
    """A node that is still Ready this long after its announced end takes pods again.

    A reboot is over, or the cloud changed its mind. No flag.
    """

    surge: bool = True
    """Whether a Deployment that cannot lose a pod is given one more first.

    One whose disruption budget would refuse, or that asks for it by annotation; never one that an
    HPA scales. The replica is taken back when the pod has left. No flag.
    """

    surge_max_replicas: PositiveCount = 3
    """A Deployment with more replicas is not surged unless it asks: its budget is kept in waves. No
    flag."""

    max_surges: Count = 20
    """Deployments that have a replica more at the same time. No flag."""
