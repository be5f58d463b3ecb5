"""Whether pause pods still cause nodes, and give way to everything."""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.check.rule import Example, Rule, each_cluster
from kingtide.check.rules.autoscaling.priority_texts import autoscaling_policy
from kingtide.check.view import ClusterView, Found
from kingtide.controllers.node_autoscaling.expendable import is_expendable
from kingtide.fleet.pause_pods import PAUSE_PRIORITY_CLASS

_AT = ("priorityClasses", PAUSE_PRIORITY_CLASS)
_CUTOFF = (
    "https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md"
    " (expendable-pods-priority-cutoff)"
)


def _expendable(cluster: ClusterView) -> Iterable[Found]:
    priority = cluster.spec.priority_classes.get(PAUSE_PRIORITY_CLASS)
    cutoff = autoscaling_policy(cluster).expendable_pods_priority_cutoff
    if cluster.spec.overprovisioning and is_expendable(priority, cutoff):
        wrong = f"pause pods of priority {priority} are below {cutoff}, and cause no node"
        yield cluster.found(_AT, wrong, f"write {cutoff} or more, below every other class")


def _not_lowest(cluster: ClusterView) -> Iterable[Found]:
    classes = cluster.spec.priority_classes
    priority = classes.get(PAUSE_PRIORITY_CLASS)
    if priority is None or not cluster.spec.overprovisioning:
        return
    for name, value in classes.items():
        if name != PAUSE_PRIORITY_CLASS and value <= priority:
            wrong = f"pods of {name} ({value}) cannot take the room of pause pods ({priority})"
            yield cluster.found(("priorityClasses", name), wrong, f"write {priority + 1} or more")


RULES = (
    Rule(
        code="KT327",
        title="Pause pods that cause no node",
        severity="error",
        why="An autoscaler ignores pods below its cutoff (-10 unless it is told otherwise). The -10"
        " that is written everywhere is the lowest value that works: at -11 pause pods keep what"
        " is free and bring nothing new.",
        source=_CUTOFF,
        failing=Example(spec="priorityClasses: {overprovisioning: -11}"),
        passing=Example(spec="priorityClasses: {overprovisioning: -9}"),
        check=each_cluster(_expendable),
    ),
    Rule(
        code="KT328",
        title="Pods that cannot take the room of pause pods",
        severity="error",
        why="Preemption evicts pods of lower priority only: a class at or below the pause pods'"
        " waits beside the room that was kept for it.",
        source="https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/"
        " (v1.36)",
        failing=Example(spec="priorityClasses: {low: -10}"),
        passing=Example(spec="priorityClasses: {low: -9}"),
        check=each_cluster(_not_lowest),
    ),
)
