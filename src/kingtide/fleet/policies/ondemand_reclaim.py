"""The settings of ondemand_reclaim; each names draino's flag of the same purpose, if there is one.

Source of the flags: https://github.com/planetlabs/draino/blob/9d39b53/README.md
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from kingtide.fleet.policies.bounds import Count, PositiveCount, PositiveSeconds, Seconds

BROKEN_FOR_GOOD = (
    "KernelDeadlock",
    "XfsShutdown",
    "CperHardwareErrorFatal",
    "ReadonlyFilesystem",
    "CorruptDockerOverlay2",
)
"""Conditions of node-problem-detector that no waiting mends: the machine needs a reboot."""

BROKEN_IF_LASTING = (
    "FrequentUnregisterNetDevice=True,10m",
    "FrequentKubeletRestart=True,10m",
    "FrequentDockerRestart=True,10m",
    "FrequentContainerdRestart=True,10m",
    "KubeletUnhealthy=True,10m",
    "ContainerRuntimeUnhealthy=True,10m",
    "NTPProblem=True,30m",
)
"""Conditions of node-problem-detector that an upgrade or a restart also causes for some minutes;
a clock drifts slowly. Source:
https://github.com/kubernetes/node-problem-detector/tree/master/config."""


class PodFilterPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which pods may be evicted. One that may not keeps its node, which is reported."""

    evict_empty_dir: bool = False
    """Pods with an emptyDir volume, whose data is lost. Flag: --evict-emptydir-pods."""

    evict_unreplicated: bool = False
    """Pods that no controller makes again. Flag: --evict-unreplicated-pods."""

    evict_stateful_sets: bool = False
    """Pods of StatefulSets, which come back under the same name only once they are gone.

    Flag: --evict-statefulset-pods.
    """

    evict_daemon_sets: bool = True
    """Pods of DaemonSets, once all others are asked to leave, so that they end in order before the
    machine does; nobody waits for them. draino leaves the machine running, hence its default of
    off. Flag: --evict-daemonset-pods."""

    protected_annotations: tuple[str, ...] = ()
    """Pods with one of these annotations, `key` or `key=value`, besides
    `cluster-autoscaler.kubernetes.io/safe-to-evict=false`. Flag: --protected-pod-annotation."""


class OndemandReclaimPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which nodes are taken back to spot or out of the fleet, when and how fast."""

    max_age_seconds: PositiveSeconds = 7200
    """An on-demand node of a group with a spot sibling is reclaimed from this age on.

    Two hours: a peak is over by then, and capacity that was missing is mostly back. No flag: draino
    knows no age.
    """

    group_label: str = "kingtide.dev/node-group"
    """Spot and on-demand groups whose nodes have the same value of this label serve the same
    applications. A node without it, or whose value no spot group has (admin nodes that are
    on-demand by design), is never reclaimed for its age. No flag."""

    node_labels: tuple[str, ...] = ()
    """Only nodes with all these labels (`key=value`) are looked at; none: all.

    Flag: --node-label.
    """

    node_label_expression: str = ""
    """Only nodes for which this expression is true are looked at, instead of a list of labels.

    Flag: --node-label-expr.
    """

    conditions: tuple[str, ...] = (*BROKEN_FOR_GOOD, *BROKEN_IF_LASTING)
    """Conditions for which a node is emptied whatever its age and lifecycle, `Type` or
    `Type=Status,Duration`. Arguments of draino."""

    pods: PodFilterPolicy = PodFilterPolicy()
    """Which pods may be evicted."""

    max_drains: PositiveCount = 5
    """Nodes that are emptied at once, within the disruption budget that all controllers share.

    Five, since one node takes about 90 s (grace period, start of the pods elsewhere, termination):
    so 60 nodes of a fallback take 18 minutes of the 30 between 2 h and 2 h 30 min. No flag: draino
    drains one after the other.
    """

    drain_buffer_seconds: Seconds = 15
    """Time between the beginnings of two drains.

    Long enough for the scheduler and the controller to see what the drain before has moved, short
    enough for 60 nodes in 15 minutes; the pace within a workload is kept by
    `max_unavailable_percent`. draino's 10 minutes would take ten hours for 60 nodes. Flag:
    --drain-buffer.
    """

    max_unavailable_percent: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10
    """Share of a workload's replicas that may be missing while pods of it are evicted, at least
    one pod; disruption budgets hold besides.

    With autoscaling at 70 % of requests the other pods take that load with a fifth to spare. No
    flag.
    """

    claim_lead_seconds: Seconds = 300
    """A node whose pods have no place on spot asks for capacity this long before its age is
    reached: the path of a new node takes 3 to 4 minutes. No flag."""

    max_capacity_claims: PositiveCount = 20
    """Nodes that ask for capacity at once: so many spot nodes come at most that are not yet used.

    At 4 minutes a batch, 60 nodes are covered in 12. No flag.
    """

    claim_max_seconds: PositiveSeconds = 900
    """A claim that has not been met by then is given back: spot has no capacity. No flag."""

    claim_rest_seconds: PositiveSeconds = 900
    """How long a node does not ask again after a claim was given back. No flag."""

    degraded_wait_seconds: Seconds = 300
    """An ill node waits this long for room for its pods, then it is emptied anyway. No flag."""

    max_attempts: PositiveCount = 8
    """Drains of a node that may fail before it is given back. As in the fork of draino that has
    retries; draino itself never tries again unless told to (annotation draino/drain-retry)."""

    retry_initial_seconds: PositiveSeconds = 60
    """Rest after the first failed drain. No flag."""

    retry_max_seconds: PositiveSeconds = 1200
    """The rest doubles up to this. No flag."""

    give_up_seconds: PositiveSeconds = 21600
    """How long a node that was given back is left alone: an evening. No flag."""

    max_graceful_termination_seconds: Seconds = 480
    """The longest grace period an evicted pod is given. Flag: --max-grace-period."""

    max_pod_eviction_seconds: Seconds = 600
    """How long evictions are refused, or wait for their turn, before a drain fails.

    Flag: --eviction-headroom.
    """

    waiting_priority_cutoff: int = -10
    """While pods of at least this priority wait for a node, no drain begins. No flag."""

    max_unready_percentage: Annotated[int, msgspec.Meta(ge=0, le=100)] = 45
    """With more nodes than this not Ready, and more than `ok_unready_count`, nothing is done: as
    node_autoscaling. No flag."""

    ok_unready_count: Count = 3
    """See `max_unready_percentage`."""

    poll_seconds: PositiveSeconds = 10
    """Time between two looks while nothing is being emptied, as node_autoscaling's scan."""

    drain_poll_seconds: PositiveSeconds = 5
    """The same while a node is being emptied: draino asks refused evictions again after 5 s."""
