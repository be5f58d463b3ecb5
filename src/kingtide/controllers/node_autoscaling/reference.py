"""The page docs/reference/node-autoscaling.md, made from what the settings say of themselves.

`python -m kingtide.controllers.node_autoscaling.reference` prints it; a test tells when it is old.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

import msgspec

from kingtide.fleet.policies.node_autoscaling import (
    BackoffPolicy,
    DrainPolicy,
    NodeAutoscalingPolicy,
    PoolPolicy,
    ScaleDownPolicy,
)
from kingtide.fleet.policies.settings_table import settings_table

SECTIONS: tuple[tuple[str, str, type[msgspec.Struct]], ...] = (
    ("Adding nodes", "", NodeAutoscalingPolicy),
    ("Groups that failed", "backoff", BackoffPolicy),
    ("Capacity pools that failed", "pools", PoolPolicy),
    ("Giving nodes back", "scaleDown", ScaleDownPolicy),
    ("Pods that keep their node", "drain", DrainPolicy),
)
"""Title, where the settings stand in a file, and the struct."""

FLAG_DEFAULTS: Mapping[str, str] = {
    "--balance-similar-node-groups": "false",
    "--blocking-system-pod-distruption-timeout": "1h",
    "--daemonset-eviction-for-empty-nodes": "false",
    "--daemonset-eviction-for-occupied-nodes": "true",
    "--drain-priority-config": "none",
    "--expander": "least-waste",
    "--expendable-pods-priority-cutoff": "-10",
    "--ignore-daemonsets-utilization": "false",
    "--initial-node-group-backoff-duration": "5m",
    "--max-drain-parallelism": "1",
    "--max-graceful-termination-sec": "600",
    "--max-node-group-backoff-duration": "30m",
    "--max-node-provision-time": "15m",
    "--max-node-startup-time": "15m",
    "--max-nodes-per-scaleup": "1000",
    "--max-nodes-total": "0",
    "--max-pod-eviction-time": "2m",
    "--max-scale-down-parallelism": "10",
    "--max-total-unready-percentage": "45",
    "--min-replica-count": "0",
    "--new-pod-scale-up-delay": "0s",
    "--node-delete-delay-after-taint": "5s",
    "--node-deletion-delay-timeout": "2m",
    "--node-group-auto-discovery": "none",
    "--node-group-backoff-reset-timeout": "3h",
    "--nodes": "none",
    "--ok-total-unready-count": "3",
    "--salvo-scale-up": "false",
    "--scale-down-delay-after-add": "10m",
    "--scale-down-delay-after-delete": "0s",
    "--scale-down-delay-after-failure": "3m",
    "--scale-down-enabled": "true",
    "--scale-down-gpu-utilization-threshold": "0.5",
    "--scale-down-non-empty-candidates-count": "30",
    "--scale-down-unneeded-time": "10m",
    "--scale-down-unready-enabled": "true",
    "--scale-down-unready-time": "20m",
    "--scale-down-utilization-threshold": "0.5",
    "--scan-interval": "10s",
    "--skip-nodes-with-custom-controller-pods": "true",
    "--skip-nodes-with-local-storage": "true",
    "--skip-nodes-with-system-pods": "true",
    "--startup-taint": "none",
    "--status-taint": "none",
    "--unremovable-node-recheck-timeout": "5m",
}
"""Cluster Autoscaler's defaults. Source:
https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md#what-are-the-parameters-to-ca
and config/flags/flags.go of https://github.com/kubernetes-sigs/cluster-autoscaler, 33c3f97b."""

DIFFERENCES: Mapping[str, str] = {
    "balance_similar_node_groups": (
        "Cluster Autoscaler for AWS ignores the label `lifecycle`, so that a spot and an on-demand "
        "group are alike to it and nodes leave the tier; here groups of another tier, price or "
        "lifecycle never share."
    ),
    "capacity_failure_detection": (
        "Cluster Autoscaler has no choice: it is `placeholders`, before 1.24 `timeout`."
    ),
    "expander": (
        "On AWS Cluster Autoscaler has no prices; here `price` takes list and spot prices. Its "
        "factor for a preferred machine size, a table of Google's, is left out."
    ),
    "max_choices_per_pass": (
        "The flag is bounded by a time (`--salvo-scale-up-budget` 1m); a number gives the same "
        "result on every machine."
    ),
    "max_unready_percentage": (
        "Also holds for one group: with more unready nodes than that, it is not asked for more."
    ),
    "priority_floors": (
        "The flag also gives each priority a grace period; here it is the pod's own."
    ),
    "discovery": "Without a spec Cluster Autoscaler finds nothing.",
}
"""What is not as in Cluster Autoscaler, by field; a field without an entry means the same."""

ANNOTATIONS: tuple[tuple[str, str, str], ...] = (
    (
        "cluster-autoscaler.kubernetes.io/safe-to-evict",
        "Pod",
        (
            "`true`: the pod keeps no node, whatever else says so. `false`: it keeps its node. "
            "`on-completion`: its node waits until it has ended."
        ),
    ),
    (
        "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes",
        "Pod",
        "Names of volumes, separated by commas, that may be lost; all local ones must be named.",
    ),
    (
        "cluster-autoscaler.kubernetes.io/daemonset-pod",
        "Pod",
        "`true`: the pod belongs to its node as a DaemonSet's does; it needs no other place.",
    ),
    (
        "cluster-autoscaler.kubernetes.io/enable-ds-eviction",
        "Pod of a DaemonSet",
        (
            "`true`: evicted when its node is emptied; any other value: not. Without it the two "
            "settings `scaleDown.evictDaemonSetsFrom...` say."
        ),
    ),
    (
        "cluster-autoscaler.kubernetes.io/pod-scale-up-delay",
        "Pod",
        (
            "A duration (`10m`): the pod causes no node before it is so old; less than "
            "`newPodScaleUpDelay` does not count."
        ),
    ),
    (
        "cluster-autoscaler.kubernetes.io/scale-down-disabled",
        "Node",
        "`true`: the node is not removed.",
    ),
    (
        "delay-deletion.cluster-autoscaler.kubernetes.io/*",
        "Node",
        (
            "As long as one is there, an empty node is not terminated, at most "
            "`scaleDown.nodeDeletionDelay`."
        ),
    ),
)
"""Name, object and meaning; all mean what they mean to Cluster Autoscaler."""

HEAD = """\
# Node autoscaling

<!-- Made by `python -m kingtide.controllers.node_autoscaling.reference`: change the settings' own
     texts in src/kingtide/fleet/policies, not this page. -->

Every setting of node_autoscaling, beside the flag of Cluster Autoscaler that has the same purpose.
Settings are written under `nodeAutoscaling` in a fleet and under `policies.nodeAutoscaling` in a
scenario; durations as `10s`, `5m`, `1h`.
"""


def page() -> str:
    """Return the page's text."""
    parts = [HEAD]
    for title, place, policy in SECTIONS:
        parts.append(_section(title, place, policy))
    rows = [f"| `{name}` | {kind} | {meaning} |" for name, kind, meaning in ANNOTATIONS]
    parts.append(
        "## Annotations\n\nRead with Cluster Autoscaler's meaning.\n\n"
        "| annotation | on | what it says |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    )
    return "\n".join(parts)


def _section(title: str, place: str, policy: type[msgspec.Struct]) -> str:
    lines = [f"## {title}", ""]
    if place:
        lines += [f"Under `{place}`.", ""]
    policies = [it for _, _, it in SECTIONS]
    table = settings_table(policy, policies, "Cluster Autoscaler", FLAG_DEFAULTS, DIFFERENCES)
    return "\n".join([*lines, *table]) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
