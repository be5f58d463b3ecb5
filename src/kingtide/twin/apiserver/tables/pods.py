"""The table of pods. It is made from values, since there are many.

Source: pkg/printers/internalversion/printers.go printPod (v1.36),
https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/printers/internalversion/printers.go.
"""

from __future__ import annotations

from kingtide.kube.pods import Pod
from kingtide.twin.apiserver.entries import Entry
from kingtide.twin.apiserver.shown.pods import address
from kingtide.twin.apiserver.tables.ages import age, human_duration
from kingtide.twin.apiserver.tables.row import AGE, NAME, Cell, Column, Table
from kingtide.twin.cluster.restarts import CRASH_LOOP, is_waiting_to_restart

_COLUMNS = (
    NAME,
    Column("Ready"),
    Column("Status"),
    Column("Restarts"),
    AGE,
    Column("IP", wide=True),
    Column("Node", wide=True),
    Column("Nominated Node", wide=True),
    Column("Readiness Gates", wide=True),
)


def _cells(entry: Entry, now_ms: int) -> list[Cell]:
    pod: Pod = entry.value
    spec = pod.spec
    sidecars = sum(it.always_restarts for it in spec.init_containers)
    containers = len(spec.containers) + sidecars
    ready = containers if pod.is_ready and not pod.is_terminal else 0
    restarts = str(entry.seen.number * containers)
    if entry.seen.number:
        restarts += f" ({human_duration(now_ms - entry.seen.at_ms)} ago)"
    return [
        pod.name,
        f"{ready}/{containers}",
        _status(pod),
        restarts,
        age(entry, now_ms),
        address(pod.uid, 100) if pod.started_ms is not None else "<none>",
        pod.node_name or "<none>",
        pod.nominated_node_name or "<none>",
        "<none>",
    ]


def _status(pod: Pod) -> str:
    if pod.deletion_ms is not None:
        return "Terminating"
    if pod.is_terminal:
        return "Completed" if pod.phase == "Succeeded" else "Error"
    if is_waiting_to_restart(pod):
        return CRASH_LOOP
    if pod.phase == "Pending" and pod.node_name:
        return "ContainerCreating"
    return pod.phase


PODS = Table(_COLUMNS, _cells)
