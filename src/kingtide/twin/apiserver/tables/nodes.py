"""The table of nodes.

Source: pkg/printers/internalversion/printers.go printNode (v1.36).
"""

from __future__ import annotations

from kingtide.kube.nodes import Node
from kingtide.twin.apiserver.entries import Entry
from kingtide.twin.apiserver.shown.nodes import (
    CONTAINER_RUNTIME,
    KERNEL,
    KUBELET_VERSION,
    OS_IMAGE,
)
from kingtide.twin.apiserver.shown.pods import address
from kingtide.twin.apiserver.tables.ages import age
from kingtide.twin.apiserver.tables.row import AGE, NAME, Cell, Column, Table

ROLE_LABEL = "node-role.kubernetes.io/"

_COLUMNS = (
    NAME,
    Column("Status"),
    Column("Roles"),
    AGE,
    Column("Version"),
    Column("Internal-IP", wide=True),
    Column("External-IP", wide=True),
    Column("OS-Image", wide=True),
    Column("Kernel-Version", wide=True),
    Column("Container-Runtime", wide=True),
)


def _cells(entry: Entry, now_ms: int) -> list[Cell]:
    node: Node = entry.value
    status = "Ready" if node.is_ready else "NotReady"
    if node.unschedulable:
        status += ",SchedulingDisabled"
    roles = sorted(it.removeprefix(ROLE_LABEL) for it in node.labels if it.startswith(ROLE_LABEL))
    return [
        node.name,
        status,
        ",".join(roles) or "<none>",
        age(entry, now_ms),
        KUBELET_VERSION,
        address(node.name, 10),
        "<none>",
        OS_IMAGE,
        KERNEL,
        CONTAINER_RUNTIME,
    ]


NODES = Table(_COLUMNS, _cells)
