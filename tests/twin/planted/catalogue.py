"""Every planted mistake with the invariant that names it, and how a world with one is played.

Nothing of ours is patched. A world gets another performer, another controller, another arbiter or
another policy, as a mistake in one of them would make it, or a rogue beside its own parts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from kingtide.control.action import Action, PatchScale
from kingtide.control.arbitration import Asked, Refusals, arbitrate
from kingtide.control.budget import Budget
from kingtide.control.drain import SAFE_TO_EVICT
from kingtide.control.node_actions import ClaimDisruption, DeletePod
from kingtide.control.snapshot import ClusterView
from kingtide.rehearsal.gameday.outcome import SeedOutcome
from kingtide.rehearsal.gameday.seed_run import run_seed, seeded
from kingtide.rehearsal.gameday.selection import selection_of
from kingtide.rehearsal.prepare import prepare
from kingtide.twin.definition import WorldDefinition
from kingtide.twin.faults.catalogue import DrawnFault, drawn
from kingtide.twin.invariants.bounds import Bounds
from kingtide.twin.seams import Seams
from kingtide.twin.world import World
from tests.twin.planted import controllers as wrong
from tests.twin.planted import rogues

EXAMPLE = Path(__file__).parents[3] / "examples" / "gameday-small" / "rehearsal.yaml"
BOUNDS = Bounds(converge_seconds=1200, overprovisioning_seconds=900)


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


def _node_autoscaling(change: wrong.Change, *more: type[Action]) -> Seams:
    return wrong.deciding("nodeAutoscaling", change, *more)


PLANTED: dict[str, Planted] = {
    "pdb-ignored": Planted(
        "budgets-of-pods-hold", _node_autoscaling(wrong.ignores_budgets, DeletePod), "none"
    ),
    "deleted-at-once": Planted(
        "budgets-of-pods-hold", wrong.deciding("spotInterruption", wrong.deletes_at_once), "reclaim"
    ),
    "deleted-in-silence": Planted("budgets-of-pods-hold", wrong.silent(), "reclaim"),
    "grace-cut": Planted("graces-are-kept", _node_autoscaling(wrong.cuts_graces), "none"),
    "evicted-twice": Planted(
        "nothing-is-done-twice", _node_autoscaling(wrong.evicts_twice), "none"
    ),
    "protected-pod-moved": Planted(
        "protected-pods-stay", _node_autoscaling(wrong.moves_the_protected), "none", _protected
    ),
    "request-doubled": Planted("no-more-nodes-than-needed", _node_autoscaling(wrong.double)),
    "back-off-forgotten": Planted(
        "failed-groups-are-left-alone", _node_autoscaling(wrong.impatient)
    ),
    "orphans-kept": Planted(
        "no-instance-is-orphaned", _node_autoscaling(wrong.never_terminates), "never-join"
    ),
    "terminated-with-its-pods": Planted(
        "nodes-are-emptied-first", _node_autoscaling(wrong.terminates_at_once)
    ),
    "terminated-in-their-grace": Planted(
        "nodes-are-emptied-first", _node_autoscaling(wrong.terminates_in_their_grace, DeletePod)
    ),
    "acknowledged-too-early": Planted(
        "intents-stand-first",
        wrong.deciding("spotInterruption", wrong.acknowledges_early),
        "reclaim",
    ),
    "undeclared-action": Planted("crash: UndeclaredAction", _node_autoscaling(wrong.meddles)),
    "two-owners": Planted("one-owner-a-field", _node_autoscaling(wrong.rivals, PatchScale)),
    "budget-off-by-one": Planted("nodes-stay-within-budget", Seams(arbitrate=_one_too_many)),
    "late-claims-begun": Planted(
        "nodes-stay-within-budget", Seams(arbitrate=_out_of_turn), "none", rogue=rogues.claims_late
    ),
    "nobody-adds-nodes": Planted("what-can-run-runs", Seams(), "none", _too_few_nodes),
    "room-not-restored": Planted("room-is-kept-again", Seams(), "none", _too_few_nodes),
    "bound-to-a-cordon": Planted(
        "bindings-are-allowed", Seams(), rogue=rogues.binds_to_closed_nodes
    ),
    "bound-to-a-full-node": Planted(
        "nodes-give-what-they-have", Seams(), rogue=rogues.binds_to_full_nodes
    ),
    "pod-counted-twice": Planted(
        "pods-are-conserved", Seams(), "none", rogue=rogues.counts_one_more
    ),
    "billed-without-running": Planted(
        "cost-is-counted", Seams(), "none", rogue=rogues.bills_what_never_ran
    ),
    "high-pods-forgotten": Planted(
        "nobody-waits-below-lower-pods", Seams(), rogue=rogues.forgets_high_pods
    ),
    "beyond-the-maximum": Planted(
        "groups-keep-their-bounds", Seams(), "none", rogue=rogues.forgets_its_bounds
    ),
    "undeclared-past-the-guard": Planted(
        "actions-are-declared", Seams(), "none", rogue=rogues.acts_undeclared
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
        start_ms, end_ms = definition.start_ms + rogues.ROGUE_AFTER_MS, definition.end_ms
        rogue = rogues.Rogue(from_ms=start_ms, until_ms=end_ms, act=planted.rogue)
        faults = (*faults, DrawnFault("rogue", 1, rogue))
    return run_seed(definition, faults, BOUNDS, planted.seams)
