"""What node_autoscaling must see: our groups and who stands in them, kept current by what changed.

The view is a value that shares everything unchanged with the one before; `observe` from nothing
and `observe` step by step give the same (a test says so).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from kingtide.aws.autoscaling import AutoScalingGroup, Instance
from kingtide.control.budget import was_never_ready
from kingtide.control.removal_taint import removal_taint
from kingtide.control.snapshot import Snapshot
from kingtide.controllers.node_autoscaling.claims_seen import Claims, with_claims
from kingtide.controllers.node_autoscaling.discovery import Discovery, bounds, is_ours
from kingtide.controllers.node_autoscaling.moved_instances import moved_instances
from kingtide.controllers.node_autoscaling.node_template import (
    STARTUP_TAINT_PREFIXES,
    NodeTemplate,
    build_template,
)
from kingtide.controllers.node_autoscaling.template_tags import (
    GroupOptions,
    default_options,
    option_tags,
    options_of,
)
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.kube.nodes import INSTANCE_TYPE_LABEL, Node
from kingtide.kube.workloads import DaemonSet

NodePhase = Literal["starting", "ready", "unready"]


class NodeStanding(msgspec.Struct, frozen=True, gc=False):
    """A node with what is asked of it at every pass."""

    node: Node
    instance_id: str
    phase: NodePhase


class GroupStanding(msgspec.Struct, frozen=True):
    """A group of ours with its instances sorted by how far they are.

    `live` counts those not on their way out: `booting` have no node yet, `starting` names nodes
    that were never Ready, `settled` counts the others, of which `unready` are broken. `leaving`
    are the ids of the instances on their way out. `sample` is the Ready node that the template is
    made from, None without one.
    """

    group: AutoScalingGroup
    min_size: int
    max_size: int
    options: GroupOptions
    live: int
    booting: tuple[Instance, ...]
    starting: tuple[str, ...]
    settled: int
    unready: int
    leaving: Mapping[str, None]
    template: NodeTemplate | None
    sample: Node | None = None

    @property
    def name(self) -> str:
        """The group's name."""
        return self.group.name


class FleetView(msgspec.Struct, frozen=True):
    """All groups of ours and all nodes; `cursor` is where the next look goes on.

    `unready` counts broken nodes, `tainted` names those with a removal taint, `claims` tells what
    is claimed of nodes, `touched` names the nodes that changed, or whose pods did, since the last
    look.
    """

    cursor: int = 0
    nodes: Mapping[str, NodeStanding] = {}
    node_of_instance: Mapping[str, str] = {}
    groups: Mapping[str, GroupStanding] = {}
    group_of_instance: Mapping[str, str] = {}
    daemon_sets: tuple[DaemonSet, ...] = ()
    unready: int = 0
    tainted: Mapping[str, None] = {}
    claims: Claims = {}
    touched: tuple[str, ...] = ()

    def group_of(self, node: str) -> GroupStanding | None:
        """Return the group of a node, None when it is not one of ours."""
        standing = self.nodes.get(node)
        if standing is None:
            return None
        name = self.group_of_instance.get(standing.instance_id)
        return None if name is None else self.groups.get(name)

    def not_ready(self) -> Iterable[str]:
        """Return the nodes that take no pods: still starting, or broken."""
        if not self.unready and not any(group.starting for group in self.groups.values()):
            return ()
        return (name for name, standing in self.nodes.items() if standing.phase != "ready")


EMPTY_VIEW = FleetView()


def observe(
    snapshot: Snapshot,
    discovery: Discovery,
    policy: NodeAutoscalingPolicy,
    before: FleetView,
    now_ms: int,
) -> FleetView:
    """Return the present view, reading only what changed since the one before."""
    touched, cursor = snapshot.cluster.nodes_touched_since(before.cursor)
    nodes, restless = _nodes(snapshot, policy, before, touched, now_ms)
    described = {it.name: it for it in snapshot.cloud.groups.values() if is_ours(it, discovery)}
    changed = [
        group
        for group in described.values()
        if (known := before.groups.get(group.name)) is None or known.group is not group
    ]
    gone = [name for name in before.groups if name not in described]
    daemon_sets = tuple(snapshot.cluster.daemon_sets.values())
    is_quiet = not changed and not gone and not restless
    if is_quiet and daemon_sets == before.daemon_sets:
        return msgspec.structs.replace(before, cursor=cursor, touched=tuple(touched))
    node_of_instance = _node_of_instance(before, nodes, touched)
    group_of_instance = _group_of_instance(before, changed, gone)
    stale = {group.name: None for group in changed}
    if daemon_sets != before.daemon_sets:
        stale.update(dict.fromkeys(described))
    for name in restless:
        old, new = before.nodes.get(name), nodes.get(name)
        for standing in (new, old):
            group_name = standing and group_of_instance.get(standing.instance_id)
            if group_name and not _means_the_same(old, new, before.groups.get(group_name)):
                stale[group_name] = None
    groups = {
        name: (
            _stand(group, discovery, policy, nodes, node_of_instance, daemon_sets)
            if name in stale
            else before.groups[name]
        )
        for name, group in described.items()
    }
    return FleetView(
        cursor=cursor,
        nodes=nodes,
        node_of_instance=node_of_instance,
        groups=groups,
        group_of_instance=group_of_instance,
        daemon_sets=daemon_sets,
        unready=_unready(before, nodes, restless),
        tainted=_tainted(before, nodes, restless),
        claims=with_claims(
            before.claims,
            ((it, None if it not in nodes else nodes[it].node) for it in restless),
        ),
        touched=tuple(
            _with_regrouped([*touched, *restless], before, groups, stale, node_of_instance)
        ),
    )


def _means_the_same(
    old: NodeStanding | None, new: NodeStanding | None, group: GroupStanding | None
) -> bool:
    """Whether a node that was written stands in its group as before, and was not its sample."""
    return (
        old is not None
        and new is not None
        and group is not None
        and old.phase == new.phase
        and old.instance_id == new.instance_id
        and old.node is not group.sample
        and old.node.labels == new.node.labels
    )


def phase_of(node: Node, policy: NodeAutoscalingPolicy, now_ms: int) -> NodePhase:
    """Return how far a node is; with a startup taint it counts as starting even if it is Ready."""
    has_startup_taint = any(
        taint.key in policy.startup_taints or taint.key.startswith(STARTUP_TAINT_PREFIXES)
        for taint in node.taints
    )
    if node.is_ready and not has_startup_taint:
        return "ready"
    is_young = node.created_ms + policy.max_node_startup_seconds * 1000 >= now_ms
    return "starting" if is_young and (was_never_ready(node) or has_startup_taint) else "unready"


def _nodes(
    snapshot: Snapshot,
    policy: NodeAutoscalingPolicy,
    before: FleetView,
    touched: Sequence[str],
    now_ms: int,
) -> tuple[Mapping[str, NodeStanding], list[str]]:
    """Return the standings, and the names of nodes that came, went or changed their standing."""
    names: dict[str, None] = dict.fromkeys(touched)
    for group in before.groups.values():
        names.update(dict.fromkeys(group.starting))  # time alone can make these unready
    observed = snapshot.cluster.nodes
    nodes: dict[str, NodeStanding] | None = None
    restless = []
    for name in names:
        node, known = observed.get(name), before.nodes.get(name)
        if node is None:
            if known is None:
                continue
            nodes = dict(before.nodes) if nodes is None else nodes
            del nodes[name]
        else:
            if known is not None and known.node is node and known.phase != "starting":
                continue
            phase = phase_of(node, policy, now_ms)
            if known is not None and known.node is node and known.phase == phase:
                continue
            nodes = dict(before.nodes) if nodes is None else nodes
            nodes[name] = NodeStanding(node, node.instance_id, phase)
        restless.append(name)
    return (before.nodes if nodes is None else nodes), restless


def _node_of_instance(
    before: FleetView, nodes: Mapping[str, NodeStanding], touched: Sequence[str]
) -> Mapping[str, str]:
    known = before.node_of_instance
    changes: dict[str, str | None] = {}
    for name in touched:
        old, new = before.nodes.get(name), nodes.get(name)
        if old is new:
            continue
        if old is not None and (new is None or new.instance_id != old.instance_id):
            changes[old.instance_id] = None
        if new is not None and new.instance_id and known.get(new.instance_id) != name:
            changes[new.instance_id] = name
    if not changes:
        return known
    merged = dict(known)
    for instance_id, node_name in changes.items():
        if node_name is None:
            merged.pop(instance_id, None)
        else:
            merged[instance_id] = node_name
    return merged


def _group_of_instance(
    before: FleetView, changed: list[AutoScalingGroup], gone: list[str]
) -> Mapping[str, str]:
    if not changed and not gone:
        return before.group_of_instance
    merged = dict(before.group_of_instance)
    for name in [*gone, *(group.name for group in changed)]:
        if name in before.groups:
            for instance in before.groups[name].group.instances:
                merged.pop(instance.instance_id, None)
    for group in changed:
        for instance in group.instances:
            merged[instance.instance_id] = group.name
    return merged


def _stand(
    group: AutoScalingGroup,
    discovery: Discovery,
    policy: NodeAutoscalingPolicy,
    nodes: Mapping[str, NodeStanding],
    node_of_instance: Mapping[str, str],
    daemon_sets: tuple[DaemonSet, ...],
) -> GroupStanding:
    booting: list[Instance] = []
    starting: list[str] = []
    ready: list[Node] = []
    leaving: dict[str, None] = {}
    live = settled = 0
    for instance in group.instances:
        if instance.is_leaving:
            leaving[instance.instance_id] = None
            continue
        live += 1
        standing = nodes.get(node_of_instance.get(instance.instance_id, ""))
        if standing is None:
            booting.append(instance)
        elif standing.phase == "starting":
            starting.append(standing.node.name)
        else:
            settled += 1
            if standing.phase == "ready":
                ready.append(standing.node)
    min_size, max_size = bounds(group, discovery)
    sample = _sample(group, ready)
    return GroupStanding(
        group=group,
        min_size=min_size,
        max_size=max_size,
        options=options_of(option_tags(group.tags), default_options(policy.scale_down)),
        live=live,
        booting=tuple(booting),
        starting=tuple(starting),
        settled=settled,
        unready=settled - len(ready),
        leaving=leaving,
        template=build_template(
            group, sample, daemon_sets, (*policy.startup_taints, *policy.status_taints)
        ),
        sample=sample,
    )


def _sample(group: AutoScalingGroup, ready: list[Node]) -> Node | None:
    """Return the Ready node that tells most of the next one: of the group's first type, if any."""
    first = group.instance_types[0] if group.instance_types else ""
    of_first_type = (it for it in ready if it.labels.get(INSTANCE_TYPE_LABEL) == first)
    return next(of_first_type, ready[0] if ready else None)


def _with_regrouped(
    touched: Sequence[str],
    before: FleetView,
    groups: Mapping[str, GroupStanding],
    stale: Mapping[str, None],
    node_of_instance: Mapping[str, str],
) -> dict[str, None]:
    """Return the touched nodes and those whose group, or what it says of them, is another one."""
    names: dict[str, None] = dict.fromkeys(touched)
    gone = (name for name in before.groups if name not in groups)
    for group in dict.fromkeys([*stale, *gone]):
        old, new = before.groups.get(group), groups.get(group)
        if old is new:
            continue
        was = None if old is None else (old.group, old.options)
        for instance_id in moved_instances(was, None if new is None else (new.group, new.options)):
            node = node_of_instance.get(instance_id)
            if node is not None:
                names[node] = None
    return names


def _unready(before: FleetView, nodes: Mapping[str, NodeStanding], restless: list[str]) -> int:
    unready = before.unready
    for name in restless:
        old, new = before.nodes.get(name), nodes.get(name)
        unready += (new is not None and new.phase == "unready") - (
            old is not None and old.phase == "unready"
        )
    return unready


def _tainted(
    before: FleetView, nodes: Mapping[str, NodeStanding], restless: list[str]
) -> Mapping[str, None]:
    tainted = dict(before.tainted)
    for name in restless:
        standing = nodes.get(name)
        if standing is not None and removal_taint(standing.node) is not None:
            tainted[name] = None
        else:
            tainted.pop(name, None)
    return tainted
