"""A plan for a terminal."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from kingtide.compile.plan.model import ClusterPlan, DocumentChange, GroupChange, Plan
from kingtide.report.plan.wording import (
    CHANGES,
    EFFECTS,
    change_of,
    counts,
    duration,
    several,
    spans,
    strategy,
    value,
)

_MARKS = {"added": "+", "removed": "-", "changed": "~"}


def plan_text(plan: Plan, *, commands: bool = True) -> str:
    """Return a plan as lines; `commands`: with every step's command."""
    lines = [f"from {plan.before.said_by} to {plan.after.said_by}"]
    same = [it.name for it in plan.clusters if it.change == "unchanged"]
    for cluster in plan.clusters:
        if cluster.change != "unchanged":
            lines += ["", *_cluster(cluster, commands=commands)]
    if same:
        lines += ["", f"unchanged: {', '.join(same)}"]
    for rehearsed in plan.rehearsed:
        lines += ["", f"rehearsed: {rehearsed.scenario}, seed {rehearsed.seed}"]
        lines += [f"  {it.name:<44} {it.before} → {it.after}" for it in rehearsed.figures]
        if not rehearsed.figures:
            lines.append("  every figure is the same")
    return "".join(f"{line}\n" for line in lines)


def _cluster(cluster: ClusterPlan, *, commands: bool) -> Iterator[str]:
    yield f"{cluster.name} ({cluster.full_name}) {CHANGES[cluster.change]}"
    for title, lines in (
        ("must not be carried out", cluster.refusals),
        ("know before", cluster.warnings),
        ("documents", tuple(_documents(cluster))),
        ("instance groups (instances at minimum / typical / maximum)", tuple(_groups(cluster))),
        ("budgets that keep nodes from being drained", tuple(_blocked(cluster))),
        ("without a fallback", tuple(_fallbacks(cluster))),
        ("price per hour", tuple(_prices(cluster))),
        ("steps", tuple(_steps(cluster)) if commands else ()),
    ):
        if lines:
            yield f"  {title}:"
            yield from (f"    {line}" for line in lines)


def _documents(cluster: ClusterPlan) -> Iterator[str]:
    for document in cluster.documents:
        yield f"{_MARKS[document.change]} {_name(document)}"
        for field in document.fields:
            yield f"    {field.path}: {value(field.before)} → {value(field.after)}"


def _name(document: DocumentChange) -> str:
    where = f"{document.namespace}/" if document.namespace else ""
    return f"{document.kind} {where}{document.name}"


def _groups(cluster: ClusterPlan) -> Iterator[str]:
    for group in cluster.groups:
        yield _group(group)
        yield from (f"    because of {reason}" for reason in group.reasons)
    if cluster.rolling:
        rolling = several(len(cluster.rolling), "group")
        yield f"{rolling} one after the other, {counts(cluster.nodes)}: {spans(cluster.spans)}"


def _group(group: GroupChange) -> str:
    told = f"{group.name}: {EFFECTS[group.effect]}"
    if group.effect == "rolls":
        return f"{told}, {counts(group.nodes)}, {strategy(group)}: {spans(group.spans)}"
    if group.effect in ("created", "deleted"):
        return f"{told}, {counts(group.nodes)}"
    return told


def _blocked(cluster: ClusterPlan) -> Iterator[str]:
    for it in cluster.blocked:
        yield f"{it.workload} ({several(it.replicas, 'replica')}) on {', '.join(it.groups)}"
        yield f"    {it.answer}"


def _fallbacks(cluster: ClusterPlan) -> Iterator[str]:
    for it in cluster.without_fallback:
        state = "loses its on-demand fallback" if it.lost else "has spot instances only"
        yield f"{it.serves} {state} ({', '.join(it.spot_groups)})"
        if it.workloads:
            yield f"    has nowhere else to go: {', '.join(it.workloads)}"


def _prices(cluster: ClusterPlan) -> Iterator[str]:
    before, after = cluster.prices_before, cluster.prices_after
    if cluster.change == "left":
        return
    yield f"at minimum  {change_of(before.minimum, after.minimum)}"
    yield f"typical     {change_of(before.typical, after.typical)}"
    yield f"at maximum  {change_of(before.peak, after.peak)}"


def _steps(cluster: ClusterPlan) -> Iterator[str]:
    for step in cluster.steps:
        yield f"{step.name}: {step.why} (at most {duration(step.timeout_seconds)})"
        yield f"    $ {shlex.join(step.command)}"
