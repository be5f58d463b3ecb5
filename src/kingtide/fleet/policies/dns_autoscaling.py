"""The settings of the sizing of CoreDNS.

Named after the keys of cluster-proportional-autoscaler's `linear` mode. Source:
https://github.com/kubernetes-sigs/cluster-proportional-autoscaler#linear-mode (README, 5a5dd5a1)
and, for the two ratios, Kubernetes' own add-on:
https://github.com/kubernetes/kubernetes/blob/v1.36.0/cluster/addons/dns-horizontal-autoscaler/dns-horizontal-autoscaler.yaml
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from kingtide.fleet.policies.bounds import PositiveCount, PositiveSeconds


class DnsAutoscalingPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many replicas of CoreDNS a cluster has: the larger of what cores and nodes ask for."""

    deployment: str = "kube-system/coredns"
    """`namespace/name` of CoreDNS' Deployment, by kops' name for it."""

    other_autoscaler: str = "kube-system/coredns-autoscaler"
    """While this Deployment has replicas it sizes CoreDNS, and we do not.

    kops installs it: scale it to zero to hand over.
    """

    cores_per_replica: PositiveCount = 256
    """One replica for so many cores."""

    nodes_per_replica: PositiveCount = 16
    """One replica for so many nodes, which counts where nodes are small."""

    min_replicas: PositiveCount = 2
    """Never fewer: one that is evicted or killed would take every name with it."""

    max_replicas: PositiveCount = 100
    """Never more: 1,600 nodes. What asks for more has no cache on its nodes."""

    prevent_single_point_failure: bool = True
    """Two or more once there is a second node, whatever `minReplicas` says."""

    include_unschedulable_nodes: bool = True
    """Cordoned nodes and those that are not Ready count, since their pods ask as well.

    A wave of reclaims in the peak takes no replicas away.
    """

    poll_seconds: PositiveSeconds = 10
    """Time between two looks at the nodes."""


def contradictions(policy: DnsAutoscalingPolicy) -> Iterator[tuple[str, str, str]]:
    """Yield fields, as they are written, with what is wrong in them and what to do.

    The real program refuses a maximum below the minimum too (linear_controller.go, 5a5dd5a1).
    """
    for field, text in (
        ("deployment", policy.deployment),
        ("otherAutoscaler", policy.other_autoscaler),
    ):
        parts = text.split("/")
        if len(parts) != 2 or not all(parts):
            yield field, f"{text!r} names no Deployment", "write `namespace/name`"
    least, most = policy.min_replicas, policy.max_replicas
    if least > most:
        yield "maxReplicas", f"{most} is below minReplicas {least}", f"write {least} or more"
