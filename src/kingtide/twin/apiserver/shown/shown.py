"""Completes bodies: from what is counted at the time of a version, so that a version never changes.

`of(value)` is taken when a version of an object comes into being, `body` uses it whenever its text
is made.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from kingtide.controlplane.hpa.model import HpaOutcome
from kingtide.controlplane.workloads.revision import template_hash
from kingtide.controlplane.workloads.rollout.progress import Progress
from kingtide.kube.autoscalers import HorizontalPodAutoscaler
from kingtide.kube.jobs import Job
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod
from kingtide.kube.wire.times import time_text
from kingtide.kube.workloads import DaemonSet, Deployment, ReplicaSet, StatefulSet
from kingtide.twin.apiserver.shown.autoscalers import autoscaler_shown
from kingtide.twin.apiserver.shown.nodes import node_shown
from kingtide.twin.apiserver.shown.owned import NONE, Counts, Owned, Owner
from kingtide.twin.apiserver.shown.pods import pod_shown
from kingtide.twin.apiserver.shown.workloads import (
    daemon_set_shown,
    deployment_shown,
    job_shown,
    replica_set_shown,
    stateful_set_shown,
)
from kingtide.twin.world import SETTLED_FOR_MS, World

Body = dict[str, Any]


class Seen(NamedTuple):
    """What belongs to a version beside the value; what a kind has no use for is left as it is."""

    counts: Counts = NONE
    updated: int = 0
    number: int = 0
    """Restarts of a pod, replicas of an autoscaler's target, revision of a Deployment, nodes that
    a DaemonSet is to run on."""
    at_ms: int = 0
    outcome: HpaOutcome | None = None
    progress: Progress | None = None
    """Of a Deployment that has rolled, or was paused."""


NOTHING = Seen()


class Shown:
    """What kubelets and controllers say of objects, from a world as it goes on."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._owned = Owned()
        definition = world.definition
        begun_ms = definition.start_ms - definition.warm_up_ms - SETTLED_FOR_MS
        self._begun = time_text(begun_ms)

    def time(self, at_ms: int) -> str:
        """Return a time as the API writes it."""
        return time_text(at_ms)

    def take_pod(self, old: Pod | None, new: Pod | None) -> tuple[Owner, ...]:
        """Count a pod's change; return whose status is another one now, owners before theirs."""
        if old is not None and new is not None and old.owner != new.owner:
            owners = self._owned.hand_over(old, new)
        else:
            owner = self._owned.take(old, new, self._world.engine.now_ms)
            owners = () if owner is None else (owner,)
        return tuple(it for owner in owners for it in self._with_deployment(owner))

    def _with_deployment(self, owner: Owner) -> tuple[Owner, ...]:
        kind, namespace, name = owner
        if kind != "ReplicaSet":
            return (owner,)
        replica_set = self._world.store.replica_sets.get(f"{namespace}/{name}")
        if replica_set is None or replica_set.owner is None:
            return (owner,)
        return (owner, ("Deployment", namespace, replica_set.owner.name))

    def rolling(self) -> list[tuple[str, str]]:
        """Return namespace and name of every Deployment whose rollout may get on without pods."""
        keys = (key.split("/", 1) for key in self._world.rollouts.rolling)
        return [(namespace, name) for namespace, name in keys]

    def of(self, value: Any) -> Seen:
        """Return what belongs to the present version of an object."""
        match value:
            case Pod():
                restarts = self._owned.restarts.get(value.uid)
                return NOTHING if restarts is None else Seen(number=restarts[0], at_ms=restarts[1])
            case Node():
                return Seen(at_ms=self._world.engine.now_ms)
            case Deployment():
                return self._of_deployment(value)
            case ReplicaSet() | StatefulSet() | DaemonSet() | Job():
                kind = type(value).__name__
                counts = self._counts((kind, value.namespace, value.name))
                updated = counts.active
                if isinstance(value, StatefulSet):
                    updated = self._owned.updated(
                        value.namespace, value.name, value.update_revision
                    )
                desired = counts.active
                if isinstance(value, DaemonSet):
                    rolling = self._world.daemons.progress(value)
                    desired, updated = rolling or (desired, updated)
                return Seen(counts, updated, desired)
            case HorizontalPodAutoscaler():
                return self._of_autoscaler(value)
        return NOTHING

    def body(self, value: Any, seen: Seen, body: Body) -> Body:
        """Return the body of a value, completed; `body` is changed."""
        if not getattr(value, "created_ms", 0):
            body["metadata"]["creationTimestamp"] = self._begun
        match value:
            case Pod():
                pod_shown(value, body, seen.number, seen.at_ms)
            case Node():
                node_shown(value, body, seen.at_ms)
            case Deployment():
                deployment_shown(value, body, seen.counts, seen.updated, seen.number, seen.progress)
            case ReplicaSet():
                replica_set_shown(value, body, seen.counts)
            case StatefulSet():
                stateful_set_shown(value, body, seen.counts, seen.updated)
            case DaemonSet():
                daemon_set_shown(value, body, seen.counts, seen.number, seen.updated)
            case Job():
                job_shown(value, body, seen.counts)
            case HorizontalPodAutoscaler():
                scaled = self._world.autoscalers.of(value)
                metrics = () if scaled is None else scaled.autoscaler.spec.metrics
                request = 0 if scaled is None else scaled.request_millicores
                autoscaler_shown(metrics, seen.outcome, seen.number, request, body)
        return body

    def _counts(self, owner: Owner) -> Counts:
        return self._owned.counts.get(owner, NONE)

    def _of_deployment(self, it: Deployment) -> Seen:
        world = self._world
        counts = NONE
        for key in world.replica_sets.keys_of(it):
            namespace, _, name = key.partition("/")
            counts += self._counts(("ReplicaSet", namespace, name))
        rolling = world.rollouts.rolling.get(it.key)
        if rolling is None:
            return Seen(counts, counts.active, self._latest_revision(it))
        # By its own template: its controller looks at it later.
        current = world.store.replica_sets.get(
            rolling.revisions.get(template_hash(it.template), "")
        )
        got_on = rolling.progress
        if current is None:
            return Seen(counts, 0, self._latest_revision(it), progress=got_on)
        owner = ("ReplicaSet", current.namespace, current.name)
        updated = self._counts(owner).active
        return Seen(counts, updated, current.revision or 1, progress=got_on)

    def _latest_revision(self, it: Deployment) -> int:
        keys = self._world.replica_sets.keys_of(it)
        found = (self._world.store.replica_sets.get(key) for key in keys)
        return max((it.revision or 1 for it in found if it is not None), default=1)

    def _of_autoscaler(self, it: HorizontalPodAutoscaler) -> Seen:
        scaled = self._world.autoscalers.of(it)
        target = self._world.store.deployments.get(f"{it.namespace}/{it.target_name}")
        replicas = 0 if target is None else target.replicas
        return Seen(number=replicas, outcome=None if scaled is None else scaled.last_outcome)
