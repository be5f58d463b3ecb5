"""A StatefulSet `db` and its pods."""

from __future__ import annotations

from typing import Literal

from kingtide.controlplane.workloads.revision import CONTROLLER_REVISION_HASH
from kingtide.kube.labels import LabelSelector
from kingtide.kube.pods import Condition, Container, OwnerReference, Pod, PodSpec, PodTemplate
from kingtide.kube.workloads import StatefulSet

NOW_MS = 1_700_000_000_000
State = Literal["ready", "unready", "pending", "ended", "leaving"]


def stateful_set(
    replicas: int,
    policy: Literal["OrderedReady", "Parallel"] = "OrderedReady",
    *,
    current: str = "r1",
    update: str = "r1",
    partition: int = 0,
    unavailable: str = "1",
    strategy: Literal["RollingUpdate", "OnDelete"] = "RollingUpdate",
    min_ready_seconds: int = 0,
) -> StatefulSet:
    """A set whose revisions are the same unless said otherwise."""
    return StatefulSet(
        "shop",
        "db",
        "statefulset/db",
        replicas,
        PodTemplate({"app": "db"}, PodSpec((Container("c"),))),
        LabelSelector(),
        pod_management_policy=policy,
        update_strategy=strategy,
        partition=partition,
        max_unavailable=unavailable,
        min_ready_seconds=min_ready_seconds,
        current_revision=current,
        update_revision=update,
    )


def member(ordinal: int, state: State = "ready", revision: str = "r1", name: str = "db") -> Pod:
    """The pod of an ordinal; Ready for a second."""
    return Pod(
        "shop",
        f"{name}-{ordinal}",
        f"uid-{name}-{ordinal}",
        PodSpec((Container("c"),)),
        {"app": "db", CONTROLLER_REVISION_HASH: revision},
        0,
        owner=OwnerReference("StatefulSet", "db"),
        phase={"pending": "Pending", "ended": "Failed"}.get(state, "Running"),  # type: ignore[arg-type]  # two of the phases
        ready=Condition("True" if state in ("ready", "leaving") else "False", NOW_MS - 1_000),
        deletion_ms=NOW_MS if state == "leaving" else None,
    )


def members(*states: State, revision: str = "r1") -> list[Pod]:
    """Pods from ordinal 0 on."""
    return [member(ordinal, state, revision) for ordinal, state in enumerate(states)]
