"""Pods and budgets of one small application."""

from __future__ import annotations

from kingtide.controlplane.disruption.expectation import ControllerScale, NoScale
from kingtide.kube.labels import LabelSelector
from kingtide.kube.pods import Condition, Container, OwnerReference, Pod, PodPhase, PodSpec
from kingtide.kube.workloads import PodDisruptionBudget

NOW_MS = 1_700_000_000_000
API = LabelSelector(match_labels=(("app", "api"),))


def pod(
    name: str,
    *,
    ready: bool = True,
    phase: PodPhase = "Running",
    owner: str | None = "api",
    kind: str = "ReplicaSet",
    deleting: bool = False,
    app: str = "api",
    namespace: str = "shop",
) -> Pod:
    """A pod labelled `app`, Ready unless said otherwise."""
    return Pod(
        namespace=namespace,
        name=name,
        uid=f"uid-{name}",
        spec=PodSpec((Container("c"),)),
        labels={"app": app},
        created_ms=0,
        owner=None if owner is None else OwnerReference(kind, owner, f"{kind}/{owner}"),
        node_name="n1",
        phase=phase,
        ready=Condition("True" if ready else "False", 0),
        deletion_ms=NOW_MS if deleting else None,
    )


def budget(
    min_available: str | None = None, max_unavailable: str | None = None, name: str = "api"
) -> PodDisruptionBudget:
    """A budget about the pods of `api`, never synced."""
    return PodDisruptionBudget(
        "shop", name, API, min_available=min_available, max_unavailable=max_unavailable
    )


class Scales:
    """Controllers by `kind/name` with what they want; anything else is not there."""

    def __init__(self, **replicas: int) -> None:
        self.replicas = replicas

    def __call__(self, namespace: str, owner: OwnerReference) -> ControllerScale | NoScale | None:
        if owner.kind == "Job":
            return NoScale("jobs.batch")
        wanted = self.replicas.get(owner.name)
        return None if wanted is None else ControllerScale(f"deployment/{owner.name}", wanted)
