"""`kingtide plan`: what would change in which clusters, and what that means."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from cyclopts import Parameter

from kingtide.cli.failure import BadInput, ExitCode, RunFailed
from kingtide.cli.plan_sides import Side, there_is, wanted
from kingtide.compile.plan.compare import plan as plan_of
from kingtide.compile.plan.encode import encode_plan
from kingtide.compile.plan.model import Plan
from kingtide.files.writing import NotWritable, check_writable, write_file
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.report.plan.markdown import plan_markdown
from kingtide.report.plan.text import plan_text

Format = Literal["text", "json", "markdown"]


def plan(
    *clusters: str,
    fleet: Path = Path(),
    against: str | None = None,
    rehearse: Path | None = None,
    seed: int | None = None,
    output: Annotated[Format, Parameter(name="--format")] = "text",
    json: Annotated[bool, Parameter(negative="")] = False,
    out: Path | None = None,
    exit_code: Annotated[bool, Parameter(negative="")] = False,
    kops: str = "kops",
    kubectl: str = "kubectl",
) -> ExitCode:
    """Tell what would change in which clusters, and what that means, before anything is touched.

    Which instance groups roll, how many instances and for how long, which disruption budgets keep
    nodes from being drained, what is deleted, what an hour costs, and every command with its gate.

    Args:
        clusters: Only these clusters, all without a name.
        fleet: The fleet's folder.
        against: What there is: a fleet's folder, one that compile wrote, git:REVISION (or what git
            knows), or live, the clusters themselves; the last commit when absent.
        rehearse: A scenario, rehearsed with both fleets on the same night.
        seed: Of --rehearse: where every chance comes from, instead of the scenario's seed.
        output: text; json, the plan itself; markdown, for a merge request.
        json: The same as --format json.
        out: Write the plan to this file, from which `kingtide apply` carries it out.
        exit_code: End with 4 where something would change.
        kops: Of --against live: the kops command.
        kubectl: Of --against live: the kubectl command.
    """
    if seed is not None and rehearse is None:
        raise BadInput("--seed is of a rehearsal", hint="name its scenario with --rehearse")
    if out is not None:
        _check_writable(out)  # before a rehearsal, not after
    after = wanted(fleet)
    before = there_is(against, fleet, after.state, kops=kops, kubectl=kubectl)
    made = _planned(before, after, clusters)
    if rehearse is not None:
        from kingtide.cli.plan_rehearsal import rehearsed

        found = rehearsed(before, after, rehearse, seed)
        made = msgspec.structs.replace(made, rehearsed=found)
    if out is not None:
        _write(made, out)
    sys.stdout.write(_told(made, "json" if json else output))
    if out is not None:
        sys.stderr.write(f"{out} is the plan; `kingtide apply {out}` carries it out\n")
    return ExitCode.CHANGES if exit_code and made.has_changes else ExitCode.YES


def _planned(before: Side, after: Side, clusters: tuple[str, ...]) -> Plan:
    known = dict.fromkeys((*after.state.clusters, *before.state.clusters))
    for name in clusters:
        if name not in known:
            hint = did_you_mean(name, known, what="clusters")
            raise BadInput(f"there is no cluster {name!r}", hint=hint)
    return plan_of(before.state, after.state, clusters)


def _told(made: Plan, output: Format) -> str:
    match output:
        case "text":
            return plan_text(made)
        case "json":
            return encode_plan(made).decode()
        case "markdown":
            return plan_markdown(made)


def _check_writable(out: Path) -> None:
    if out.is_dir():
        raise BadInput(f"{out} is a folder", hint="name a file with --out")
    try:
        check_writable(out.parent, [out.name])
    except NotWritable as error:
        raise RunFailed(str(error), hint="name another file with --out") from error


def _write(made: Plan, out: Path) -> None:
    try:
        write_file(out, encode_plan(made))
    except NotWritable as error:
        raise RunFailed(str(error), hint="name another file with --out") from error
