"""What the Deployment controller keeps of a rollout, and the ReplicaSet that it makes for one."""

from __future__ import annotations

from collections.abc import Container

import msgspec

from kingtide.controlplane.workloads.revision import POD_TEMPLATE_HASH, with_label
from kingtide.controlplane.workloads.rollout.progress import Progress, RolloutStatus
from kingtide.kube.pods import OwnerReference
from kingtide.kube.workloads import Deployment, ReplicaSet


class RevisionPods(msgspec.Struct):
    """One ReplicaSet's pods.

    `ready` are those that are Ready and that nobody deletes, with the time from which they are
    available, in the order they became so; `existing` counts those that have not ended, also while
    they are being deleted.
    """

    ready: dict[str, int]
    existing: int = 0

    def available(self, now_ms: int) -> int:
        """Return how many are available; only the youngest are looked at."""
        waiting = 0
        for from_ms in reversed(self.ready.values()):
            if from_ms <= now_ms:
                break
            waiting += 1
        return len(self.ready) - waiting

    def next_available_ms(self, now_ms: int) -> int | None:
        """Return when the next one becomes available, None when none is on its way."""
        coming = None
        for from_ms in reversed(self.ready.values()):
            if from_ms <= now_ms:
                break
            coming = from_ms
        return coming


class Rolling(msgspec.Struct):
    """A Deployment that rolls or has rolled: its revisions by hash, and how it gets on."""

    revisions: dict[str, str]
    """ReplicaSet keys by template hash."""
    current: str
    """The hash of the template that is wanted."""
    is_rolling: bool = False
    status: RolloutStatus = RolloutStatus(0, 0, 0, 0)
    progress: Progress | None = None
    alarm_ms: int = 0
    """When the deadline is looked at next; in the past when nothing is set."""
    lost: dict[str, ReplicaSet] = {}
    """ReplicaSets that somebody deleted, by template hash: what comes instead has their names."""


def made_new(
    deployment: Deployment, template_hash: str, taken: Container[str], revision: int, now_ms: int
) -> ReplicaSet:
    """Return a ReplicaSet for a Deployment's template, without pods, under a name not `taken`."""
    namespace, name = deployment.namespace, f"{deployment.name}-{template_hash}"
    collisions = 0
    while f"{namespace}/{name}" in taken:
        collisions += 1
        name = f"{deployment.name}-{template_hash}{collisions}"
    return ReplicaSet(
        namespace=namespace,
        name=name,
        uid=f"rs/{namespace}/{name}",
        replicas=0,
        template=with_label(deployment.template, POD_TEMPLATE_HASH, template_hash),
        selector=deployment.selector,
        owner=_owner(deployment),
        created_ms=now_ms,
        revision=revision,
    )


def made_again(deployment: Deployment, lost: ReplicaSet, revision: int, now_ms: int) -> ReplicaSet:
    """Return what comes in the place of a ReplicaSet that was deleted, under its name."""
    return msgspec.structs.replace(
        lost,
        uid=f"{lost.uid}/{now_ms}",
        replicas=0,
        created_ms=now_ms,
        owner=_owner(deployment),
        revision=revision,
    )


def _owner(deployment: Deployment) -> OwnerReference:
    return OwnerReference("Deployment", deployment.name, deployment.uid)
