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
from kingtide.control.drain import must_leave
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
from kingtide.control.workload_actions import ScaleWorkload
from kingtide.controllers.spot_interruption import giving_back, hooks, mail, surge, told
from kingtide.controllers.spot_interruption.evictions import calls
from kingtide.controllers.spot_interruption.leaving import (
    AskedByUid,
    Leaving,
    heed,
    leaving_pods,
    remember,
)
from kingtide.controllers.spot_interruption.memory import SpotInterruptionMemory
from kingtide.controllers.spot_interruption.notice import NAME, starts_ms
from kingtide.controllers.spot_interruption.noticed import Noticed, is_promised, survey
from kingtide.controllers.spot_interruption.order import Chosen, choose
from kingtide.controllers.spot_interruption.phrases import PHRASES
from kingtide.controllers.spot_interruption.register import look
from kingtide.controllers.spot_interruption.standing import STEPS, may_be_emptied, missing
from kingtide.controllers.spot_interruption.waves import Waves
from kingtide.controllers.spot_interruption.writes import Writes
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy

REST_MS = 10_000
"""Time between two looks while nothing is urgent: a recommendation waits for room, a message for
its node to join. A tenth of a node's way."""


class Sight(msgspec.Struct, frozen=True):
    """What one pass sees."""

    noticed: tuple[Noticed, ...]
    letters: tuple[mail.Letter, ...]
    asked: AskedByUid
    waits: hooks.Waits


def decide(
    snapshot: Snapshot,
    policy: SpotInterruptionPolicy,
    memory: SpotInterruptionMemory,
    now_ms: int,
    chance: Chance,
) -> Decision[SpotInterruptionMemory]:
    """Decide one pass; times are milliseconds since the Unix epoch."""
    del chance  # nothing here is left to chance
    memory, sight = _look(snapshot, policy, memory, now_ms)
    writes = Writes(memory.writes.left(policy.writes_per_second, now_ms), memory.written_ms, now_ms)
    _tell_nodes(sight, policy, writes, now_ms)
    memory, leaving, chosen = _let_go(snapshot, sight, policy, memory, writes, now_ms)
    _end(snapshot, sight, policy, writes, now_ms)
    answers = _answer(snapshot, sight, policy, writes, now_ms)
    _acknowledge(sight, answers.waits, policy, writes, now_ms)
    evictions = calls(chosen, now_ms)
    actions = (*writes.actions, *evictions)
    standing = told.of_nodes(
        sight.noticed, leaving, chosen, told.refused_claims(snapshot.outcomes), policy, now_ms
    )
    happened = told.of_actions(actions, chosen, answers, sight.noticed, now_ms)
    memory, verdicts = _say(memory, snapshot.cluster, sight, standing, happened)
    memory = msgspec.structs.replace(
        memory,
        waits=answers.waits,
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


def _look(
    snapshot: Snapshot,
    policy: SpotInterruptionPolicy,
    memory: SpotInterruptionMemory,
    now_ms: int,
) -> tuple[SpotInterruptionMemory, Sight]:
    cluster = snapshot.cluster
    register = look(memory.register, cluster, now_ms)
    readings = mail.read(snapshot.inbox, memory.readings)
    post = mail.sort(snapshot, readings, register.node_of, policy, now_ms)
    noticed = survey(cluster, register.noticed, post.notices, policy, now_ms)
    events = [event for letter in post.letters for event in letter.waits]
    memory = msgspec.structs.replace(
        memory,
        register=register,
        readings=readings,
        surges=surge.look(memory.surges, cluster),
    )
    asked = heed(memory.asked, snapshot.outcomes, policy)
    waits = hooks.note(memory.waits, events, snapshot.outcomes)
    return memory, Sight(noticed, post.letters, asked, waits)


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


def _let_go(
    snapshot: Snapshot,
    sight: Sight,
    policy: SpotInterruptionPolicy,
    memory: SpotInterruptionMemory,
    writes: Writes,
    now_ms: int,
) -> tuple[SpotInterruptionMemory, tuple[Leaving, ...], Chosen]:
    """Choose the pods that leave now, and the Deployments that get one more first."""
    cluster, start_ms = snapshot.cluster, policy.pod_start_seconds * 1000
    ready = [
        (it.node, it.notice)
        for it in sight.noticed
        if it.intent == "empty" and not it.is_over and may_be_emptied(it.node)
    ]
    leaving = tuple(leaving_pods(cluster, ready, sight.asked, policy, now_ms))
    begun = surge.begin(leaving, cluster, memory.surges, policy, now_ms)
    pods_left = _with_pods_left(sight, memory, cluster)
    for scale in (*begun, *surge.take_back(memory.surges, pods_left, cluster)):
        writes.ask(f"deployment/{scale.namespace}/{scale.name}/{scale.replicas}", scale)
    asked_for = dict.fromkeys(f"Deployment/{it.namespace}/{it.name}" for it in begun)

    def is_surging(it: Leaving) -> bool:
        deployment = surge.deployment_of(it.pod, cluster)
        if deployment is not None and deployment.key in asked_for:
            return True
        return surge.is_surging(it, cluster, start_ms, now_ms)

    chosen = Chosen()
    if leaving:
        waves = Waves(leaving, sight.asked, start_ms, now_ms)
        allowed = memory.evictions.left(policy.evictions_per_second, now_ms)
        chosen = choose(leaving, waves, cluster, policy, allowed, now_ms, is_surging)
    asked = remember(sight.asked, cluster, chosen.go, start_ms, now_ms)
    return msgspec.structs.replace(memory, asked=asked), leaving, chosen


def _with_pods_left(
    sight: Sight, memory: SpotInterruptionMemory, cluster: ClusterView
) -> dict[str, None]:
    """Return the Deployments that still have pods, not told to go, on noticed nodes."""
    found: dict[str, None] = {}
    for it in sight.noticed if memory.surges.marked else ():
        for pod in cluster.pods_on(it.node.name).values():
            deployment = None if pod.deletion_ms is not None else surge.deployment_of(pod, cluster)
            if deployment is not None and not pod.is_terminal:
                found[deployment.key] = None
    return found


def _end(
    snapshot: Snapshot,
    sight: Sight,
    policy: SpotInterruptionPolicy,
    writes: Writes,
    now_ms: int,
) -> None:
    """Give back what outlived its notice and terminate what we emptied."""
    for it in sight.noticed:
        if it.is_over:
            for step, action in giving_back.give_back(it.node):
                writes.ask(f"{it.node.name}/{step}", action)
        elif it.intent == "empty" and not it.staying:
            end = giving_back.termination(it.node, it.notice, snapshot.cloud)
            if end is not None:
                writes.ask(f"{it.node.name}/terminate", end)


def _answer(
    snapshot: Snapshot,
    sight: Sight,
    policy: SpotInterruptionPolicy,
    writes: Writes,
    now_ms: int,
) -> hooks.Answers:
    if not sight.waits:
        return hooks.Answers({})
    cluster = snapshot.cluster
    asked = {it.event.instance_id: None for it in sight.waits.values()}
    is_empty = {
        node.instance_id: not any(must_leave(it, now_ms) for it in cluster.pods_on(name).values())
        for name, node in cluster.nodes.items()
        if node.instance_id in asked
    }
    answers = hooks.answer(sight.waits, is_empty, policy, writes.left, now_ms)
    for action in answers.actions:
        writes.ask(f"hook/{type(action).__name__}/{action.token}", action)
    return answers


def _acknowledge(
    sight: Sight,
    waits: hooks.Waits,
    policy: SpotInterruptionPolicy,
    writes: Writes,
    now_ms: int,
) -> None:
    """Acknowledge what needs no keeping: its nodes show it, or are gone; its hooks are answered."""
    noticed = {it.node.name: it for it in sight.noticed}
    promised: dict[str, bool] = {}
    for letter in sight.letters:
        if letter.keep or not all(waits[it.token].is_over for it in letter.waits):
            continue
        for name in letter.nodes:
            if name not in promised:
                promised[name] = is_promised(noticed[name], policy, now_ms)
        if all(promised[name] for name in letter.nodes):
            identity = letter.message.message_id
            reason = f"what it says of {letter.detail or 'nothing'} is seen to"
            writes.ask(
                f"message/{identity}", AcknowledgeMessage(message_id=identity, reason=reason)
            )


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
        ScaleWorkload,
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
