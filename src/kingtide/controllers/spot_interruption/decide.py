"""One pass of spot_interruption: the summary of its rules.

Read the messages and the nodes; write on each noticed node what is missing (kept from pods, ours to
empty, room claimed, left out by load balancers); let pods leave in the order that keeps the two
minutes; answer the groups whose hooks wait; acknowledge the messages whose nodes now say it all.
"""

from __future__ import annotations

import msgspec

from kingtide.control.action import (
    Action,
    AddTaint,
    EvictPod,
    RemoveTaint,
    TerminateInstance,
)
from kingtide.control.chance import Chance
from kingtide.control.controller import Controller
from kingtide.control.decision import Decision
from kingtide.control.message_actions import (
    AcknowledgeMessage,
    CompleteLifecycleAction,
    RecordLifecycleHeartbeat,
)
from kingtide.control.node_actions import (
    ClaimCapacity,
    ClaimDisruption,
    Cordon,
    DeletePod,
    ReleaseCapacity,
    ReleaseDisruption,
    SetNodeLabel,
    Uncordon,
)
from kingtide.control.report import Detail, Report, Verdict
from kingtide.control.said import changed
from kingtide.control.snapshot import ClusterView, Snapshot
from kingtide.control.workload_actions import ScaleDeployment
from kingtide.controllers.spot_interruption import told
from kingtide.controllers.spot_interruption.departures import let_go
from kingtide.controllers.spot_interruption.endings import acknowledge, answer_hooks, end_nodes
from kingtide.controllers.spot_interruption.evictions import calls
from kingtide.controllers.spot_interruption.leaving import (
    Leaving,
)
from kingtide.controllers.spot_interruption.memory import SpotInterruptionMemory
from kingtide.controllers.spot_interruption.notice import NAME, starts_ms
from kingtide.controllers.spot_interruption.phrases import PHRASES
from kingtide.controllers.spot_interruption.sight import Sight, look
from kingtide.controllers.spot_interruption.standing import STEPS, missing
from kingtide.controllers.spot_interruption.writes import Writes
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy

REST_MS = 10_000
"""Time between two looks while nothing is urgent: a recommendation waits for room, a message for
its node to join. A tenth of a node's way."""


def decide(
    snapshot: Snapshot,
    policy: SpotInterruptionPolicy,
    memory: SpotInterruptionMemory,
    now_ms: int,
    chance: Chance,
) -> Decision[SpotInterruptionMemory]:
    """Decide one pass; times are milliseconds since the Unix epoch."""
    del chance  # nothing here is left to chance
    memory, sight = look(snapshot, policy, memory, now_ms)
    writes = Writes(memory.writes.left(policy.writes_per_second, now_ms), memory.written_ms, now_ms)
    _tell_nodes(sight, policy, writes, now_ms)
    memory, leaving, chosen = let_go(snapshot, sight, policy, memory, writes, now_ms)
    end_nodes(snapshot, sight, policy, writes, now_ms)
    answers = answer_hooks(snapshot, sight, memory.register.node_of, policy, writes, now_ms)
    acknowledge(sight, answers.waits, policy, writes, now_ms)
    evictions = calls(chosen, now_ms)
    actions = (*writes.actions, *evictions)
    refused = told.refused_claims(memory.refused, snapshot.outcomes, sight.noticed)
    standing = told.of_nodes(sight.noticed, leaving, chosen, refused, policy, now_ms)
    happened = told.of_actions(actions, chosen, answers, sight.noticed, now_ms)
    memory, verdicts = _say(memory, snapshot.cluster, sight, standing, happened)
    memory = msgspec.structs.replace(
        memory,
        waits=answers.waits,
        refused=refused,
        written_ms=writes.written_ms,
        writes=memory.writes.after(len(writes.actions), now_ms),
        evictions=memory.evictions.after(len(evictions), now_ms),
    )
    return Decision(
        memory=memory,
        actions=actions,
        report=Report(_figures(snapshot, sight, leaving, evictions), verdicts),
        wake_at_ms=_wake_at_ms(sight, memory, policy, now_ms),
    )


def _tell_nodes(sight: Sight, policy: SpotInterruptionPolicy, writes: Writes, now_ms: int) -> None:
    """Write what is missing on the nodes, each step on all nodes before the next one."""
    lacking = [
        (step, it.node.name, action)
        for it in sight.noticed
        if not it.is_over
        for step, action in missing(it.node, it.notice, it.intent, policy, now_ms)
    ]
    for wanted in STEPS:
        for step, name, action in lacking:
            if step == wanted:
                writes.ask(f"{name}/{step}", action)


def _say(
    memory: SpotInterruptionMemory,
    cluster: ClusterView,
    sight: Sight,
    standing: list[Verdict],
    happened: list[Verdict],
) -> tuple[SpotInterruptionMemory, tuple[Verdict, ...]]:
    """Report what happened, and every standing that is not what was said before."""
    verdicts = [*told.of_letters(sight.letters), *standing]
    present = {it.subject: None for it in verdicts}
    gone = [subject for subject in memory.said if subject not in present]
    cleared = [
        Verdict(it, "cleared", "NodeGone")
        for it in gone
        if it.startswith("node/") and it.partition("/")[2] not in cluster.nodes
    ]
    ended = dict.fromkeys(it.subject for it in cleared)
    forgotten = [it for it in gone if it not in ended]
    said, news = changed(memory.said, verdicts, cleared, forgotten)
    return msgspec.structs.replace(memory, said=said), (*happened, *news)


def _figures(
    snapshot: Snapshot,
    sight: Sight,
    leaving: tuple[Leaving, ...],
    evictions: tuple[Action, ...],
) -> dict[str, Detail]:
    return {
        "messages": len(snapshot.inbox),
        "nodes_noticed": len(sight.noticed),
        "nodes_emptied": sum(it.intent == "empty" and not it.staying for it in sight.noticed),
        "pods_to_leave": len(leaving),
        "pods_told": len(evictions),
        "hooks_waiting": sum(not it.is_over for it in sight.waits.values()),
    }


def _wake_at_ms(
    sight: Sight, memory: SpotInterruptionMemory, policy: SpotInterruptionPolicy, now_ms: int
) -> int | None:
    """Return when to look again: soon while anything is urgent, never while there is nothing."""
    is_urgent = memory.surges.marked or any(not it.keep for it in sight.letters)
    if is_urgent or any(it.intent == "empty" for it in sight.noticed):
        return now_ms + policy.pass_seconds * 1000
    starts = [starts_ms(it.notice, policy) for it in sight.noticed if it.intent == "rest"]
    if len(starts) < len(sight.noticed) or sight.letters:
        starts.append(now_ms + REST_MS)
    return max(now_ms + policy.pass_seconds * 1000, min(starts)) if starts else None


CONTROLLER: Controller[SpotInterruptionPolicy, SpotInterruptionMemory] = Controller(
    name=NAME,
    actions=(
        AddTaint,
        RemoveTaint,
        ClaimDisruption,
        ReleaseDisruption,
        ClaimCapacity,
        ReleaseCapacity,
        SetNodeLabel,
        Cordon,
        Uncordon,
        EvictPod,
        DeletePod,
        ScaleDeployment,
        TerminateInstance,
        CompleteLifecycleAction,
        RecordLifecycleHeartbeat,
        AcknowledgeMessage,
    ),
    watches=("inbox",),
    phrases=PHRASES,
    first_memory=SpotInterruptionMemory,
    decide=decide,
)
