"""Compares two fleets and says what it would mean to go from one to the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kingtide.compile.plan.blocked_drains import blocked_drains
from kingtide.compile.plan.drained import workloads
from kingtide.compile.plan.fallbacks import without_fallback
from kingtide.compile.plan.group_changes import group_changes, nodes_of
from kingtide.compile.plan.instance_group import cluster_spec, instance_groups, region
from kingtide.compile.plan.model import (
    ClusterChange,
    ClusterPlan,
    DocumentChange,
    GroupChange,
    Plan,
    Side,
)
from kingtide.compile.plan.object_changes import document_changes, kept, replaced, values_changes
from kingtide.compile.plan.prices import Prices, price_of, unknown_types
from kingtide.compile.plan.state import ClusterState, FleetState
from kingtide.compile.plan.steps import steps
from kingtide.compile.plan.versions import version_refusal


def plan(before: FleetState, after: FleetState, names: Iterable[str] = ()) -> Plan:
    """Return the plan for all clusters, or for those named, in the order of promotion and by name.

    Raises:
        KeyError: a name is no cluster of either fleet.
    """
    chosen = dict.fromkeys(names) or dict.fromkeys((*after.clusters, *before.clusters))
    clusters = []
    for name in chosen:
        if name not in after.clusters and name not in before.clusters:
            raise KeyError(name)
        clusters.append((name, before.clusters.get(name), after.clusters.get(name)))
    clusters.sort(key=lambda it: ((it[2] or it[1] or _NOWHERE).rank, it[0]))
    return Plan(
        before=Side(before.said_by, before.digest),
        after=Side(after.said_by, after.digest),
        state_store=after.state_store,
        clusters=tuple(_cluster(name, old, new) for name, old, new in clusters),
    )


_NOWHERE = ClusterState("", "", ())


def _cluster(name: str, before: ClusterState | None, after: ClusterState | None) -> ClusterPlan:
    if after is None:
        return _left(name, before or _NOWHERE)
    old = before or _NOWHERE
    kops = document_changes(old.kops, after.kops)
    objects = document_changes(old.objects, after.objects)
    values = values_changes({} if before is None else before.tools, after.tools)
    change: ClusterChange = "changed" if kops or objects or values else "unchanged"
    if before is None:
        change = "new"
    groups = group_changes(before, after) if kops else ()
    drained = {it.name for it in groups if it.effect in ("rolls", "deleted")}
    manifests = (*after.objects, *after.workloads)
    old_groups, new_groups = instance_groups(old.kops), instance_groups(after.kops)
    return ClusterPlan(
        name=name,
        full_name=after.full_name,
        change=change,
        documents=(*kops, *objects, *values),
        groups=groups,
        blocked=blocked_drains(manifests, (it for it in old_groups.values() if it.name in drained)),
        without_fallback=without_fallback(old_groups, new_groups, workloads(manifests)),
        prices_before=prices(old),
        prices_after=prices(after),
        steps=steps(
            before, after, change, groups, kops_changed=bool(kops), objects_changed=bool(objects)
        ),
        warnings=(*_warnings(old, after, groups), *_values_warnings(values)),
        refusals=tuple(_refusals(before, after, groups)),
        before_kops=old.kops_text if change != "unchanged" else "",
        after_kops=after.kops_text if change != "unchanged" else "",
        after_objects=after.objects_text if change != "unchanged" else "",
    )


def prices(state: ClusterState) -> Prices:
    """Return what a cluster's instances cost an hour."""
    where = region(state.kops)
    total = Prices()
    for group in instance_groups(state.kops).values():
        count = nodes_of(group, state)
        total = total.plus(
            Prices(
                price_of(group, count.minimum, where),
                price_of(group, count.typical, where),
                price_of(group, count.maximum, where),
            )
        )
    return total


def _left(name: str, before: ClusterState) -> ClusterPlan:
    """Return the part of a cluster that is not defined any more: nothing is done to it."""
    command = f"kops delete cluster --name {before.full_name} --yes"
    warning = f"left the definition and stays as it is; `{command}` deletes it with all its data"
    return ClusterPlan(
        name, before.full_name, "left", prices_before=prices(before), warnings=(warning,)
    )


def _warnings(
    before: ClusterState, after: ClusterState, groups: Sequence[GroupChange]
) -> Iterator[str]:
    old, new = instance_groups(before.kops), instance_groups(after.kops)
    for name, group in new.items():
        if name not in old:
            continue
        if group.max_size < old[name].max_size:
            yield (
                f"{name}: maxSize {old[name].max_size} → {group.max_size}: what runs above it is"
                " terminated at once and without a drain; scale down before"
            )
        if group.min_size > old[name].min_size:
            more = group.min_size - old[name].min_size
            yield f"{name}: minSize {old[name].min_size} → {group.min_size}: up to {more} start"
    for change in groups:
        if change.effect == "rolls" and not new[change.name].drains:
            yield f"{change.name}: drainAndTerminate is false, so its instances stay as they are"
    for document in replaced(before.objects, after.objects):
        yield f"{document.kind} {document.name} is deleted and made anew: a field of it is fixed"
    for document in kept(before.objects, after.objects):
        yield (
            f"{document.kind} {document.name} left the definition and stays, with all in it;"
            " delete it by hand"
        )
    unknown = unknown_types(new.values())
    if unknown:
        yield f"no price is known of {', '.join(unknown)}; they are left out of the prices"


def _values_warnings(values: Sequence[DocumentChange]) -> Iterator[str]:
    if values:
        tools = ", ".join(it.name for it in values)
        yield f"Helm values of {tools} change; this plan does not install tools"


def _refusals(
    before: ClusterState | None, after: ClusterState, groups: Sequence[GroupChange]
) -> Iterator[str]:
    if before is None:
        return
    if before.full_name != after.full_name:
        yield (
            f"its full name changes from {before.full_name} to {after.full_name}, and kops cannot"
            " rename a cluster; give it another name in the fleet, which makes a new one"
        )
    versions = [
        str(cluster_spec(state.kops).get("kubernetesVersion", "")) for state in (before, after)
    ]
    refusal = version_refusal(*versions)
    if refusal is not None:
        yield refusal
    for change in groups:
        if change.effect == "deleted" and change.role in ("control-plane", "apiserver"):
            yield (
                f"{change.name} of the control plane left the definition; etcd members leave by"
                " hand (https://kops.sigs.k8s.io/operations/etcd_administration/), then plan again"
            )
