"""`kingtide apply`: a plan is carried out, unchanged, or refused."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from kingtide.cli.failure import BadInput, ExitCode, Failure, Refused, RunFailed
from kingtide.compile.plan.encode import MAX_BYTES, NotAPlan, decode_plan
from kingtide.compile.plan.model import ClusterPlan, Plan
from kingtide.files.reading import read_bytes
from kingtide.files.writing import NotWritable
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.operate.execute import Options, Progress, chosen
from kingtide.operate.execute import apply as apply_plan
from kingtide.operate.failures import ApplyFailure, PlanRefused, RunInTheWay, WorldMoved
from kingtide.report.plan.text import plan_text
from kingtide.report.plan.wording import duration


def apply(
    plan: Path,
    /,
    *,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    yes: Annotated[bool, Parameter(negative="")] = False,
    resume: Annotated[bool, Parameter(negative="")] = False,
    clusters: Annotated[tuple[str, ...], Parameter(name="--cluster", negative="")] = (),
    kops: str = "kops",
    kubectl: str = "kubectl",
) -> ExitCode:
    """Carry a plan out, unchanged: kops and kubectl, step by step, with gates between them.

    Before the first step the clusters are compared with those that the plan was made for; where
    they are others, nothing is done, every difference is told, and the command ends with 1. A step
    that fails ends the run with 3; what was done stands in PLAN.run/, from which --resume goes on.

    Args:
        plan: A file that `kingtide plan --out` wrote.
        dry_run: Check commands and clusters, print the steps, do nothing.
        yes: Do not ask.
        resume: Go on with a run that ended early.
        clusters: Only this cluster; may be repeated.
        kops: The kops command, 1.31 or newer.
        kubectl: The kubectl command.
    """
    made = _read(plan)
    for name in clusters:
        known = [it.name for it in made.clusters]
        if name not in known:
            hint = did_you_mean(name, known, what="clusters")
            raise BadInput(f"the plan has no cluster {name!r}", hint=hint)
    options = Options(kops=kops, kubectl=kubectl, resume=resume, dry_run=dry_run, clusters=clusters)
    if not yes and not dry_run and not sys.stdin.isatty():
        raise BadInput("nobody can be asked here", hint="say --yes to carry the plan out")
    try:
        done = apply_plan(made, plan, options, _tell, lambda *it: yes or _approved(*it))
    except ApplyFailure as error:
        raise _failure(error) from error
    except NotWritable as error:
        raise RunFailed(str(error)) from error
    if dry_run:
        sys.stdout.write(plan_text(_only(made, chosen(made, clusters)) if clusters else made))
    elif not chosen(made, clusters):
        sys.stdout.write("nothing is to be done\n")
    elif not done:
        raise Refused("nothing was done")
    return ExitCode.YES


def _read(path: Path) -> Plan:
    try:
        return decode_plan(read_bytes(path, max_bytes=MAX_BYTES))
    except Mistakes as error:
        raise BadInput("the plan cannot be read", details=str(error).splitlines()) from error
    except NotAPlan as error:
        raise BadInput(f"{path} {error}") from error


def _only(plan: Plan, clusters: Sequence[ClusterPlan]) -> Plan:
    """Return what a plan does to some of its clusters, so that nothing else is read and agreed."""
    return msgspec.structs.replace(plan, clusters=tuple(clusters))


def _approved(plan: Plan, clusters: Sequence[ClusterPlan]) -> bool:
    sys.stdout.write(plan_text(_only(plan, clusters), commands=False))
    names = ", ".join(it.name for it in clusters)
    sys.stdout.write(f"\nCarry this out on {names}? Only `yes` does: ")
    sys.stdout.flush()
    return sys.stdin.readline().strip() == "yes"


def _tell(progress: Progress) -> None:
    where = f"[{progress.number}/{progress.total}] {progress.cluster} {progress.step}"
    match progress.happened:
        case "note":
            line = f"{progress.cluster}: {progress.said}"
        case "started":
            line = f"{where} ..."
        case "done":
            line = f"{where} done in {duration(progress.seconds)}"
        case "skipped":
            line = f"{where} was done before"
        case "again":
            line = f"{where} failed and is tried again: {progress.said}"
        case _:
            line = f"{where} failed after {duration(progress.seconds)}"
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _failure(error: ApplyFailure) -> Failure:
    refused = isinstance(error, PlanRefused | WorldMoved | RunInTheWay)
    kind = Refused if refused else RunFailed
    return kind(error.message, details=error.details, hint=error.hint or None)
