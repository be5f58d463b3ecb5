"""A plan as Markdown, for a merge request."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from kingtide.compile.plan.model import ClusterPlan, Plan
from kingtide.report.plan.wording import (
    CHANGES,
    EFFECTS,
    change_of,
    counts,
    several,
    spans,
    strategy,
    value,
)


def plan_markdown(plan: Plan) -> str:
    """Return a plan with a table of clusters, and what changes in each below it."""
    lines = [f"**Plan** from {plan.before.said_by} to {plan.after.said_by}", ""]
    if not plan.has_changes:
        return "\n".join([*lines, "Nothing changes.", ""])
    lines += [
        "| cluster | | replaced (min / typical / max) | typical time | typical hour | blocked |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_row(it) for it in plan.clusters if it.change != "unchanged"]
    for cluster in plan.clusters:
        if cluster.change != "unchanged":
            lines += ["", *_cluster(cluster)]
    for rehearsed in plan.rehearsed:
        lines += ["", f"**Rehearsed:** {rehearsed.scenario}, seed {rehearsed.seed}", ""]
        if not rehearsed.figures:
            lines.append("Every figure is the same.")
            continue
        lines += ["| figure | before | after |", "|---|---|---|"]
        lines += [f"| {_cell(it.name)} | {it.before} | {it.after} |" for it in rehearsed.figures]
    return "\n".join([*lines, ""])


def _row(cluster: ClusterPlan) -> str:
    rolls = bool(cluster.rolling)
    cells = (
        _cell(cluster.name),
        "**must not be carried out**" if cluster.refusals else CHANGES[cluster.change],
        counts(cluster.nodes) if rolls else "none",
        spans(cluster.spans).split(";")[0] if rolls else "",
        change_of(cluster.prices_before.typical, cluster.prices_after.typical),
        str(len(cluster.blocked)) if cluster.blocked else "",
    )
    return f"| {' | '.join(cells)} |"


def _cluster(cluster: ClusterPlan) -> Iterator[str]:
    yield f"### {cluster.name}"
    yield ""
    yield from (f"- ⛔ {_cell(it)}" for it in cluster.refusals)
    yield from (f"- ⚠ {_cell(it)}" for it in cluster.warnings)
    for group in cluster.groups:
        how = f", {counts(group.nodes)}" if group.nodes.maximum else ""
        if group.effect == "rolls":
            how += f", {strategy(group)}: {spans(group.spans)}"
        reasons = f" ({', '.join(f'`{it}`' for it in group.reasons)})" if group.reasons else ""
        yield f"- `{group.name}` {EFFECTS[group.effect]}{how}{reasons}"
    for blocked in cluster.blocked:
        where = ", ".join(f"`{it}`" for it in blocked.groups)
        yield f"- ⛔ {_cell(blocked.workload)} on {where} cannot be drained: {blocked.answer}"
    for missing in cluster.without_fallback:
        state = "loses its on-demand fallback" if missing.lost else "has spot instances only"
        pods = f"; nowhere else to go: {', '.join(missing.workloads)}" if missing.workloads else ""
        yield f"- ⚠ `{missing.serves}` {state}{pods}"
    before, after = cluster.prices_before, cluster.prices_after
    if cluster.change != "left":
        yield (
            f"- price per hour: at minimum {change_of(before.minimum, after.minimum)}, typical"
            f" {change_of(before.typical, after.typical)}, at maximum"
            f" {change_of(before.peak, after.peak)}"
        )
    yield from _details("documents", len(cluster.documents), _documents(cluster), "diff")
    yield from _details("steps", len(cluster.steps), _commands(cluster), "console")


def _documents(cluster: ClusterPlan) -> Iterator[str]:
    for document in cluster.documents:
        where = f"{document.namespace}/" if document.namespace else ""
        name = f"{document.kind} {where}{document.name}"
        mark = {"added": "+ ", "removed": "- ", "changed": "  "}[document.change]
        yield f"{mark}{name}"
        for field in document.fields:
            if field.before is not None:
                yield f"-   {field.path}: {value(field.before)}"
            if field.after is not None:
                yield f"+   {field.path}: {value(field.after)}"


def _commands(cluster: ClusterPlan) -> Iterator[str]:
    return (f"$ {shlex.join(step.command)}" for step in cluster.steps)


def _details(what: str, number: int, lines: Iterator[str], language: str) -> Iterator[str]:
    if number:
        yield ""
        yield f"<details><summary>{several(number, what.rstrip('s'))}</summary>"
        yield ""
        yield f"```{language}"
        # A value that holds a fence must not end this one.
        yield from (line.replace("```", "`\u200b``") for line in lines)
        yield "```"
        yield "</details>"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
