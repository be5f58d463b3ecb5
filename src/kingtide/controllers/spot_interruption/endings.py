"""What ends in a pass: nodes given back or terminated, hooks answered, messages acknowledged."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.control.drain import must_leave
from kingtide.control.message_actions import AcknowledgeMessage
from kingtide.control.snapshot import Snapshot
from kingtide.controllers.spot_interruption import giving_back, hooks
from kingtide.controllers.spot_interruption.noticed import is_promised
from kingtide.controllers.spot_interruption.sight import Sight
from kingtide.controllers.spot_interruption.writes import Writes
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy


def end_nodes(
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


def answer_hooks(
    snapshot: Snapshot,
    sight: Sight,
    node_of: Mapping[str, str],
    policy: SpotInterruptionPolicy,
    writes: Writes,
    now_ms: int,
) -> hooks.Answers:
    """Tell the groups that wait how the drains go on; `node_of` names nodes by instance id."""
    if not sight.waits:
        return hooks.Answers({})
    cluster = snapshot.cluster
    asked = {it.event.instance_id: None for it in sight.waits.values() if not it.is_over}
    is_empty = {
        instance_id: not any(must_leave(it, now_ms) for it in cluster.pods_on(name).values())
        for instance_id in asked
        if (name := node_of.get(instance_id)) is not None
    }
    answers = hooks.answer(sight.waits, is_empty, policy, writes.left, now_ms)
    for action in answers.actions:
        writes.ask(f"hook/{type(action).__name__}/{action.token}", action)
    return answers


def acknowledge(
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
