"""Ladders whose pause pods keep the nodes that keep the step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kingtide.check.rule import Example, Rule, each_cluster
from kingtide.check.rules.overprovisioning.pause_pod import pause_pod_of
from kingtide.check.view import ClusterView, Found
from kingtide.control.proportional.cluster_size import ClusterSize
from kingtide.controllers.overprovisioning.configuration import read_config_map
from kingtide.controllers.overprovisioning.ladder import Ladder
from kingtide.controllers.overprovisioning.replicas import replicas_for
from kingtide.fleet.documents.tree import Path
from kingtide.fleet.pause_configuration import pause_configuration

WARNED_PERCENT = 50
"""Above this share of a step's cores, real work must fall below half before the step lets go."""
_PROBE_CORES = 10_000
"""A cluster on which a linear ratio is looked at: so many cores that rounding says nothing."""
_SOURCE = (
    "https://github.com/kubernetes-sigs/cluster-proportional-autoscaler/tree/5a5dd5a1/pkg/"
    "autoscaler/controller and cluster-proportional-autoscaler#142"
)


def _shares(cluster: ClusterView) -> Iterator[tuple[Path, int, int, int]]:
    """Yield path, cores, pause pods and millicores of each step that can hold itself up.

    Not the first step of a ladder: below its cores it holds as well, so that nothing is kept.
    """
    for name, written in cluster.spec.overprovisioning.items():
        pod = pause_pod_of(cluster, name)
        if pod is None:
            continue
        read = read_config_map(pause_configuration(written))
        if isinstance(read, Ladder):
            for index, rung in enumerate(read.cores):
                replicas = replicas_for(read, _size(rung.threshold))
                path: Path = ("overprovisioning", name, "ladder", index)
                if index > 0 and rung.threshold > 0:
                    yield path, rung.threshold, replicas, replicas * pod.cpu_millicores
        elif read.cores_per_replica and not read.max_replicas:
            replicas = replicas_for(read, _size(_PROBE_CORES))
            path = ("overprovisioning", name, "linear", "coresPerReplica")
            yield path, _PROBE_CORES, replicas, replicas * pod.cpu_millicores


def _size(cores: int) -> ClusterSize:
    return ClusterSize(0, cores, 0, cores)


def _held_up(cluster: ClusterView) -> Iterable[Found]:
    for path, cores, replicas, millicores in _shares(cluster):
        if millicores >= cores * 1000:
            wrong = (
                f"{replicas} pause pods take {_cores(millicores)} of the {cores} cores that ask for"
                " them: without any work they keep themselves"
            )
            yield cluster.found(path, wrong, "ask for fewer, or for smaller ones")


def _nearly_held_up(cluster: ClusterView) -> Iterable[Found]:
    for path, cores, replicas, millicores in _shares(cluster):
        if cores * 10 * WARNED_PERCENT < millicores < cores * 1000:
            left = _cores(cores * 1000 - millicores)
            wrong = (
                f"{replicas} pause pods take {_cores(millicores)} of the {cores} cores that ask for"
                f" them: the step lets go only when work is below {left}"
            )
            advice = f"take half of {cores} cores or less"
            yield cluster.found(path, wrong, advice)


def _first_above_nothing(cluster: ClusterView) -> Iterable[Found]:
    for name, written in cluster.spec.overprovisioning.items():
        ladder = written.ladder
        if ladder and ladder[0][0] > 0 and ladder[0][1] > 0:
            cores, replicas = ladder[0]
            wrong = f"below {cores} cores there are {replicas} pause pods too, as at {cores}"
            advice = f"write [0, {replicas}] if that is meant, or put [0, 0] before it"
            yield cluster.found(("overprovisioning", name, "ladder", 0), wrong, advice)


def _cores(millicores: int) -> str:
    return f"{millicores / 1000:g}"


def _ladder(steps: str) -> Example:
    return Example(spec=f"overprovisioning: {{workers: {{ladder: {steps}}}}}")


RULES = (
    Rule(
        code="KT321",
        title="A ladder step that holds itself up",
        severity="error",
        why="Cores are counted on nodes, and pause pods keep nodes. Where a step's pause pods need"
        " as many cores as the step asks for, the cluster never gets below it again: the peak's"
        " nodes are paid for all night. The first step is not meant: below its cores it holds"
        " anyway.",
        source=_SOURCE,
        failing=_ladder("[[0, 2], [64, 8]]"),
        passing=_ladder("[[0, 2], [64, 4]]"),
        check=each_cluster(_held_up),
    ),
    Rule(
        code="KT322",
        title="A ladder step that nearly holds itself up",
        severity="warning",
        why="Of a step's cores more than half are pause pods': it lets go only when real work has"
        " fallen far below what brought it.",
        source=_SOURCE,
        failing=_ladder("[[0, 2], [64, 5]]"),
        passing=_ladder("[[0, 2], [64, 4]]"),
        check=each_cluster(_nearly_held_up),
    ),
    Rule(
        code="KT323",
        title="A ladder that does not begin at no cores",
        severity="warning",
        why="Below the first step cluster-proportional-autoscaler takes the first step's number,"
        " not 0; whoever writes [16, 4] may think that fifteen cores have none.",
        source=_SOURCE,
        failing=_ladder("[[16, 2], [160, 4]]"),
        passing=_ladder("[[0, 2], [160, 4]]"),
        check=each_cluster(_first_above_nothing),
    ),
)
