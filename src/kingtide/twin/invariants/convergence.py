"""Once faults have stopped, everything heals within a bound."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kingtide.aws.autoscaling import AutoScalingGroup
from kingtide.control.budget import was_never_ready
from kingtide.control.cluster_health import is_unhealthy
from kingtide.controlplane.node_resources import allocatable
from kingtide.controlplane.scheduling.fits import affinity_matches
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.fleet.policies.overprovisioning import OverprovisioningPolicy
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition, Pod, pod_requests
from kingtide.kube.resources import Resources
from kingtide.kube.taints import untolerated
from kingtide.twin.definition import NodeGroup
from kingtide.twin.invariants.invariant import Invariant
from kingtide.twin.invariants.rooms import holds, taken

if TYPE_CHECKING:
    from kingtide.twin.world import World


def is_left_to_people(world: World) -> bool:
    """Return whether so many nodes are broken now that, by its settings, nobody adds any.

    Nodes that are still starting are not broken, as long as they may take.
    """
    nodes = world.store.nodes.values()
    now_ms = world.engine.now_ms
    for policy in world.definition.policies("nodeAutoscaling", NodeAutoscalingPolicy):
        startup_ms = 1000 * policy.max_node_startup_seconds
        broken = sum(
            not (it.is_ready or (was_never_ready(it) and now_ms - it.created_ms < startup_ms))
            for it in nodes
        )
        if is_unhealthy(
            broken,
            len(nodes),
            ok_unready_count=policy.ok_unready_count,
            max_unready_percentage=policy.max_unready_percentage,
        ):
            return True
    return False


class WhatCanRunRuns(Invariant):
    """Looks at the end for pods that do not run although there is, or could be, room for them."""

    name = "what-can-run-runs"
    rule = (
        "Within `converge` after the last fault every workload has its replicas Ready, as far as"
        " there is room, or a group that may still grow in a cluster that may be trusted."
    )

    def has_converged(self) -> bool:
        """Return whether nobody lacks anything now."""
        tallies = self.world.availability.applications.values()
        return all(it.unavailable == 0 and it.pending == 0 for it in tallies)

    def end(self) -> None:
        """Look at each pod that is not Ready."""
        lacking = {
            key: tally
            for key, tally in self.world.availability.applications.items()
            if tally.unavailable or tally.pending
        }
        for pod in self.world.store.pods.values():
            key = self.world.store.application_of(pod)
            if key not in lacking or pod.is_ready or pod.is_terminal:
                continue
            if pod.node_name or self._could_run(pod):
                waits_s = (self.now_ms - pod.created_ms) // 1000
                where = f"on {pod.node_name}" if pod.node_name else "without a node"
                self.broken(f"application/{key}", f"{pod.name} is not Ready, {waits_s} s, {where}")
                del lacking[key]
        for key, tally in lacking.items():
            if tally.pods < tally.wanted:
                self.broken(f"application/{key}", f"{tally.pods} pods, {tally.wanted} wanted")

    def _could_run(self, pod: Pod) -> bool:
        store = self.world.store
        for node in store.nodes.values():
            there = [it for it in store.pods.values() if it.node_name == node.name]
            if node.is_ready and not node.unschedulable and _fits(pod, node, there):
                return True
        if is_left_to_people(self.world):
            return False
        return any(_fits(pod, node, ()) for node in self._nodes_to_be())

    def _nodes_to_be(self) -> Iterator[Node]:
        """Yield an empty node of each type of every group that may still grow."""
        daemons = Resources()
        for daemon_set in self.world.definition.daemon_sets:
            daemons = daemons + pod_requests(daemon_set.template.spec) + Resources(pods=1)
        for it in self.world.definition.node_groups:
            group = self.world.cloud.group(it.group.name)
            if group.desired_capacity < group.max_size:
                yield from _empty_nodes(it, group, daemons)


def _empty_nodes(it: NodeGroup, group: AutoScalingGroup, daemons: Resources) -> Iterator[Node]:
    for kind in group.instance_types:
        room = allocatable(kind) - daemons
        yield Node(kind, kind, it.labels, room, room, 0, Condition("True", 0), taints=it.taints)


def _fits(pod: Pod, node: Node, there: list[Pod] | tuple[()]) -> bool:
    if untolerated(node.taints, pod.spec.tolerations) is not None:
        return False
    if not affinity_matches(pod.spec, node):
        return False
    return holds(node.allocatable - taken(there) - pod_requests(pod.spec) - Resources(pods=1))


class RoomIsKeptAgain(Invariant):
    """Looks at the pause pods of overprovisioning once there are no faults any more.

    Each minute is judged by itself: what nobody is to mend is forgiven only while that lasts.
    """

    name = "room-is-kept-again"
    rule = (
        "Pause pods are all back within `overprovisioning` after the last fault, unless so many"
        " nodes are broken that nobody is to add any."
    )

    def minute(self) -> None:
        """Look at every pause Deployment."""
        if self.calm_since_ms is None:
            return
        calm_s = (self.now_ms - self.calm_since_ms) // 1000
        if calm_s <= self.bounds.overprovisioning_seconds:
            return
        for policy in self.world.definition.policies("overprovisioning", OverprovisioningPolicy):
            tally = self.world.availability.applications[policy.deployment]
            if tally.unavailable and not is_left_to_people(self.world):
                told = f"{tally.available} of {tally.wanted} pause pods, {calm_s} s after the last"
                self.broken(f"application/{policy.deployment}", told)
