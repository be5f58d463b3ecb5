"""What becomes of a node after its notice: given back, or terminated once it is empty.

A node that is still Ready long after its announced end takes pods again: a reboot is over, or the
cloud changed its mind. A node that we chose to empty, for a recommendation or a scheduled change,
is terminated when it is empty, since nobody else will; what the cloud takes, the cloud ends.
"""

from __future__ import annotations

from kingtide.control.action import Action, RemoveTaint, TerminateInstance
from kingtide.control.claims import capacity_claim
from kingtide.control.interruption_taint import INTERRUPTED
from kingtide.control.node_actions import (
    ReleaseCapacity,
    ReleaseDisruption,
    SetNodeLabel,
    Uncordon,
)
from kingtide.control.snapshot import CloudView
from kingtide.controllers.spot_interruption.notice import NAME, Notice, own_disruption
from kingtide.controllers.spot_interruption.standing import EXCLUDED, EXCLUDED_VALUE
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy
from kingtide.kube.nodes import Node


def is_over(node: Node, notice: Notice, policy: SpotInterruptionPolicy, now_ms: int) -> bool:
    """Return whether a node has outlived its notice."""
    if notice.deadline_ms is None or not node.is_ready or node.deletion_ms is not None:
        return False
    return now_ms - notice.deadline_ms >= policy.give_back_seconds * 1000


def give_back(node: Node) -> tuple[tuple[str, Action], ...]:
    """Return the writes that let a node take pods again, by what they are for.

    Our claim goes last: while it stands, a restart knows that there is something to finish.
    """
    reason = f"{node.name} is still there long after its announced end"
    name, uid = node.name, node.uid
    writes: list[tuple[str, Action]] = []
    if node.labels.get(EXCLUDED) == EXCLUDED_VALUE:
        label = SetNodeLabel(node=name, node_uid=uid, key=EXCLUDED, value=None, reason=reason)
        writes.append(("unlabel", label))
    if node.unschedulable:
        writes.append(("uncordon", Uncordon(node=name, node_uid=uid, reason=reason)))
    held = capacity_claim(node.annotations)
    if held is not None and held.by == NAME:
        release = ReleaseCapacity(node=name, node_uid=uid, by=NAME, reason=reason)
        writes.append(("release-capacity", release))
    if any(it.key == INTERRUPTED for it in node.taints):
        writes.append(
            (
                "untaint",
                RemoveTaint(
                    node=name, node_uid=uid, key=INTERRUPTED, effect="NoSchedule", reason=reason
                ),
            )
        )
    if own_disruption(node) is not None:
        disruption = ReleaseDisruption(node=name, node_uid=uid, by=NAME, reason=reason)
        writes.append(("release-disruption", disruption))
    return tuple(writes)


def termination(node: Node, notice: Notice, cloud: CloudView) -> TerminateInstance | None:
    """Return the end of an emptied node that is ours to end, None for any other."""
    claim = own_disruption(node)
    if claim is None or claim.reason == "Interrupted" or not notice.is_voluntary:
        return None
    for group in cloud.groups.values():
        if any(it.instance_id == node.instance_id for it in group.instances):
            return TerminateInstance(
                group=group.name,
                instance_id=node.instance_id,
                node=node.name,
                reason=f"{node.name} is empty and may be taken ({notice.kind})",
            )
    return None
