"""The messages of the queue: what they say, about which node, and when they may be acknowledged.

A message is acknowledged only when what it asks for stands on the node as the watch shows it, so
that whoever restarts finds either the message or the node's own word. The same event twice, or a
message that comes again, finds everything done and is acknowledged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from kingtide.aws.autoscaling import Instance
from kingtide.aws.interruptions.events import (
    InterruptionEvent,
    LifecycleAction,
    Malformed,
    NotActionable,
    StateChange,
)
from kingtide.aws.interruptions.queue_body import Reading, read_body
from kingtide.control.inbox import Message
from kingtide.control.snapshot import CloudView, Snapshot
from kingtide.controllers.spot_interruption.known_ends import is_end_known
from kingtide.controllers.spot_interruption.notice import Notice, merged, of_event, on_node
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy
from kingtide.kube.nodes import Node

MAX_READ_PER_PASS = 1_000
"""Bodies that are read in one pass: a second's notices of a whole fleet; the rest comes next."""

MAX_MESSAGES = 10_000
"""Messages that are looked at in one pass. Ten for each node of a large fleet."""

Standing = Literal[
    "MessageMalformed",
    "MessageDropped",
    "NotActionable",
    "NotOurs",
    "InstanceGone",
    "EndKnown",
    "RebalanceIgnored",
    "NotJoinedYet",
    "NeverJoined",
    "NodeTold",
]


class Letter(msgspec.Struct, frozen=True):
    """One message and what became of it.

    `nodes` must show their notices before it is acknowledged, `waits` must be answered; `keep`
    says that it is not acknowledged now whatever they show.
    """

    message: Message
    standing: Standing
    detail: str = ""
    nodes: tuple[str, ...] = ()
    waits: tuple[LifecycleAction, ...] = ()
    keep: bool = False


class Mail(msgspec.Struct, frozen=True):
    """All letters of a pass, and the notices they bring, by node."""

    letters: tuple[Letter, ...] = ()
    notices: Mapping[str, Notice] = {}


def read(inbox: tuple[Message, ...], known: Mapping[str, Reading]) -> Mapping[str, Reading]:
    """Return what the messages of the inbox say, by id; each body is read once."""
    readings: dict[str, Reading] = {}
    left = MAX_READ_PER_PASS
    for message in inbox[:MAX_MESSAGES]:
        reading = known.get(message.message_id)
        if reading is None:
            if not left:
                continue
            left -= 1
            reading = read_body(message.body)
        readings[message.message_id] = reading
    return readings


def sort(
    snapshot: Snapshot,
    readings: Mapping[str, Reading],
    node_of: Mapping[str, str],
    policy: SpotInterruptionPolicy,
    now_ms: int,
) -> Mail:
    """Return the letters with the nodes they are about; `node_of` names nodes by instance id."""
    letters: list[Letter] = []
    notices: dict[str, Notice] = {}
    instances = _Instances(snapshot.cloud)
    for message in snapshot.inbox[:MAX_MESSAGES]:
        reading = readings.get(message.message_id)
        match reading:
            case None:
                continue
            case Malformed():
                is_old = now_ms - message.sent_ms >= policy.malformed_seconds * 1000
                standing: Standing = "MessageDropped" if is_old else "MessageMalformed"
                letters.append(Letter(message, standing, reading.why, keep=not is_old))
            case NotActionable():
                letters.append(Letter(message, "NotActionable", reading.what))
            case _:
                letter = _letter(
                    message, reading, snapshot, node_of, instances, notices, policy, now_ms
                )
                letters.append(letter)
    return Mail(tuple(letters), notices)


class _Instances:
    """Instances of all groups by id, looked up only when a message needs it."""

    def __init__(self, cloud: CloudView) -> None:
        self._cloud = cloud
        self._by_id: dict[str, Instance] | None = None

    def get(self, instance_id: str) -> Instance | None:
        if self._by_id is None:
            self._by_id = {
                it.instance_id: it
                for group in self._cloud.groups.values()
                for it in group.instances
            }
        return self._by_id.get(instance_id)


def _letter(
    message: Message,
    events: tuple[InterruptionEvent, ...],
    snapshot: Snapshot,
    node_of: Mapping[str, str],
    instances: _Instances,
    notices: dict[str, Notice],
    policy: SpotInterruptionPolicy,
    now_ms: int,
) -> Letter:
    nodes: list[str] = []
    waits: list[LifecycleAction] = []
    standing: Standing = "NotOurs"
    keep = False
    for event in events:
        node = _node(event, snapshot, node_of)
        if isinstance(event, LifecycleAction) and event.token:
            is_ours = node is not None or event.group in snapshot.cloud.groups
            waits += [event] if is_ours else []
        if node is None:
            age_ms = now_ms - message.sent_ms
            standing = _without_node(event, instances, age_ms, policy)
            keep = keep or standing == "NotJoinedYet"
            continue
        if is_end_known(event, node, snapshot.cluster, instances.get, now_ms):
            standing = "EndKnown"
            continue
        notice = of_event(event, node, policy, now_ms)
        if notice is None:
            standing = "RebalanceIgnored"
            continue
        known = notices.get(node.name) or on_node(node, now_ms)
        notices[node.name] = merged(known, notice)
        nodes.append(node.name)
        standing = "NodeTold"
    detail = ", ".join(it.instance_id for it in events[:3])
    return Letter(message, standing, detail, tuple(nodes), tuple(waits), keep)


def _node(event: InterruptionEvent, snapshot: Snapshot, node_of: Mapping[str, str]) -> Node | None:
    name = node_of.get(event.instance_id)
    return None if name is None else snapshot.cluster.nodes.get(name)


def _without_node(
    event: InterruptionEvent, instances: _Instances, age_ms: int, policy: SpotInterruptionPolicy
) -> Standing:
    """Return what becomes of an event about an instance that is no node.

    One that no describe call has shown belongs to somebody else, or is so new that what takes it
    takes it before it could have joined: a node takes longer than the two minutes.
    """
    instance = instances.get(event.instance_id)
    if instance is None:
        return "NotOurs"
    is_going = instance.state in ("Terminating", "Terminated") or isinstance(event, StateChange)
    if is_going or isinstance(event, LifecycleAction):
        return "InstanceGone"
    is_old = age_ms >= policy.unknown_instance_seconds * 1000
    return "NeverJoined" if is_old else "NotJoinedYet"
