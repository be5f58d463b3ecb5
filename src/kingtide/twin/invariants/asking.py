"""Asking for nodes: no more than is needed, and not from a group that has just failed."""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.aws.autoscaling import Instance
from kingtide.control.action import Action, SetDesiredCapacity
from kingtide.control.claims import capacity_claim
from kingtide.control.outcome import Outcome
from kingtide.controlplane.node_resources import allocatable
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod, pod_requests
from kingtide.kube.resources import Resources
from kingtide.twin.invariants.invariant import Invariant
from kingtide.twin.invariants.rooms import holds, is_daemon

RECENT_MS = 15_000
"""A pod that found a place this shortly ago may still have been waiting when it was decided: a
process may stand still between deciding and acting, and goes on if that is shorter than its lease
(LEASE_MS)."""


FAILURE_TOLD_MS = 120_000
"""A decrease this soon after a failed launch is taken to answer it: Auto Scaling tries again each
minute, and telling a failure takes up to 15 s."""


class NoMoreNodesThanNeeded(Invariant):
    """Packs the waiting pods itself, whenever more nodes are asked for.

    That is what a request made twice, or a capacity claim answered twice, comes to. What a group
    launches to replace its own losses was not asked for and is not counted. Pods that may only move
    to spot are packed apart from the others: on-demand nodes on their way are nothing for them.

    A request that an old leader had sent before it stood still knows nothing of what its successor
    asked of other groups, and the cloud does not ask who leads. It is not judged, but counted: its
    successor, which sees the nodes come, must not ask for more beside them.
    """

    name = "no-more-nodes-than-needed"
    rule = (
        "The nodes that we asked for and that are on their way are never more than the waiting pods"
        " (and those of nodes with a capacity claim) need by first-fit-decreasing, and `packing`"
        " more, when a leader asks."
    )

    def follow(self) -> None:
        """Remember what was asked for, and pods that have just found a place."""
        self._placed: dict[str, tuple[int, Pod]] = {}
        self._outstanding: dict[str, int] = {}
        """Nodes that were asked of each group and have neither come nor been given up or lost."""
        self._starting: dict[str, str] = {}
        """The group of each instance that ran at the last look and whose node was not Ready."""
        policies = self.world.definition.policies("nodeAutoscaling", NodeAutoscalingPolicy)
        self._provision_s = max((it.max_node_provision_seconds for it in policies), default=0)
        self._startup_s = max((it.max_node_startup_seconds for it in policies), default=0)
        self.world.store.on_pods(self._on_pod)
        self.world.store.on_nodes(self._on_node)

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        if new is None or old is None or old.node_name or not new.node_name:
            return
        self._placed[new.uid] = (self.now_ms, old)
        for uid in [u for u, (at, _) in self._placed.items() if at < self.now_ms - RECENT_MS]:
            del self._placed[uid]

    def _on_node(self, old: Node | None, new: Node | None) -> None:
        """A node that becomes Ready is one that came."""
        if old is None or new is None or old.is_ready or not new.is_ready:
            return
        for instance in self.world.cloud.instances():
            if instance.instance_id == new.name:
                self._change(instance.group, -1)

    def _change(self, group: str, nodes: int) -> None:
        self._outstanding[group] = max(0, self._outstanding.get(group, 0) + nodes)

    def wrote(self, controller: str, action: Action, outcome: Outcome) -> None:
        """Look at all that is on its way after an increase."""
        if outcome.status != "done" or not isinstance(action, SetDesiredCapacity):
            return
        self._leave_out_lost()
        more = action.desired - action.expected_desired
        self._change(action.group, more)
        if more <= 0 or self.world.writes.is_late:
            return
        coming, needed = self._all_coming(action.group), self._needed(action.group)
        if coming > max(needed * self.bounds.packing_percent // 100, needed + 1):
            told = f"{controller} has asked for {coming} nodes, {needed} are needed"
            self.broken(f"group/{action.group}", told)

    def minute(self) -> None:
        """See what was launched, and what was lost before its node was Ready."""
        self._leave_out_lost()

    def _leave_out_lost(self) -> None:
        """Count no longer on an instance that ended before it was of use: terminated or reclaimed.

        What its group launches instead is not our request.
        """
        nodes = self.world.store.nodes
        before, self._starting = self._starting, {}
        ready: dict[str, None] = {}
        for instance in self.world.cloud.instances():
            if instance.state not in ("Pending", "InService"):
                continue
            node = nodes.get(instance.instance_id)
            if node is not None and node.is_ready:
                ready[instance.instance_id] = None
            else:
                self._starting[instance.instance_id] = instance.group
        for name, group in before.items():
            if name not in ready and name not in self._starting:
                self._change(group, -1)

    def _all_coming(self, group: str) -> int:
        """Return what was asked for and is on its way, in whole nodes of a group's size."""
        millicores = sum(
            min(asked, self._coming(name)) * self._empty_node(name).cpu_millicores
            for name, asked in self._outstanding.items()
        )
        return millicores // self._empty_node(group).cpu_millicores

    def _coming(self, name: str) -> int:
        """Nodes of a group that may still become Ready."""
        group = self.world.cloud.group(name)
        active = [it for it in group.instances if it.state in ("Pending", "InService")]
        missing = max(0, group.desired_capacity - len(active))
        return missing + sum(self._is_coming(it) for it in active)

    def _is_coming(self, instance: Instance) -> bool:
        """Whether somebody may still count on an instance; too slow ones are given up."""
        node = self.world.store.nodes.get(instance.instance_id)
        if node is None:
            return self.now_ms - instance.launched_ms < 1000 * self._provision_s
        starts = not node.is_ready and node.ready.status != "Unknown"
        return starts and self.now_ms - node.created_ms < 1000 * self._startup_s

    def _needed(self, group: str) -> int:
        room = self._empty_node(group)
        return sum(_first_fit_decreasing(pods, room) for pods in self._waiting())

    def _empty_node(self, group: str) -> Resources:
        """Return what the smallest type of a group offers beside its daemons."""
        known = next(it for it in self.world.definition.node_groups if it.group.name == group)
        daemons = [it.template.spec for it in self.world.definition.daemon_sets]
        taken_by_daemons = Resources()
        for spec in daemons:
            taken_by_daemons = taken_by_daemons + pod_requests(spec) + Resources(pods=1)
        offers = [allocatable(name) for name in known.group.instance_types]
        smallest = min(offers, key=lambda it: (it.cpu_millicores, it.memory_bytes))
        return smallest - taken_by_daemons

    def _waiting(self) -> tuple[list[Pod], list[Pod]]:
        """Return the pods that need a place on any node, and those that need one on spot."""
        store = self.world.store
        # Their groups replace them before anybody knows that their pods are gone.
        down = self.world.machines.down
        anywhere = {uid: pod for uid, (_, pod) in self._placed.items()}
        on_spot: dict[str, Pod] = {}
        found = ((node.name, capacity_claim(node.annotations)) for node in store.nodes.values())
        claims = {name: claim.lifecycle for name, claim in found if claim is not None}
        for pod in store.pods.values():
            if not pod.node_name or pod.node_name in claims or pod.node_name in down:
                needs = on_spot if claims.get(pod.node_name) == "spot" else anywhere
                needs[pod.uid] = pod
        return (
            [it for uid, it in anywhere.items() if _counts(it) and uid not in on_spot],
            [it for it in on_spot.values() if _counts(it)],
        )


def _counts(pod: Pod) -> bool:
    return not (is_daemon(pod) or pod.deletion_ms is not None or pod.is_terminal)


def _first_fit_decreasing(pods: Iterable[Pod], room: Resources) -> int:
    """Return how many empty nodes with this room the pods take."""
    bins: list[Resources] = []
    wants = [pod_requests(pod.spec) + Resources(pods=1) for pod in pods]
    for wanted in sorted(wants, key=lambda it: (-it.cpu_millicores, -it.memory_bytes)):
        for index, left in enumerate(bins):
            if holds(left - wanted):
                bins[index] = left - wanted
                break
        else:
            bins.append(room - wanted)
    return len(bins)


class FailedGroupsAreLeftAlone(Invariant):
    """Remembers groups that were put back because a launch failed, as the cloud told it.

    A restarted controller may ask once more: its back-offs are gone, which delays and never
    endangers; the next failure binds it again. And where an instance came from one of the group's
    pools since, there is capacity.
    """

    name = "failed-groups-are-left-alone"
    rule = (
        "A group without capacity that was put back is not asked again within the shortest"
        " back-off, unless one of its pools delivered or the controller restarted meanwhile."
    )

    def follow(self) -> None:
        """Remember when each group was put back, after which failure."""
        self._put_back: dict[str, tuple[int, int, int]] = {}
        policies = self.world.definition.policies("nodeAutoscaling", NodeAutoscalingPolicy)
        self._shortest_s = min(
            (min(p.backoff.initial_seconds, p.pools.probe_initial_seconds) for p in policies),
            default=0,
        )
        self._groups = {it.group.name: it.group for it in self.world.definition.node_groups}

    def wrote(self, controller: str, action: Action, outcome: Outcome) -> None:
        """Remember what was put back, and look whether an increase comes too early."""
        if outcome.status != "done" or not isinstance(action, SetDesiredCapacity):
            return
        # What an old leader had sent before it stood still knows of no failure since.
        if self.world.writes.is_late:
            return
        restarts = self.world.writes.restarts.get(controller, 0)
        if action.desired < action.expected_desired:
            failed_ms = self._failed_ms(action.group)
            if failed_ms is not None:
                self._put_back[action.group] = (self.now_ms, failed_ms, restarts)
            return
        put_back_ms, failed_ms, before = self._put_back.get(action.group, (None, 0, 0))
        if put_back_ms is None or before != restarts or self._delivered(action.group, failed_ms):
            return
        waited_s = (self.now_ms - put_back_ms) // 1000
        if waited_s < self._shortest_s:
            self.broken(f"group/{action.group}", f"{controller} asks again after {waited_s} s")

    def _failed_ms(self, group: str) -> int | None:
        """Return when a launch last failed, as far as controllers can know."""
        since_ms = self.now_ms - FAILURE_TOLD_MS
        activities = self.world.cloud.view.activities_since(group, since_ms)
        return max((it.start_ms for it in activities if it.status == "Failed"), default=None)

    def _delivered(self, name: str, since_ms: int) -> bool:
        group = self._groups[name]
        return any(
            it.pool.lifecycle == group.lifecycle
            and it.pool.instance_type in group.instance_types
            and it.pool.zone in group.zones
            and it.launched_ms > since_ms
            for it in self.world.cloud.instances()
        )
