"""Termination hooks: the group is told that the drain goes on, and then that it may go on.

The message is the only place that holds a wait's token, so it stays in the queue until the group
has been answered; a restart finds it there. An answer to a wait that has ended is no failure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from kingtide.aws.interruptions.events import LifecycleAction
from kingtide.control.message_actions import CompleteLifecycleAction, RecordLifecycleHeartbeat
from kingtide.control.outcome import Outcome
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy

ANSWER_AGAIN_MS = 10_000
"""An answer that was not taken (too many calls, a fault of the API) is given again after this."""


_NO_SUCH_WAIT = "ValidationError"
"""The code of an answer to a wait that is over ("No active Lifecycle Action found").
Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/CommonErrors.html."""


class Wait(msgspec.Struct, frozen=True, gc=False):
    """One wait of a hook; `beat_ms` and `answered_ms` are our last calls, 0 before.

    `is_over` says that the group has our answer, or no longer asks for one.
    """

    event: LifecycleAction
    beat_ms: int = 0
    answered_ms: int = 0
    is_over: bool = False


Waits = Mapping[str, Wait]
"""By token."""


class Answers(msgspec.Struct, frozen=True):
    """The waits after a pass, and the calls to make; `too_late` are instances with pods left."""

    waits: Waits
    actions: tuple[CompleteLifecycleAction | RecordLifecycleHeartbeat, ...] = ()
    too_late: tuple[LifecycleAction, ...] = ()


def note(waits: Waits, events: Iterable[LifecycleAction], outcomes: Iterable[Outcome]) -> Waits:
    """Return the waits that the messages tell of now, with what became of our answers."""
    known: dict[str, Wait] = {}
    for event in events:
        known[event.token] = waits.get(event.token, Wait(event))
    for outcome in outcomes:
        action = outcome.action
        if not isinstance(action, CompleteLifecycleAction) or action.token not in known:
            continue
        has_ended = outcome.status in ("done", "precondition_failed")
        if has_ended or outcome.code == _NO_SUCH_WAIT:
            known[action.token] = msgspec.structs.replace(known[action.token], is_over=True)
    return known


def answer(
    waits: Waits,
    is_empty: Mapping[str, bool],
    policy: SpotInterruptionPolicy,
    allowed: int,
    now_ms: int,
) -> Answers:
    """Return what the groups are told; `is_empty` is by instance, a missing one is no node."""
    after: dict[str, Wait] = {}
    actions: list[CompleteLifecycleAction | RecordLifecycleHeartbeat] = []
    too_late: list[LifecycleAction] = []
    for token, wait in waits.items():
        event = wait.event
        ends_ms = event.at_ms + policy.lifecycle_max_seconds * 1000
        empty = is_empty.get(event.instance_id, True)
        beat_due_ms = max(wait.beat_ms, event.at_ms) + policy.lifecycle_heartbeat_seconds * 1000
        after[token] = wait
        if wait.is_over or len(actions) >= allowed:
            continue
        if empty or now_ms >= ends_ms:
            if wait.answered_ms and now_ms - wait.answered_ms < ANSWER_AGAIN_MS:
                continue
            actions.append(_complete(event, is_empty=empty))
            too_late += [] if empty else [event]
            after[token] = msgspec.structs.replace(wait, answered_ms=now_ms)
        elif now_ms >= beat_due_ms:
            actions.append(_heartbeat(event))
            after[token] = msgspec.structs.replace(wait, beat_ms=now_ms)
    return Answers(after, tuple(actions), tuple(too_late))


def _complete(event: LifecycleAction, *, is_empty: bool) -> CompleteLifecycleAction:
    why = "is empty" if is_empty else "has had its time"
    return CompleteLifecycleAction(
        group=event.group,
        hook=event.hook,
        instance_id=event.instance_id,
        token=event.token,
        reason=f"{event.instance_id} {why}",
    )


def _heartbeat(event: LifecycleAction) -> RecordLifecycleHeartbeat:
    return RecordLifecycleHeartbeat(
        group=event.group,
        hook=event.hook,
        instance_id=event.instance_id,
        token=event.token,
        reason=f"{event.instance_id} is still being emptied",
    )
