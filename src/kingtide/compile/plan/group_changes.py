"""What a change of documents means to each InstanceGroup."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.compile.document import Document
from kingtide.compile.plan.differences import Difference, differences
from kingtide.compile.plan.effects import STRENGTH, GroupEffect, cluster_effect, group_effect
from kingtide.compile.plan.instance_group import (
    InstanceGroup,
    amount,
    cluster_spec,
    instance_groups,
    mapping,
)
from kingtide.compile.plan.model import GroupChange, Nodes, Spans
from kingtide.compile.plan.pace import longest_roll_seconds, roll_span, strategy
from kingtide.compile.plan.state import ClusterState
from kingtide.fleet.documents.tree import path_text


class _Cause(msgspec.Struct, frozen=True):
    """A changed field and what it does to a group."""

    effect: GroupEffect
    reason: str


def group_changes(before: ClusterState | None, after: ClusterState) -> tuple[GroupChange, ...]:
    """Return the groups with which anything happens: first those of `after`, in kops' order."""
    old = instance_groups(before.kops) if before is not None else {}
    new = instance_groups(after.kops)
    cluster = {} if before is None else _cluster_causes(before, after)
    rolling = cluster_rolling(after)
    found = []
    for name, group in new.items():
        if before is None or name not in old:
            found.append(GroupChange(name, group.role, "created", nodes=nodes_of(group, after)))
            continue
        causes = [
            *_own_causes(_document(before, name), _document(after, name)),
            *cluster.get("all", ()),
            *(cluster.get("control-plane", ()) if group.role in _API_ROLES else ()),
        ]
        if causes:
            # What rolls are the instances that run now.
            count = nodes_of(old[name], before)
            found.append(_changed(group, causes, count, rolling))
    for name, group in old.items():
        if name not in new and before is not None:
            found.append(GroupChange(name, group.role, "deleted", nodes=nodes_of(group, before)))
    return tuple(found)


_API_ROLES = ("control-plane", "apiserver")
"""Roles whose instances run kube-apiserver."""


def nodes_of(group: InstanceGroup, state: ClusterState) -> Nodes:
    """Return a group's instances; an ordinary evening's are its minimum where nobody said."""
    typical = state.typical.get(group.name, group.min_size)
    return Nodes(group.min_size, typical, group.max_size)


def cluster_rolling(state: ClusterState) -> dict[str, str | None]:
    """Return the Cluster's own maxSurge and maxUnavailable, None for none."""
    written = mapping(cluster_spec(state.kops).get("rollingUpdate"))
    return {key: amount(written.get(key)) for key in ("maxSurge", "maxUnavailable")}


def document_differences(before: Document, after: Document) -> tuple[Difference, ...]:
    """Return the fields in which two versions of a document differ."""
    return tuple(differences(before.body, after.body))


def _changed(
    group: InstanceGroup, causes: list[_Cause], count: Nodes, cluster: dict[str, str | None]
) -> GroupChange:
    effect = max((it.effect for it in causes), key=STRENGTH.index)
    reasons = tuple(dict.fromkeys(it.reason for it in causes if it.effect == effect))
    if effect != "rolls":
        return GroupChange(group.name, group.role, effect, reasons)
    sizes = (count.minimum, count.typical, count.maximum)
    found = [(it, strategy(group, cluster, it)) for it in sizes]
    shown = found[1][1] if count.typical else found[2][1]
    return GroupChange(
        name=group.name,
        role=group.role,
        effect="rolls",
        reasons=reasons,
        nodes=count,
        spans=Spans(*(roll_span(group.role, it, how) for it, how in found)),
        surge=shown.surge,
        unavailable=shown.unavailable,
        longest_seconds=max(longest_roll_seconds(it, how) for it, how in found),
    )


def _cluster_causes(before: ClusterState, after: ClusterState) -> Mapping[str, list[_Cause]]:
    """Return what the Cluster's changed fields do, by whose instances they replace."""
    found: dict[str, list[_Cause]] = {}
    old = [it for it in before.kops if it.kind == "Cluster"]
    new = [it for it in after.kops if it.kind == "Cluster"]
    for one, other in zip(old, new, strict=False):
        # To the leaves: what a deeper field does may be more than what the one above it does.
        for difference in differences(one.body, other.body, to_leaves=True):
            whose = cluster_effect(difference.path)
            cause = _Cause("rolls", f"Cluster {path_text(difference.path)}")
            found.setdefault(whose, []).append(cause)
    return found


def _own_causes(before: Document, after: Document) -> list[_Cause]:
    has_mix = "mixedInstancesPolicy" in mapping(after.body.get("spec"))
    return [
        _Cause(group_effect(it.path, has_mix=has_mix), path_text(it.path))
        for it in document_differences(before, after)
    ]


def _document(state: ClusterState, name: str) -> Document:
    return next(it for it in state.kops if it.kind == "InstanceGroup" and it.name == name)
