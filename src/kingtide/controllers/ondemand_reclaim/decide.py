"""One pass of ondemand_reclaim: the summary of its rules.

Look at the nodes that concern us (on-demand ones, ill ones, those we have to do with), go on with
the drains under way, begin new ones where spot, or for ill nodes anything, has room for the pods,
ask for capacity where it has not, and let nodes take pods again that nothing is wrong with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from kingtide.control.action import Action, EvictPod, TerminateInstance
from kingtide.control.chance import Chance
from kingtide.control.claims import disruption_claim
from kingtide.control.controller import Controller
from kingtide.control.decision import Decision
from kingtide.control.node_actions import (
    ClaimCapacity,
    ClaimDisruption,
    Cordon,
    ReleaseCapacity,
    ReleaseDisruption,
    SetNodeLabel,
    Uncordon,
)
from kingtide.control.report import Detail, Report, Stance, Verdict
from kingtide.control.said import changed
from kingtide.control.snapshot import Snapshot
from kingtide.controllers.ondemand_reclaim.beginnings import Beginnings, begin
from kingtide.controllers.ondemand_reclaim.conditions import have_healed
from kingtide.controllers.ondemand_reclaim.drains import release_capacity
from kingtide.controllers.ondemand_reclaim.marks import (
    NAME,
    conditions_of_draino,
    is_cordoned_by_us,
    uncordon,
)
from kingtide.controllers.ondemand_reclaim.memory import Drain, OndemandReclaimMemory
from kingtide.controllers.ondemand_reclaim.phrases import PHRASES
from kingtide.controllers.ondemand_reclaim.reasons import Refusal, Wanted
from kingtide.controllers.ondemand_reclaim.standing import (
    Standing,
    Standings,
    concerned_nodes,
    look,
    rules_of,
)
from kingtide.controllers.ondemand_reclaim.under_way import UnderWay, go_on
from kingtide.fleet.policies.ondemand_reclaim import OndemandReclaimPolicy

CLUSTER = "cluster/nodes"
SILENT = ("NotSelected",)
"""Refusals that the user asked for, which are no news."""


def decide(
    snapshot: Snapshot,
    policy: OndemandReclaimPolicy,
    memory: OndemandReclaimMemory,
    now_ms: int,
    chance: Chance,
) -> Decision[OndemandReclaimMemory]:
    """Decide one pass; times are milliseconds since the Unix epoch."""
    del chance  # nothing here is left to chance
    wake_at_ms = now_ms + policy.poll_seconds * 1000
    try:
        rules = rules_of(policy)
    except ValueError as error:
        details = {"detail": str(error)}
        unreadable = Verdict("policy/ondemand_reclaim", "refused", "PolicyUnreadable", details)
        return _say_only(memory, [unreadable], wake_at_ms)
    concerned, cursor = concerned_nodes(memory.concerned, snapshot.cluster, memory.cursor, rules)
    if not concerned and not memory.drains and not memory.said:
        return Decision(_with(memory, cursor=cursor, concerned=concerned), wake_at_ms=wake_at_ms)
    standings = look(snapshot, concerned, rules, policy, now_ms)
    if standings.is_unhealthy(policy):
        counts: dict[str, Detail] = {"unready": standings.unready, "nodes": standings.total}
        unhealthy = Verdict(CLUSTER, "refused", "ClusterUnhealthy", counts)
        memory = _with(memory, cursor=cursor, concerned=concerned)
        return _say_only(memory, [unhealthy], wake_at_ms)
    moved = go_on(snapshot, standings, memory.drains, policy, now_ms)
    begun = begin(
        snapshot, standings, moved.drains, memory.begun_ms, memory.claim_rests, policy, now_ms
    )
    tidied, taken = _tidy(standings, moved.drains, now_ms)
    said, verdicts = _say(memory, snapshot, standings, moved, begun, taken)
    if begun.drains:
        wake_at_ms = now_ms + policy.drain_poll_seconds * 1000
    return Decision(
        memory=OndemandReclaimMemory(
            cursor=cursor,
            concerned=concerned,
            drains=begun.drains,
            begun_ms=begun.begun_ms,
            claim_rests=begun.claim_rests,
            said=said,
        ),
        actions=(*moved.actions, *begun.actions, *tidied),
        report=Report(_figures(standings, begun.drains), verdicts),
        wake_at_ms=min(wake_at_ms, _next_due_ms(standings, policy, now_ms) or wake_at_ms),
    )


def _tidy(
    standings: Standings, drains: Mapping[str, Drain], now_ms: int
) -> tuple[list[Action], list[Verdict]]:
    """Return what lets nodes take pods again that bear our mark and no claim, or ours at rest.

    What was done before has failed then, or only the mark is left to be taken off.

    A node that draino cordoned is uncordoned by draino's rule: once a condition has healed.
    """
    actions: list[Action] = []
    verdicts: list[Verdict] = []
    for name, it in standings.nodes.items():
        is_free = disruption_claim(it.node.annotations) is None
        if isinstance(it.verdict, Refusal) and it.claim is None:
            actions += release_capacity(it.node, f"{name} is not emptied")
        is_at_rest = it.claim is not None and not it.is_active
        if not (is_free or is_at_rest) or not is_cordoned_by_us(it.node) or _is_ill(it):
            continue
        if drains.get(name, Drain()).ended_ms == now_ms:
            continue  # this pass has said what its end asks for
        were = conditions_of_draino(it.node)
        if were and not have_healed(it.node, were, now_ms):
            continue
        actions += uncordon(it.node, f"nothing is wrong with {name}")
        if is_free and it.node.unschedulable:
            verdicts.append(Verdict(f"node/{name}", "acted", "TakesPodsAgain"))
    return actions, verdicts


def _is_ill(it: Standing) -> bool:
    return isinstance(it.verdict, Wanted) and it.verdict.reason == "Degraded"


def _say(
    memory: OndemandReclaimMemory,
    snapshot: Snapshot,
    standings: Standings,
    moved: UnderWay,
    begun: Beginnings,
    taken: Iterable[Verdict],
) -> tuple[Mapping[str, str], tuple[Verdict, ...]]:
    """Report what happened, and every standing that is not what was said before."""
    happened = [*moved.verdicts, *begun.happened, *taken]
    happened += [
        Verdict(f"node/{name}", "noticed", "Gone")
        for name in memory.drains
        if name not in snapshot.cluster.nodes
    ]
    spoken = {it.subject: None for it in happened}
    standing = [it for it in (*begun.standing, *_refusals(standings)) if it.subject not in spoken]
    known = {it.subject: None for it in standing}
    gone = [
        subject
        for subject in memory.said
        if subject not in known
        and subject != CLUSTER
        and subject.partition("/")[2] not in begun.drains
    ]
    cleared = [Verdict(CLUSTER, "cleared", "ClusterHealthy")]
    said, verdicts = changed(memory.said, standing, cleared, [*spoken, *gone])
    return said, (*happened, *verdicts)


def _refusals(standings: Standings) -> Iterable[Verdict]:
    for name, it in standings.nodes.items():
        verdict = it.verdict
        if not isinstance(verdict, Refusal) or verdict.code in SILENT:
            continue
        if verdict.code == "NotInAGroup" and not verdict.detail:
            continue  # neither ill nor of a group: none of our business
        stance: Stance = "waits" if verdict.code == "NotOldEnough" else "refused"
        yield Verdict(f"node/{name}", stance, verdict.code, {"detail": verdict.detail})


def _say_only(
    memory: OndemandReclaimMemory, verdicts: list[Verdict], wake_at_ms: int
) -> Decision[OndemandReclaimMemory]:
    """Do nothing, and say why unless it was said before."""
    said, news = changed(memory.said, verdicts)
    return Decision(
        _with(memory, said=said), report=Report(verdicts=tuple(news)), wake_at_ms=wake_at_ms
    )


def _with(memory: OndemandReclaimMemory, **changes: object) -> OndemandReclaimMemory:
    return msgspec.structs.replace(memory, **changes)


def _next_due_ms(standings: Standings, policy: OndemandReclaimPolicy, now_ms: int) -> int | None:
    """Return when the next node is old enough, so that it is not left until the next poll."""
    due = [
        it.verdict.due_ms
        for it in standings.nodes.values()
        if isinstance(it.verdict, Wanted) and it.verdict.due_ms > now_ms
    ]
    return min(due, default=None)


def _figures(standings: Standings, drains: Mapping[str, Drain]) -> dict[str, Detail]:
    nodes = standings.nodes.values()
    return {
        "nodes_concerned": len(standings.nodes),
        "nodes_wanted": sum(isinstance(it.verdict, Wanted) for it in nodes),
        "nodes_ill": sum(_is_ill(it) for it in nodes),
        "drains": len(drains),
        "nodes_unready": standings.unready,
    }


CONTROLLER: Controller[OndemandReclaimPolicy, OndemandReclaimMemory] = Controller(
    name=NAME,
    actions=(
        ClaimDisruption,
        ReleaseDisruption,
        ClaimCapacity,
        ReleaseCapacity,
        Cordon,
        Uncordon,
        SetNodeLabel,
        EvictPod,
        TerminateInstance,
    ),
    watches=("configuration",),
    phrases=PHRASES,
    first_memory=OndemandReclaimMemory,
    decide=decide,
)
