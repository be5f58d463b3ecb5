"""The Deployment controller where templates change: a new ReplicaSet grows as old ones shrink.

It keeps what it needs of each pod of the Deployments that will roll, and looks at one of them when
its pods or its replicas change, after its queue. Other Deployments stay with `replica_sets.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from kingtide.controlplane.workloads.availability import available_from_ms
from kingtide.controlplane.workloads.revision import (
    POD_TEMPLATE_HASH,
    template_hash,
    with_label,
)
from kingtide.controlplane.workloads.rollout.progress import (
    Progress,
    RolloutStatus,
    deadline_ms,
    is_complete,
    progress,
)
from kingtide.controlplane.workloads.rollout.reconcile import reconcile
from kingtide.controlplane.workloads.rollout.sizes import resized
from kingtide.kube.pods import OwnerReference, Pod, PodTemplate
from kingtide.kube.workloads import Deployment, ReplicaSet
from kingtide.twin.cluster.replica_sets import ReplicaSets
from kingtide.twin.cluster.store import Store
from kingtide.twin.cluster.work_queue import WorkQueue
from kingtide.twin.definition import Application
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.journal import Journal
from kingtide.twin.latencies import LatencyTable


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


class Rollouts:
    """Changes templates when the time comes and sees the rollouts through."""

    def __init__(
        self,
        engine: Engine,
        store: Store,
        latencies: LatencyTable,
        journal: Journal,
        replica_sets: ReplicaSets,
        applications: Sequence[Application],
    ) -> None:
        self._engine = engine
        self._store = store
        self._journal = journal
        self._replica_sets = replica_sets
        self._queue = WorkQueue(engine, latencies, "deployments", self._look)
        self._pods: dict[str, RevisionPods] = {}
        self._deployment_of: dict[str, str] = {}
        self._rolling: dict[str, Rolling] = {}
        for application in applications:
            if application.rollouts:
                self._expect(application)

    @property
    def rolling(self) -> Mapping[str, Rolling]:
        """Deployments with rollouts, by `namespace/name`."""
        return self._rolling

    def _expect(self, application: Application) -> None:
        key = application.key
        self._follow(key, application.template)
        for rollout in application.rollouts:
            self._engine.at(rollout.at_ms, EventClass.WORLD, self._begin, key, rollout.template)

    def _follow(self, key: str, template: PodTemplate) -> None:
        """Follow the pods of a Deployment with its first template, which it has been given."""
        if not self._rolling:
            self._store.on_pods(self._on_pod)
            self._replica_sets.roll = self._roll
        first = template_hash(template)
        self._rolling[key] = Rolling({first: key}, first)
        self._know(key, key)

    def change_template(self, deployment: Deployment) -> None:
        """Store a Deployment that was given another template, and roll it out."""
        key = deployment.key
        if key not in self._rolling:
            self._follow(key, self._store.deployments[key].template)
            for pod in self._store.pods.values():
                self._on_pod(None, pod)
        self._store.put_deployment(deployment)
        self._begin(key, deployment.template)

    def forget(self, key: str) -> None:
        """Follow a Deployment that is deleted no longer."""
        rolling = self._rolling.pop(key, None)
        if rolling is not None:
            for replica_set in rolling.revisions.values():
                del self._pods[replica_set], self._deployment_of[replica_set]

    def _know(self, replica_set_key: str, deployment_key: str) -> None:
        self._pods[replica_set_key] = RevisionPods({})
        self._deployment_of[replica_set_key] = deployment_key

    def _begin(self, key: str, template: object) -> None:
        """The template is edited."""
        if key not in self._rolling:
            return  # deleted meanwhile
        deployment = msgspec.structs.replace(self._store.deployments[key], template=template)
        self._store.put_deployment(deployment)
        rolling = self._rolling[key]
        wanted = template_hash(deployment.template)
        if wanted == rolling.current:
            return
        again = rolling.revisions.get(wanted)
        if again is not None:
            replica_set = self._store.replica_sets[again]
            self._store.put_replica_set(
                msgspec.structs.replace(replica_set, revision=self._next_revision(rolling))
            )
        rolling.current, rolling.is_rolling = wanted, True
        rolling.progress = Progress("ReplicaSetUpdated", self._engine.now_ms)
        rolling.status = self._status(deployment, rolling)
        self._engine.trace(f"rollout {key} {wanted}")
        self._journal.mark("rollout_started", key, f"{key} rolls out another template")
        self._queue.add(key)

    # ------------------------------------------------------------ looking

    def _look(self, key: str) -> None:
        self._queue.taken(key)
        deployment = self._store.deployments.get(key)
        if deployment is not None:
            self._roll(deployment)

    def _roll(self, deployment: Deployment) -> bool:
        """Look at a Deployment; return whether it is one that rolls or has rolled."""
        rolling = self._rolling.get(deployment.key)
        if rolling is None or (len(rolling.revisions) == 1 and not rolling.is_rolling):
            return False
        sets = {key: self._observed(key) for key in self._replica_sets.keys_of(deployment)}
        new = sets.pop(rolling.revisions.get(rolling.current, ""), None)
        olds = tuple(sets.values())
        old_pods = any(self._pods[old.key].existing for old in olds)
        step = reconcile(deployment, new, olds, old_pods_exist=old_pods)
        for replica_set in step.resized:
            self._replica_sets.resize(replica_set)
        if step.create_replicas is not None:
            self._create(deployment, rolling, step.create_replicas)
        if not step.is_rest:
            self._queue.add(deployment.key)
        self._tell_progress(deployment, rolling)
        self._look_when_available(deployment)
        return True

    def _observed(self, key: str) -> ReplicaSet:
        """Return a ReplicaSet with its status as it is now.

        Pods that it is about to delete are left out. In Kubernetes they are part of a status that
        comes late, and a rollout that meets one takes more old pods than it may, for a moment.
        """
        replica_set = self._store.replica_sets[key]
        available = self._pods[key].available(self._engine.now_ms)
        available = min(available, replica_set.replicas)
        return msgspec.structs.replace(replica_set, available_replicas=available)

    def _create(self, deployment: Deployment, rolling: Rolling, replicas: int) -> None:
        name = f"{deployment.name}-{rolling.current}"
        template = with_label(deployment.template, POD_TEMPLATE_HASH, rolling.current)
        made = ReplicaSet(
            namespace=deployment.namespace,
            name=name,
            uid=f"rs/{deployment.namespace}/{name}",
            replicas=0,
            template=template,
            selector=deployment.selector,
            owner=OwnerReference("Deployment", deployment.name, deployment.uid),
            created_ms=self._engine.now_ms,
            revision=self._next_revision(rolling),
        )
        rolling.revisions[rolling.current] = made.key
        self._know(made.key, deployment.key)
        self._store.belongs_to(made.uid, deployment.key)
        stored = self._replica_sets.add_replica_set(resized(deployment, made, replicas))
        self._replica_sets.resize(stored)

    def _next_revision(self, rolling: Rolling) -> int:
        sets = self._store.replica_sets
        return 1 + max(sets[key].revision or 0 for key in rolling.revisions.values())

    def _look_when_available(self, deployment: Deployment) -> None:
        now_ms = self._engine.now_ms
        for key in self._replica_sets.keys_of(deployment):
            at_ms = self._pods[key].next_available_ms(now_ms)
            if at_ms is not None:
                self._queue.add_at(deployment.key, at_ms)

    # ------------------------------------------------------------ progress

    def _status(self, deployment: Deployment, rolling: Rolling) -> RolloutStatus:
        now_ms = self._engine.now_ms
        keys = self._replica_sets.keys_of(deployment)
        updated = rolling.revisions.get(rolling.current)
        return RolloutStatus(
            replicas=sum(self._replica_sets.active_count(key) for key in keys),
            updated=0 if updated is None else self._replica_sets.active_count(updated),
            ready=sum(len(self._pods[key].ready) for key in keys),
            available=sum(self._pods[key].available(now_ms) for key in keys),
        )

    def _tell_progress(self, deployment: Deployment, rolling: Rolling) -> None:
        key, now_ms = deployment.key, self._engine.now_ms
        status = self._status(deployment, rolling)
        name = rolling.revisions.get(rolling.current, key).partition("/")[2]
        known = rolling.progress
        rolling.progress = progress(deployment, known, rolling.status, status, name, now_ms)
        rolling.status = status
        if rolling.is_rolling and is_complete(deployment, status):
            rolling.is_rolling = False
            self._engine.trace(f"rollout {key} complete")
            self._journal.mark("rollout_finished", key, f"all pods of {key} have the new template")
        stalled = rolling.progress is not None and not rolling.progress.is_progressing
        if stalled and known is not None and known.is_progressing:
            self._journal.mark("rollout_stalled", key, f"the rollout of {key} stalls", "warning")
        at_ms = deadline_ms(deployment, rolling.progress)
        if at_ms is not None and rolling.alarm_ms <= now_ms:
            rolling.alarm_ms = at_ms
            self._engine.at(at_ms, EventClass.WORLD, self._look, key)

    # ------------------------------------------------------------ from the store

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        pod = new if new is not None else old
        if pod is None or pod.owner is None or pod.owner.kind != "ReplicaSet":
            return
        key = f"{pod.namespace}/{pod.owner.name}"
        pods = self._pods.get(key)
        if pods is None:
            return
        pods.existing += _exists(new) - _exists(old)
        deployment_key = self._deployment_of[key]
        deployment = self._store.deployments[deployment_key]
        from_ms = None
        if new is not None and new.deletion_ms is None:
            from_ms = available_from_ms(new, deployment.min_ready_seconds)
        if from_ms != pods.ready.get(pod.uid):
            pods.ready.pop(pod.uid, None)
            if from_ms is not None:
                pods.ready[pod.uid] = from_ms
        if self._rolling[deployment_key].is_rolling:
            self._queue.add(deployment_key)


def _exists(pod: Pod | None) -> int:
    return 1 if pod is not None and not pod.is_terminal else 0
