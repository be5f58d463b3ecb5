"""The nodes with a notice, most urgent first, each with what is wanted of it now."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.control.snapshot import ClusterView
from kingtide.controllers.spot_interruption.crowd import Crowd, crowd_on
from kingtide.controllers.spot_interruption.giving_back import is_over
from kingtide.controllers.spot_interruption.notice import Intent, Notice, intent_of, on_node
from kingtide.controllers.spot_interruption.replacing import Obstacle, find_replaced
from kingtide.controllers.spot_interruption.standing import Step, missing
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy
from kingtide.kube.nodes import Node

_PROMISED_FREELY: tuple[Step, ...] = ("taint", "capacity", "cordon")
"""What stands on a node whose emptying a disruption budget may hold up for long; it is enough to
go on from after a restart."""

ENDLESS_MS = 1 << 62


class Noticed(msgspec.Struct, frozen=True):
    """One node, its notice, what is wanted now, and why it is not emptied, where it might be.

    `crowd` are the pods that have to leave, `staying` how many of them are still there.
    """

    node: Node
    notice: Notice
    intent: Intent
    crowd: Crowd
    staying: int
    obstacle: Obstacle | None = None
    is_over: bool = False


def survey(
    cluster: ClusterView,
    known: Mapping[str, Crowd],
    told: Mapping[str, Notice],
    policy: SpotInterruptionPolicy,
    now_ms: int,
) -> tuple[Noticed, ...]:
    """Return the noticed nodes: those that bear it (`known`), and those that messages tell of."""
    found: list[Noticed] = []
    for name in dict.fromkeys([*known, *told]):
        node = cluster.nodes.get(name)
        notice = None if node is None else told.get(name) or on_node(node, now_ms)
        if node is None or notice is None:
            continue
        crowd = known.get(name) or crowd_on(name, cluster)
        intent = intent_of(notice, node, policy, now_ms)
        over = is_over(node, notice, policy, now_ms)
        found.append(Noticed(node, notice, intent, crowd, crowd.count(now_ms), is_over=over))
    found.sort(key=lambda it: (_deadline(it.notice), it.notice.since_ms, it.node.name))
    return _with_replaced(tuple(found), cluster, policy, now_ms)


def is_promised(it: Noticed, policy: SpotInterruptionPolicy, now_ms: int) -> bool:
    """Return whether the node itself says enough for its messages to be acknowledged."""
    lacking = [step for step, _ in missing(it.node, it.notice, it.intent, policy, now_ms)]
    if it.notice.is_voluntary and it.intent == "empty":
        lacking = [step for step in lacking if step in _PROMISED_FREELY]
    return not lacking


def _with_replaced(
    noticed: tuple[Noticed, ...],
    cluster: ClusterView,
    policy: SpotInterruptionPolicy,
    now_ms: int,
) -> tuple[Noticed, ...]:
    waiting = [it.node for it in noticed if it.intent == "replace"]
    if not waiting:
        return noticed
    names = [it.node.name for it in noticed]
    found = find_replaced(waiting, names, cluster, policy, now_ms)
    ready = dict.fromkeys(found.ready)
    return tuple(
        msgspec.structs.replace(
            it,
            intent="empty" if it.node.name in ready else it.intent,
            obstacle=found.obstacles.get(it.node.name),
        )
        for it in noticed
    )


def _deadline(notice: Notice) -> int:
    return ENDLESS_MS if notice.deadline_ms is None else notice.deadline_ms
