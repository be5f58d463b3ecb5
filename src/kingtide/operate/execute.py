"""Carries out a plan: every step of every cluster in its order, recorded before and after."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from kingtide.compile.plan.encode import plan_digest
from kingtide.compile.plan.instance_group import cluster_spec
from kingtide.compile.plan.model import ClusterPlan, Plan, Step
from kingtide.compile.plan.stream import documents_of
from kingtide.operate.commands import Commands, NotRunnable, Result
from kingtide.operate.failures import (
    PlanRefused,
    RunInTheWay,
    StepFailed,
    ToolUnfit,
    WorldMoved,
)
from kingtide.operate.journal import Journal, Outcome, open_journal
from kingtide.operate.kops_state import KopsState
from kingtide.operate.kops_validation import failures_told
from kingtide.operate.run_folder import RunFolder
from kingtide.operate.tools import Tools, find_tools
from kingtide.operate.world import Comparison, compare_world

RETRY_SECONDS = (10, 60)
"""Before the second and third try of what fails of itself: AWS' throttling passes in seconds, what
takes longer than a minute is worth a look."""

Happened = str
"""`started`, `done`, `skipped`, `failed`, `again` (a step is tried once more), `note`."""


class Progress(msgspec.Struct, frozen=True):
    """What happened to a step, for whoever shows it; `number` counts from 1 over all clusters."""

    happened: Happened
    cluster: str
    step: str
    number: int
    total: int
    seconds: int = 0
    said: str = ""


class Options(msgspec.Struct, frozen=True):
    """How a plan is carried out.

    `clusters` names those to do, all where it is empty. `environment` is what commands see besides
    what the plan says.
    """

    kops: str = "kops"
    kubectl: str = "kubectl"
    resume: bool = False
    dry_run: bool = False
    clusters: tuple[str, ...] = ()
    environment: Mapping[str, str] = {}
    retry_seconds: tuple[int, ...] = RETRY_SECONDS


Tell = Callable[[Progress], None]
Approve = Callable[[Plan, Sequence[ClusterPlan]], bool]


def chosen(plan: Plan, names: Sequence[str]) -> tuple[ClusterPlan, ...]:
    """Return the clusters of a plan with anything to do, or those of them that are named."""
    return tuple(it for it in plan.clusters if it.steps and (not names or it.name in names))


def apply(plan: Plan, plan_file: Path, options: Options, tell: Tell, approve: Approve) -> bool:
    """Carry a plan out; return False where `approve` said no, or nothing was to be done.

    Raises:
        ApplyFailure: it was not carried out, or not wholly; what was done stands in the journal.
        NotWritable: the folder of the run cannot be written.
    """
    clusters = chosen(plan, options.clusters)
    refusals = [f"{it.name}: {refusal}" for it in clusters for refusal in it.refusals]
    if refusals:
        raise PlanRefused("the plan must not be carried out", details=refusals)
    if not clusters:
        return False
    folder = RunFolder(plan_file)
    folder.make()
    with open_journal(folder.path) as journal:
        run = _Run(plan, clusters, folder, journal, options, tell)
        run.check()
        if options.dry_run or not approve(plan, clusters):
            return False
        try:
            run.carry_out()
        finally:
            folder.forget_credentials()
    return True


class _Run:
    def __init__(
        self,
        plan: Plan,
        clusters: tuple[ClusterPlan, ...],
        folder: RunFolder,
        journal: Journal,
        options: Options,
        tell: Tell,
    ) -> None:
        self._plan = plan
        self._digest = plan_digest(plan)
        self._clusters = clusters
        self._folder = folder
        self._journal = journal
        self._options = options
        self._tell = tell
        self._commands = Commands(_environment(plan, folder, options), held=journal.lock_descriptor)
        self._tools = Tools("", (0, 0, 0))
        self._number = 0

    def check(self) -> None:
        """Check everything that can be known beforehand, without changing anything."""
        self._check_journal()
        versions = [
            str(cluster_spec(documents_of(it.after_kops, "plan")).get("kubernetesVersion", ""))
            for it in self._clusters
        ]
        self._tools = find_tools(
            self._commands,
            self._folder.path,
            kops=self._options.kops,
            kubectl=self._options.kubectl,
            needs_kubectl=any(
                step.command[0] == "kubectl" for it in self._clusters for step in it.steps
            ),
            kubernetes_versions=versions,
        )
        self._check_world()

    def carry_out(self) -> None:
        """Do every step that is not done yet."""
        if self._journal.plan:
            self._journal.write("resumed")
        else:
            self._journal.write("began", plan=self._digest)
        for cluster in self._clusters:
            # Hours after the first look: somebody was asked, and other clusters came before.
            _refuse(self._compared(cluster).moved)
            self._folder.lay_out(cluster)
            for step in cluster.steps:
                self._number += 1
                if self._is_over(cluster, step):
                    self._told("skipped", cluster, step)
                else:
                    self._do(cluster, step)
        if all(
            self._journal.is_done(it.name, step.name)
            for it in chosen(self._plan, ())
            for step in it.steps
        ):
            self._journal.write("finished")

    def _check_journal(self) -> None:
        journal = self._journal
        if not journal.plan or self._options.dry_run:
            return
        where = self._folder.path
        if journal.plan != self._digest:
            raise RunInTheWay(
                f"{where} is the run of another plan",
                hint="write the plan to a file of its own, or move that folder away",
            )
        if journal.is_finished:
            raise RunInTheWay(f"{where} tells that this plan is carried out", hint="plan again")
        if not self._options.resume:
            raise RunInTheWay(f"{where} tells that this plan was begun", hint="go on with --resume")

    def _check_world(self) -> None:
        moved: list[str] = []
        for cluster in self._clusters:
            found = self._compared(cluster)
            moved += found.moved
            for line in found.also_there:
                said = f"the state store also has {line}; the plan takes it away"
                self._tell(Progress("note", cluster.name, "", 0, 0, said=said))
        _refuse(moved)

    def _compared(self, cluster: ClusterPlan) -> Comparison:
        """Return how a cluster differs from what the plan was made for, now."""
        if self._is_finished(cluster):
            return Comparison()
        state = KopsState(self._commands, self._tools, self._folder.path)
        after = documents_of(cluster.after_kops, "plan") if self._has_written(cluster) else ()
        before = documents_of(cluster.before_kops, "plan")
        found = compare_world(before, after, state.documents(cluster.full_name))
        return Comparison(tuple(f"{cluster.name}: {it}" for it in found.moved), found.also_there)

    def _has_written(self, cluster: ClusterPlan) -> bool:
        """Whether an earlier try of this run may have changed the state store."""
        return any(
            step.command[0] == "kops"
            and not step.always
            and self._journal.has_begun(cluster.name, step.name)
            for step in cluster.steps
        )

    def _is_finished(self, cluster: ClusterPlan) -> bool:
        return all(self._journal.is_done(cluster.name, step.name) for step in cluster.steps)

    def _is_over(self, cluster: ClusterPlan, step: Step) -> bool:
        if step.always and not self._is_finished(cluster):
            return False
        return self._journal.is_done(cluster.name, step.name)

    def _do(self, cluster: ClusterPlan, step: Step) -> None:
        log = self._folder.log(cluster, step.name)
        for attempt in range(1, step.attempts + 1):
            self._journal.write(
                "step started", cluster=cluster.name, step=step.name, attempt=attempt
            )
            self._told("started", cluster, step)
            began = time.monotonic()
            result = self._result(cluster, step, log)
            seconds = round(time.monotonic() - began)
            self._record(cluster, step, attempt, result, seconds)
            if result.succeeded:
                self._told("done", cluster, step, seconds)
                return
            if attempt < step.attempts and not result.timed_out:
                self._told("again", cluster, step, seconds, _summary(result))
                time.sleep(self._pause(attempt))
                continue
            self._told("failed", cluster, step, seconds, _summary(result))
            raise _failure(cluster, step, result, log)

    def _result(self, cluster: ClusterPlan, step: Step, log: Path) -> Result:
        if step.phase in ("drain group", "delete group") and self._is_gone(cluster, step):
            return Result(0, last_lines=("the group is gone already",))
        command = (self._tools.path(step.command[0]), *step.command[1:])
        try:
            return self._commands.run(
                command,
                folder=self._folder.cluster(cluster),
                timeout_seconds=step.timeout_seconds,
                log=log,
            )
        except NotRunnable as error:
            raise ToolUnfit(str(error)) from error

    def _is_gone(self, cluster: ClusterPlan, step: Step) -> bool:
        """Whether the group of a step was deleted before: kops refuses to delete it twice."""
        state = KopsState(self._commands, self._tools, self._folder.path)
        names = [it.name for it in state.groups(cluster.full_name)]
        return not any(_is_about(step, name) for name in names)

    def _record(
        self, cluster: ClusterPlan, step: Step, attempt: int, result: Result, seconds: int
    ) -> None:
        outcome: Outcome = "done" if result.succeeded else "failed"
        if result.timed_out:
            outcome = "timed out"
        self._journal.write(
            "step ended",
            cluster=cluster.name,
            step=step.name,
            attempt=attempt,
            outcome=outcome,
            seconds=seconds,
            said=_summary(result),
        )

    def _pause(self, attempt: int) -> int:
        pauses = self._options.retry_seconds
        return pauses[min(attempt, len(pauses)) - 1] if pauses else 0

    def _told(
        self, happened: Happened, cluster: ClusterPlan, step: Step, seconds: int = 0, said: str = ""
    ) -> None:
        total = sum(len(it.steps) for it in self._clusters)
        self._tell(Progress(happened, cluster.name, step.name, self._number, total, seconds, said))


def _refuse(moved: Sequence[str]) -> None:
    if moved:
        raise WorldMoved(
            "the clusters are not what this plan was made for",
            details=moved,
            hint="plan again, against what there is (--against live)",
        )


def _is_about(step: Step, group: str) -> bool:
    selector = f"--selector=kops.k8s.io/instancegroup={group}"
    return selector in step.command or step.command[1:4] == ("delete", "instancegroup", group)


def _failure(cluster: ClusterPlan, step: Step, result: Result, log: Path) -> StepFailed:
    details = failures_told(result.stdout) if step.gate else ()
    return StepFailed(
        f"{cluster.name}: {step.name} {result.ending}",
        log,
        details=details or result.last_lines[-5:],
    )


def _summary(result: Result) -> str:
    """Return the last thing that a command said, short."""
    return result.last_lines[-1][:200] if result.last_lines else ""


def _environment(plan: Plan, folder: RunFolder, options: Options) -> dict[str, str]:
    """Return what commands see: the state store of the fleet, and credentials of this run alone.

    No command depends on a cluster that somebody chose elsewhere.
    """
    found = dict(options.environment or os.environ)
    for name in ("KOPS_CLUSTER_NAME", "KUBECTL_CONTEXT"):
        found.pop(name, None)
    found["KUBECONFIG"] = str(folder.kubeconfig)
    if plan.state_store:
        found["KOPS_STATE_STORE"] = plan.state_store
    return found
