"""Mistakes of the twin's own parts, made by a rogue beside them again and again."""

from __future__ import annotations

from collections.abc import Callable

from kingtide.control.action import Action, PatchScale
from kingtide.control.claims import DisruptionClaim
from kingtide.control.node_actions import ClaimDisruption
from kingtide.control.outcome import Outcome
from kingtide.kube.pods import Pod, pod_requests
from kingtide.twin.engine import EventClass
from kingtide.twin.faults.fault import Fault
from kingtide.twin.invariants.rooms import holds, taken
from kingtide.twin.world import World
from tests.twin.planted.controllers import SPOT

ROGUE_AFTER_MS, ROGUE_EVERY_MS = 120_000, 10_000
"""Not before everything runs, and often enough to meet what it waits for."""


class Rogue(Fault, frozen=True, kw_only=True, tag="rogue"):
    """Somebody else in the world, who makes a mistake of the twin's own parts again and again."""

    act: Callable[[World], object]

    def apply(self, world: World) -> None:
        world.engine.at(self.from_ms, EventClass.WORLD, self._go_on, world)

    def _go_on(self, world: World) -> None:
        self.act(world)
        if world.engine.now_ms < self.until_ms:
            world.engine.after(ROGUE_EVERY_MS, EventClass.WORLD, self._go_on, world)


def _waiting(world: World) -> Pod | None:
    pods = world.store.pods.values()
    return next((it for it in pods if not it.node_name and it.deletion_ms is None), None)


def binds_to_closed_nodes(world: World) -> None:
    """A second scheduler minds neither cordons nor taints."""
    pod = _waiting(world)
    closed = [it for it in world.store.nodes.values() if it.unschedulable or it.taints]
    if pod is not None and closed:
        world.store.update_pod(pod, node_name=closed[0].name)


def binds_to_full_nodes(world: World) -> None:
    """A second scheduler does not count what is taken."""
    pod = _waiting(world)
    if pod is None:
        return
    for node in world.store.nodes.values():
        there = [it for it in world.store.pods.values() if it.node_name == node.name]
        if not holds(node.allocatable - taken(there) - pod_requests(pod.spec)):
            world.store.update_pod(pod, node_name=node.name)
            return


def counts_one_more(world: World) -> None:
    """Availability counts a pod that does not exist."""
    world.availability.applications["jobs/encoders"].pods += 1


def bills_what_never_ran(world: World) -> None:
    """An instance is billed that was never launched."""
    pool = world.cloud.all_pools()[0]
    world.cloud.cost.start(pool, 1, world.engine.now_ms)


def forgets_high_pods(world: World) -> None:
    """The scheduler forgets pods of high priority that it once refused."""
    for pod in world.store.pods.values():
        if pod.is_unschedulable and pod.spec.priority > 0 and pod.uid in world.scheduler.queue:
            world.scheduler.queue.remove(pod.uid)


def forgets_its_bounds(world: World) -> None:
    """A group's desired capacity is beyond its maximum; no door of the cloud lets this in."""
    group = world.cloud._groups[SPOT]
    group.desired = group.picture().max_size + 1


def acts_undeclared(world: World) -> None:
    """A write in a controller's name that it does not declare, past the guard of its loop."""

    def perform(action: Action) -> Outcome:
        return Outcome(action, "failed", world.engine.now_ms, "Planted")

    name = next(it.name for it in world.loops if "node_autoscaling" in it.name)
    scale = PatchScale(
        reason="meddling", namespace="shop", name="api", replicas=1, expected_replicas=1
    )
    world.writes.told(name, perform)(scale)


def claims_late(world: World) -> None:
    """What an old leader had sent arrives: on-demand nodes are claimed whatever is granted."""
    perform = world.process.performs["ondemand_reclaim"]
    for instance in world.cloud.instances():
        node = world.store.nodes.get(instance.instance_id)
        if node is None or instance.pool.lifecycle == "spot":
            continue
        claim = DisruptionClaim("ondemand_reclaim", "Expired", world.engine.now_ms)
        world.writes.arrive_late(True)
        perform(ClaimDisruption(reason="late", node=node.name, node_uid=node.uid, claim=claim))
        world.writes.arrive_late(False)
