"""Faults planted one at a time through a world's seams: the named invariant has to find each.

Nothing of ours is patched. A world gets another performer, another controller, another arbiter or
another policy, as a mistake in one of them would make it, or a rogue beside its own parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from kingtide.control.action import (
    Action,
    AddTaint,
    EvictPod,
    PatchScale,
    SetDesiredCapacity,
    TerminateInstance,
)
from kingtide.control.arbitration import Asked, Refusals, arbitrate
from kingtide.control.budget import Budget
from kingtide.control.claims import DisruptionClaim, disruption_claim
from kingtide.control.controller import Controller
from kingtide.control.decision import Decision
from kingtide.control.drain import SAFE_TO_EVICT
from kingtide.control.message_actions import AcknowledgeMessage
from kingtide.control.node_actions import ClaimDisruption, DeletePod
from kingtide.control.outcome import Outcome
from kingtide.control.snapshot import ClusterView, Snapshot
from kingtide.kube.pods import Pod, pod_requests
from kingtide.rehearsal.gameday.outcome import SeedOutcome
from kingtide.rehearsal.gameday.seed_run import run_seed, seeded
from kingtide.rehearsal.gameday.selection import selection_of
from kingtide.rehearsal.prepare import prepare
from kingtide.twin.definition import ControllerRun, WorldDefinition
from kingtide.twin.engine import EventClass
from kingtide.twin.faults.catalogue import DrawnFault, drawn
from kingtide.twin.faults.fault import Fault
from kingtide.twin.invariants.bounds import Bounds
from kingtide.twin.invariants.catalogue import INVARIANTS
from kingtide.twin.invariants.rooms import holds, taken
from kingtide.twin.registry import CONTROLLERS
from kingtide.twin.seams import Seams
from kingtide.twin.world import World

EXAMPLE = Path(__file__).parents[3] / "examples" / "gameday-small" / "rehearsal.yaml"
BOUNDS = Bounds(converge_seconds=1200, overprovisioning_seconds=900)
SPOT = "spot-nodes-workers-4x"
SEEDS = range(1, 13)
"""A planted fault that no seed of a dozen meets would be found by luck only."""

Change = Callable[[Decision[Any], Snapshot], tuple[Action, ...]]


def deciding(key: str, change: Change, *more: type[Action]) -> Seams:
    """A controller whose actions are changed on their way out."""
    real: Controller[Any, Any] = CONTROLLERS[key].controller

    def decide(*arguments: Any) -> Decision[Any]:
        decision = real.decide(*arguments)
        return msgspec.structs.replace(decision, actions=change(decision, arguments[0]))

    actions = (*real.actions, *more)
    return Seams(controllers={key: msgspec.structs.replace(real, decide=decide, actions=actions)})


def each(
    decision: Decision[Any], change: Callable[[Action], Sequence[Action]]
) -> tuple[Action, ...]:
    return tuple(it for action in decision.actions for it in change(action))


# ---------------------------------------------------------------- controllers


def _double(decision: Decision[Any], snapshot: Snapshot) -> tuple[Action, ...]:
    """Every request for nodes asks for twice as many more, and then one."""

    def change(action: Action) -> Sequence[Action]:
        if not isinstance(action, SetDesiredCapacity) or action.desired <= action.expected_desired:
            return (action,)
        more = 2 * (action.desired - action.expected_desired) + 1
        return (msgspec.structs.replace(action, desired=action.expected_desired + more),)

    return each(decision, change)


def _impatient(decision: Decision[Any], snapshot: Snapshot) -> tuple[Action, ...]:
    """What failed is asked for again as soon as it was put back."""

    def change(action: Action) -> Sequence[Action]:
        if not isinstance(action, SetDesiredCapacity) or action.desired >= action.expected_desired:
            return (action,)
        again = msgspec.structs.replace(
            action, desired=action.expected_desired, expected_desired=action.desired
        )
        return (action, again)

    return each(decision, change)


def _never_terminates(decision: Decision[Any], snapshot: Snapshot) -> tuple[Action, ...]:
    """Instances that never become a node are left running."""
    return each(
        decision, lambda it: () if isinstance(it, TerminateInstance) and not it.node else (it,)
    )


def _terminates_at_once(decision: Decision[Any], snapshot: Snapshot) -> tuple[Action, ...]:
    """A node that was chosen for removal is terminated with its pods."""

    def change(action: Action) -> Sequence[Action]:
        if not isinstance(action, AddTaint):
            return (action,)
        ending = TerminateInstance(
            reason="at once", group=SPOT, instance_id=action.node, node=action.node
        )
        return (action, ending)

    return each(decision, change)


def _terminates_in_their_grace(decision: Decision[Any], snapshot: Snapshot) -> tuple[Action, ...]:
    """A node that was chosen for removal is terminated as soon as its pods are told to stop."""

    def change(action: Action) -> Sequence[Action]:
        if not isinstance(action, AddTaint):
            return (action,)
        pods = snapshot.cluster.pods_on(action.node).values()
        ending = TerminateInstance(
            reason="at once", group=SPOT, instance_id=action.node, node=action.node
        )
        return (
            action,
            *(
                DeletePod(
                    reason="planted",
                    namespace=p.namespace,
                    name=p.name,
                    uid=p.uid,
                    grace_seconds=p.spec.termination_grace_period_seconds,
                )
                for p in pods
            ),
            ending,
        )

    return each(decision, change)


def _acknowledges_early(decision: Decision[Any], snapshot: Snapshot) -> tuple[Action, ...]:
    """Messages are acknowledged as they come, before anything stands on a node."""
    early = (
        AcknowledgeMessage(reason="read", message_id=message.message_id)
        for message in snapshot.inbox
    )
    return (*early, *(it for it in decision.actions if not isinstance(it, ClaimDisruption)))


def _pods(snapshot: Snapshot, name: str) -> list[Pod]:
    cluster = snapshot.cluster
    return [
        pod
        for node in cluster.nodes
        for pod in cluster.pods_on(node).values()
        if pod.name.startswith(name) and pod.is_ready and pod.deletion_ms is None
    ]


def _evictions(pods: Sequence[Pod], grace_seconds: int | None = None) -> tuple[Action, ...]:
    return tuple(
        EvictPod(
            reason="planted",
            namespace=pod.namespace,
            name=pod.name,
            uid=pod.uid,
            grace_seconds=grace_seconds,
        )
        for pod in pods
    )


def _ignores_budgets(decision: Decision[Any], snapshot: Snapshot) -> tuple[Action, ...]:
    """Pods are deleted where they should be evicted, a dozen in a pass."""
    deletions = tuple(
        DeletePod(reason="planted", namespace=p.namespace, name=p.name, uid=p.uid, grace_seconds=30)
        for p in _pods(snapshot, "front")[:12]
    )
    return (*decision.actions, *deletions)


def _cuts_graces(decision: Decision[Any], snapshot: Snapshot) -> tuple[Action, ...]:
    """A pod gets a second to end."""
    return (*decision.actions, *_evictions(_pods(snapshot, "encoders")[:1], 1))


def _evicts_twice(decision: Decision[Any], snapshot: Snapshot) -> tuple[Action, ...]:
    """A pod is evicted, and again."""
    return (*decision.actions, *(2 * _evictions(_pods(snapshot, "encoders")[:1])))


def _moves_the_protected(decision: Decision[Any], snapshot: Snapshot) -> tuple[Action, ...]:
    """A pod that nobody may move is evicted."""
    return (*decision.actions, *_evictions(_pods(snapshot, "closing")[:1]))


def _meddles(decision: Decision[Any], snapshot: Snapshot) -> tuple[Action, ...]:
    """Node autoscaling scales a Deployment, which it does not declare."""
    scale = PatchScale(
        reason="meddling", namespace="shop", name="api", replicas=1, expected_replicas=1
    )
    return (*decision.actions, scale)


def _rival_scale(decision: Decision[Any]) -> Iterator[Action]:
    """Node autoscaling takes the pause pods away whenever it asks for nodes."""
    if any(isinstance(it, SetDesiredCapacity) for it in decision.actions):
        for present in range(1, 9):
            yield PatchScale(
                reason="rivalry",
                namespace="overprovisioning",
                name="overprovisioning-workers",
                replicas=0,
                expected_replicas=present,
            )


def _rivals(decision: Decision[Any], snapshot: Snapshot) -> tuple[Action, ...]:
    """Two controllers scale one Deployment."""
    return (*decision.actions, *_rival_scale(decision))


def _deletes_at_once(decision: Decision[Any], snapshot: Snapshot) -> tuple[Action, ...]:
    """Pods of a noticed node are deleted, past their budgets, as soon as the notice stands."""
    cluster = snapshot.cluster
    noticed = [
        node
        for node in cluster.nodes.values()
        if (claim := disruption_claim(node.annotations)) and claim.reason == "Interrupted"
    ]
    deletions = tuple(
        DeletePod(reason="planted", namespace=p.namespace, name=p.name, uid=p.uid, grace_seconds=30)
        for node in noticed
        for p in cluster.pods_on(node.name).values()
        if p.deletion_ms is None
    )
    return (*decision.actions, *deletions)


def _silent() -> Seams:
    """What is deleted below its budget is not told."""
    real: Controller[Any, Any] = CONTROLLERS["spotInterruption"].controller

    def decide(*arguments: Any) -> Decision[Any]:
        decision = real.decide(*arguments)
        told = tuple(it for it in decision.report.verdicts if it.code != "DeletedBelowBudget")
        report = msgspec.structs.replace(decision.report, verdicts=told)
        return msgspec.structs.replace(decision, report=report)

    return Seams(controllers={"spotInterruption": msgspec.structs.replace(real, decide=decide)})


# ---------------------------------------------------------------- the twin itself

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


def _binds_to_closed_nodes(world: World) -> None:
    """A second scheduler minds neither cordons nor taints."""
    pod = _waiting(world)
    closed = [it for it in world.store.nodes.values() if it.unschedulable or it.taints]
    if pod is not None and closed:
        world.store.update_pod(pod, node_name=closed[0].name)


def _binds_to_full_nodes(world: World) -> None:
    """A second scheduler does not count what is taken."""
    pod = _waiting(world)
    if pod is None:
        return
    for node in world.store.nodes.values():
        there = [it for it in world.store.pods.values() if it.node_name == node.name]
        if not holds(node.allocatable - taken(there) - pod_requests(pod.spec)):
            world.store.update_pod(pod, node_name=node.name)
            return


def _counts_one_more(world: World) -> None:
    """Availability counts a pod that does not exist."""
    world.availability.applications["jobs/encoders"].pods += 1


def _bills_what_never_ran(world: World) -> None:
    """An instance is billed that was never launched."""
    pool = world.cloud.all_pools()[0]
    world.cloud.cost.start(pool, 1, world.engine.now_ms)


def _forgets_high_pods(world: World) -> None:
    """The scheduler forgets pods of high priority that it once refused."""
    for pod in world.store.pods.values():
        if pod.is_unschedulable and pod.spec.priority > 0 and pod.uid in world.scheduler.queue:
            world.scheduler.queue.remove(pod.uid)


def _forgets_its_bounds(world: World) -> None:
    """A group's desired capacity is beyond its maximum; no door of the cloud lets this in."""
    group = world.cloud._groups[SPOT]
    group.desired = group.picture().max_size + 1


def _acts_undeclared(world: World) -> None:
    """A write in a controller's name that it does not declare, past the guard of its loop."""

    def perform(action: Action) -> Outcome:
        return Outcome(action, "failed", world.engine.now_ms, "Planted")

    name = next(it.name for it in world.loops if "node_autoscaling" in it.name)
    scale = PatchScale(
        reason="meddling", namespace="shop", name="api", replicas=1, expected_replicas=1
    )
    world.writes.told(name, perform)(scale)


def _claims_late(world: World) -> None:
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


class Planted(NamedTuple):
    """A mistake, the invariant that names it (or the error that ends the run), and its faults."""

    invariant: str
    seams: Seams
    faults: str = "all"
    change: Callable[[WorldDefinition], WorldDefinition] = lambda definition: definition
    rogue: Callable[[World], object] | None = None


def _without(key: str) -> Callable[[WorldDefinition], WorldDefinition]:
    def change(definition: WorldDefinition) -> WorldDefinition:
        runs = tuple(run for run in definition.controllers if run.key != key)
        return msgspec.structs.replace(definition, controllers=runs)

    return change


def _one_too_many(
    asked: Sequence[Asked], cluster: ClusterView, budgets: Sequence[Budget], *more: Any
) -> tuple[Refusals, ...]:
    """The shared budget is taken as one node more than it is."""
    wider = tuple(msgspec.structs.replace(it, number=it.number + 1) for it in budgets)
    return arbitrate(asked, cluster, wider, *more)


def _out_of_turn(asked: Sequence[Asked], *more: Any) -> tuple[Refusals, ...]:
    """Whoever bears a claim begins, however many others do."""
    refused = arbitrate(asked, *more)
    return tuple(
        {
            place: it
            for place, it in refusals.items()
            if it.code != "DisruptionBudget" or isinstance(by.actions[place], ClaimDisruption)
        }
        for by, refusals in zip(asked, refused, strict=True)
    )


def _too_few_nodes(definition: WorldDefinition) -> WorldDefinition:
    """Half of the nodes, and nobody who adds any."""
    groups = tuple(
        msgspec.structs.replace(it, running=it.running // 2) for it in definition.node_groups
    )
    groups = tuple(
        msgspec.structs.replace(
            it, group=msgspec.structs.replace(it.group, desired_capacity=it.running)
        )
        for it in groups
    )
    without = _without("nodeAutoscaling")(definition)
    return msgspec.structs.replace(without, node_groups=groups)


def _protected(definition: WorldDefinition) -> WorldDefinition:
    """Pods of `closing` bear the annotation that keeps them where they are."""
    applications = tuple(
        msgspec.structs.replace(
            it,
            template=msgspec.structs.replace(it.template, annotations={SAFE_TO_EVICT: "false"}),
        )
        if it.name == "closing"
        else it
        for it in definition.applications
    )
    return msgspec.structs.replace(definition, applications=applications)


def _node_autoscaling(change: Change, *more: type[Action]) -> Seams:
    return deciding("nodeAutoscaling", change, *more)


PLANTED: dict[str, Planted] = {
    "pdb-ignored": Planted(
        "budgets-of-pods-hold", _node_autoscaling(_ignores_budgets, DeletePod), "none"
    ),
    "deleted-at-once": Planted(
        "budgets-of-pods-hold", deciding("spotInterruption", _deletes_at_once), "reclaim"
    ),
    "deleted-in-silence": Planted("budgets-of-pods-hold", _silent(), "reclaim"),
    "grace-cut": Planted("graces-are-kept", _node_autoscaling(_cuts_graces), "none"),
    "evicted-twice": Planted("nothing-is-done-twice", _node_autoscaling(_evicts_twice), "none"),
    "protected-pod-moved": Planted(
        "protected-pods-stay", _node_autoscaling(_moves_the_protected), "none", _protected
    ),
    "request-doubled": Planted("no-more-nodes-than-needed", _node_autoscaling(_double)),
    "back-off-forgotten": Planted("failed-groups-are-left-alone", _node_autoscaling(_impatient)),
    "orphans-kept": Planted(
        "no-instance-is-orphaned", _node_autoscaling(_never_terminates), "never-join"
    ),
    "terminated-with-its-pods": Planted(
        "nodes-are-emptied-first", _node_autoscaling(_terminates_at_once)
    ),
    "terminated-in-their-grace": Planted(
        "nodes-are-emptied-first", _node_autoscaling(_terminates_in_their_grace, DeletePod)
    ),
    "acknowledged-too-early": Planted(
        "intents-stand-first", deciding("spotInterruption", _acknowledges_early), "reclaim"
    ),
    "undeclared-action": Planted("crash: UndeclaredAction", _node_autoscaling(_meddles)),
    "two-owners": Planted("one-owner-a-field", _node_autoscaling(_rivals, PatchScale)),
    "budget-off-by-one": Planted("nodes-stay-within-budget", Seams(arbitrate=_one_too_many)),
    "late-claims-begun": Planted(
        "nodes-stay-within-budget", Seams(arbitrate=_out_of_turn), "none", rogue=_claims_late
    ),
    "nobody-adds-nodes": Planted("what-can-run-runs", Seams(), "none", _too_few_nodes),
    "room-not-restored": Planted("room-is-kept-again", Seams(), "none", _too_few_nodes),
    "bound-to-a-cordon": Planted("bindings-are-allowed", Seams(), rogue=_binds_to_closed_nodes),
    "bound-to-a-full-node": Planted(
        "nodes-give-what-they-have", Seams(), rogue=_binds_to_full_nodes
    ),
    "pod-counted-twice": Planted("pods-are-conserved", Seams(), "none", rogue=_counts_one_more),
    "billed-without-running": Planted(
        "cost-is-counted", Seams(), "none", rogue=_bills_what_never_ran
    ),
    "high-pods-forgotten": Planted(
        "nobody-waits-below-lower-pods", Seams(), rogue=_forgets_high_pods
    ),
    "beyond-the-maximum": Planted(
        "groups-keep-their-bounds", Seams(), "none", rogue=_forgets_its_bounds
    ),
    "undeclared-past-the-guard": Planted(
        "actions-are-declared", Seams(), "none", rogue=_acts_undeclared
    ),
}


@lru_cache(maxsize=1)
def example() -> WorldDefinition:
    return prepare(EXAMPLE).definition


def played(planted: Planted, seed: int) -> SeedOutcome:
    definition = planted.change(seeded(example(), seed))
    words = () if planted.faults == "all" else planted.faults.split(",")
    faults = selection_of(words).of(drawn(definition))
    if planted.rogue is not None:
        start_ms, end_ms = definition.start_ms + ROGUE_AFTER_MS, definition.end_ms
        rogue = Rogue(from_ms=start_ms, until_ms=end_ms, act=planted.rogue)
        faults = (*faults, DrawnFault("rogue", 1, rogue))
    return run_seed(definition, faults, BOUNDS, planted.seams)


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found_by_the_invariant_that_names_it(name: str) -> None:
    planted = PLANTED[name]
    found: dict[str, None] = {}
    for seed in SEEDS:
        found |= dict.fromkeys(played(planted, seed).failures)
        if planted.invariant in found:
            return
    pytest.fail(f"{name}: {planted.invariant} is not among what was found: {list(found)}")


def test_claims_that_come_late_break_no_budget_where_they_wait_their_turn() -> None:
    late = PLANTED["late-claims-begun"]._replace(seams=Seams())
    assert played(late, SEEDS[0]).failures == ()


def test_every_invariant_finds_a_planted_fault() -> None:
    assert {it.name for it in INVARIANTS} <= {it.invariant for it in PLANTED.values()}


def test_without_a_planted_fault_the_same_seeds_find_nothing() -> None:
    clean = Planted("", Seams())
    assert [played(clean, seed).failures for seed in SEEDS] == [()] * len(SEEDS)
    runs = example().controllers
    assert ControllerRun("nodeAutoscaling", runs[0].policy) == runs[0]
