"""What one pass knows of the nodes that concern us, gathered once."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.control import cluster_health
from kingtide.control.claims import DisruptionClaim
from kingtide.control.snapshot import ClusterView, Snapshot
from kingtide.controllers.ondemand_reclaim.conditions import parse_conditions
from kingtide.controllers.ondemand_reclaim.groups import Groups, groups_of
from kingtide.controllers.ondemand_reclaim.marks import own_claim
from kingtide.controllers.ondemand_reclaim.node_filter import selection_of
from kingtide.controllers.ondemand_reclaim.reasons import (
    Refusal,
    Rules,
    Wanted,
    is_concerned,
    judge,
)
from kingtide.fleet.policies.ondemand_reclaim import OndemandReclaimPolicy
from kingtide.kube.nodes import Node

NODE_STARTUP_MAX_MS = 900_000
"""A node that is not Ready is taken for one that still starts up to this age, as by
node_autoscaling (maxNodeStartupTime)."""


class Standing(msgspec.Struct, frozen=True, gc=False):
    """A node that concerns us: what is wanted of it, and our claim, None where there is none."""

    node: Node
    verdict: Wanted | Refusal
    claim: DisruptionClaim | None

    @property
    def is_active(self) -> bool:
        """Whether we are emptying it, and not resting between two attempts."""
        return self.claim is not None and self.claim.not_before_ms is None


class Standings(msgspec.Struct, frozen=True):
    """The nodes by name, the groups, and what speaks against doing anything new."""

    nodes: Mapping[str, Standing]
    groups: Groups
    do_pods_wait: bool
    unready: int
    total: int

    def is_unhealthy(self, policy: OndemandReclaimPolicy) -> bool:
        """Return whether so much is broken that what is seen is not to be trusted."""
        return cluster_health.is_unhealthy(
            self.unready,
            self.total,
            ok_unready_count=policy.ok_unready_count,
            max_unready_percentage=policy.max_unready_percentage,
        )


def rules_of(policy: OndemandReclaimPolicy) -> Rules:
    """Return the policy's texts, parsed.

    Raises:
        ValueError: one of them cannot be read; the message says which and what to write.
    """
    return Rules(
        selection_of(policy.node_labels, policy.node_label_expression),
        parse_conditions(policy.conditions),
    )


def concerned_nodes(
    before: Mapping[str, None], cluster: ClusterView, cursor: int, rules: Rules
) -> tuple[Mapping[str, None], int]:
    """Return the nodes worth a look at every pass, after looking at those that changed."""
    touched, cursor = cluster.nodes_touched_since(cursor)
    changes: dict[str, bool] = {}
    for name in touched:
        node = cluster.nodes.get(name)
        is_one = node is not None and is_concerned(node, rules)
        if is_one != (name in before):
            changes[name] = is_one
    if not changes:
        return before, cursor
    kept = {name: None for name in before if changes.get(name, True)}
    kept.update({name: None for name, is_one in changes.items() if is_one})
    return kept, cursor


def look(
    snapshot: Snapshot,
    concerned: Mapping[str, None],
    rules: Rules,
    policy: OndemandReclaimPolicy,
    now_ms: int,
) -> Standings:
    """Return what is to be known of the nodes that concern us."""
    cluster = snapshot.cluster
    groups = groups_of(snapshot.cloud, policy.group_label)
    nodes = {
        name: Standing(node, judge(node, groups, rules, policy, now_ms), own_claim(node))
        for name in concerned
        if (node := cluster.nodes.get(name)) is not None
    }
    # The sums over all nodes and pods are only asked for where something might be done.
    is_idle = not any(isinstance(it.verdict, Wanted) or it.claim for it in nodes.values())
    return Standings(
        nodes=nodes,
        groups=groups,
        do_pods_wait=not is_idle and _do_pods_wait(cluster, policy.waiting_priority_cutoff),
        unready=0 if is_idle else _unready(cluster, now_ms),
        total=len(cluster.nodes),
    )


def _do_pods_wait(cluster: ClusterView, cutoff: int) -> bool:
    """Whether a pod waits that is worth a node and has no place promised."""
    return any(
        group.unpromised
        or any(it.nominated_node_name not in cluster.nodes for it in group.nominated.values())
        for group in cluster.unschedulable_alike
        if group.shape.priority >= cutoff
    )


def _unready(cluster: ClusterView, now_ms: int) -> int:
    return sum(
        not node.is_ready and now_ms - node.created_ms > NODE_STARTUP_MAX_MS
        for node in cluster.nodes.values()
    )
