"""One pass of downscaling: every workload as its timetable says, none touched without need.

Only what changed since the last pass is looked at, and what has come due. A pass writes at most
so many objects; the rest follows in the next ones.
"""

from __future__ import annotations

from collections.abc import Sequence

from kingtide.control.chance import Chance
from kingtide.control.controller import Controller
from kingtide.control.decision import Decision
from kingtide.control.report import EMPTY_REPORT, Report
from kingtide.control.snapshot import ClusterView, Snapshot
from kingtide.controllers.downscaling import names, report
from kingtide.controllers.downscaling.bounded_writes import Writes
from kingtide.controllers.downscaling.dialect import dialect_of
from kingtide.controllers.downscaling.holidays import read_holiday
from kingtide.controllers.downscaling.judge import judge
from kingtide.controllers.downscaling.memory import DownscalingMemory
from kingtide.controllers.downscaling.selection import Selection
from kingtide.controllers.downscaling.spec_book import SpecBook
from kingtide.controllers.downscaling.wish import Asking
from kingtide.controllers.downscaling.writes import ACTIONS
from kingtide.fleet.policies.downscaling import DownscalingPolicy


def decide(
    snapshot: Snapshot,
    policy: DownscalingPolicy,
    memory: DownscalingMemory,
    now_ms: int,
    chance: Chance,
) -> Decision[DownscalingMemory]:
    """Decide one pass; times are milliseconds since the Unix epoch."""
    del chance  # nothing here is left to chance
    cluster = snapshot.cluster
    touched, cursor = cluster.scalables_touched_since(memory.cursor)
    selection = Selection(policy)
    forced = _is_forced_up(cluster, selection)
    look = _to_look_at(cluster, memory, touched, now_ms, is_forced_up=forced)
    writes = Writes(memory, now_ms)
    writes.note(snapshot.outcomes)
    if look:
        asking = Asking(
            now_ms,
            policy,
            SpecBook(dialect_of(policy)),
            tuple(read_holiday(text, policy.default_timezone) for text in policy.holidays),
            is_forced_up=forced,
        )
        for key in look:
            it = cluster.scalables.get(key)
            if it is None or not selection.takes(it):
                writes.forget(key)
                continue
            namespace = cluster.namespaces.get(it.namespace)
            annotations = None if namespace is None else namespace.annotations
            autoscaler = cluster.autoscaler_of(key)
            writes.take(key, judge(it, annotations, asking, autoscaler), policy.max_writes_per_pass)
    remembered, verdicts = writes.finish(cursor, is_forced_up=forced)
    saw = {"workloads_looked_at": len(look), "writes_left": writes.left}
    return Decision(
        memory=remembered,
        actions=tuple(writes.actions),
        report=Report(saw, verdicts) if verdicts else EMPTY_REPORT,
        wake_at_ms=_wake_at_ms(remembered, policy, now_ms),
    )


def _is_forced_up(cluster: ClusterView, selection: Selection) -> bool:
    """Whether a pod that has not ended keeps everything up."""
    return any(
        pod.annotations.get(names.FORCE_UPTIME, "").lower() == "true" and not pod.is_terminal
        for pod in cluster.forcing_pods.values()
        if selection.scans(pod.namespace)
    )


def _to_look_at(
    cluster: ClusterView,
    memory: DownscalingMemory,
    touched: Sequence[str],
    now_ms: int,
    *,
    is_forced_up: bool,
) -> tuple[str, ...]:
    """Return keys of workloads that changed, whose namespace did, or for which it is time."""
    if is_forced_up != memory.is_forced_up:
        return tuple(dict.fromkeys((*_workloads_of(touched), *cluster.scalables)))
    namespaces = {name.partition("/")[2] for name in touched if name.startswith("Namespace/")}
    look = dict.fromkeys(_workloads_of(touched))
    if namespaces:
        look.update(
            (key, None) for key, it in cluster.scalables.items() if it.namespace in namespaces
        )
    if memory.next_due_ms is not None and memory.next_due_ms <= now_ms:
        look.update((key, None) for key, due_ms in memory.due.items() if due_ms <= now_ms)
    return tuple(look)


def _workloads_of(touched: Sequence[str]) -> tuple[str, ...]:
    """Return the names among those touched that are of workloads."""
    return tuple(name for name in touched if not name.startswith(("Namespace/", "Pod/")))


def _wake_at_ms(memory: DownscalingMemory, policy: DownscalingPolicy, now_ms: int) -> int:
    latest_ms = now_ms + 1000 * policy.look_again_seconds
    return latest_ms if memory.next_due_ms is None else min(latest_ms, memory.next_due_ms)


CONTROLLER: Controller[DownscalingPolicy, DownscalingMemory] = Controller(
    name="downscaling",
    actions=ACTIONS,
    watches=("workloads",),
    phrases=report.PHRASES,
    first_memory=DownscalingMemory,
    decide=decide,
)
