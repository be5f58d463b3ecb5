"""What ondemand_reclaim writes on a node beside its claims, so that a restart loses nothing."""

from __future__ import annotations

from kingtide.control.action import Action
from kingtide.control.claims import DisruptionClaim, disruption_claim
from kingtide.control.node_actions import Cordon, SetNodeLabel, Uncordon
from kingtide.controllers.ondemand_reclaim.conditions import BadCondition, parse_condition
from kingtide.kube.nodes import Node

NAME = "ondemand_reclaim"
"""The controller's name, by which its claims are known."""

CORDONED_BY = "kingtide.dev/cordoned-by"
"""Label of a node that we cordoned, so that we never undo somebody else's cordon."""

NOBODY = "nobody"
"""The same on a node that draino had cordoned and we uncordoned: its annotation, which we cannot
take off, counts no more."""

GIVEN_UP_UNTIL = "kingtide.dev/reclaim-given-up-until"
"""Label of a node that could not be emptied: the Unix second until which it is left alone."""

DRAINO_CONDITIONS = "draino.planet.com/conditions"
"""Annotation by which draino knows the nodes that it cordoned: `Type=Status,Duration;...`."""

DRAINO_CONDITIONS_MAX = 64
"""Conditions that are read of it; draino writes those it was started with, a dozen."""


def cordon(node: Node) -> tuple[Action, ...]:
    """Return what keeps pods off a node, nothing where it is cordoned already, by whomever.

    The mark comes first: a crash between the two leaves a mark without a cordon, which is seen.
    """
    if node.unschedulable:
        return ()
    mark = SetNodeLabel(
        node=node.name,
        node_uid=node.uid,
        key=CORDONED_BY,
        value=NAME,
        reason=f"{node.name} is about to be cordoned",
    )
    reason = f"{node.name} is being emptied"
    return mark, Cordon(node=node.name, node_uid=node.uid, reason=reason)


def uncordon(node: Node, reason: str) -> tuple[Action, ...]:
    """Return what lets a node take pods again that we cordoned; another's cordon stays.

    The mark goes in a later pass, once the node is seen to take pods: an uncordon that fails with
    its mark gone would never be asked for again.
    """
    if not is_cordoned_by_us(node):
        return ()
    if node.unschedulable:
        return (Uncordon(node=node.name, node_uid=node.uid, reason=reason),)
    value = NOBODY if conditions_of_draino(node) else None
    return (
        SetNodeLabel(
            node=node.name, node_uid=node.uid, key=CORDONED_BY, value=value, reason=reason
        ),
    )


def is_cordoned_by_us(node: Node) -> bool:
    """Return whether a node bears our mark, or draino's, whose place we take."""
    marked_by = node.labels.get(CORDONED_BY)
    return marked_by == NAME or (marked_by is None and bool(conditions_of_draino(node)))


def conditions_of_draino(node: Node) -> tuple[BadCondition, ...]:
    """Return the conditions for which draino cordoned a node; those that are none are left out."""
    text = node.annotations.get(DRAINO_CONDITIONS, "")
    found = []
    for part in text.split(";")[:DRAINO_CONDITIONS_MAX]:
        try:
            found.append(parse_condition(part))
        except ValueError:
            continue
    return tuple(found)


def own_claim(node: Node) -> DisruptionClaim | None:
    """Return our disruption claim on a node, None where there is none or another's."""
    claim = disruption_claim(node.annotations)
    return claim if claim is not None and claim.by == NAME else None


def given_up_until_ms(node: Node) -> int:
    """Return until when a node is left alone, 0 where it is not."""
    text = node.labels.get(GIVEN_UP_UNTIL, "")
    return int(text) * 1000 if text.isdecimal() and len(text) < 15 else 0
