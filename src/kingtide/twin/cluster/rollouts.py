"""The Deployment controller where templates change: a new ReplicaSet grows as old ones shrink.

It keeps what it needs of each pod of the Deployments that will roll, and looks at one of them when
its pods or its replicas change, after its queue. Other Deployments stay with `replica_sets.py`.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

import msgspec

from kingtide.controlplane.workloads.availability import available_from_ms
from kingtide.controlplane.workloads.revision import template_hash
from kingtide.controlplane.workloads.rollout.progress import (
    Progress,
    RolloutStatus,
    deadline_ms,
    is_complete,
    paused_or_resumed,
    progress,
)
from kingtide.controlplane.workloads.rollout.reconcile import reconcile
from kingtide.controlplane.workloads.rollout.sizes import oldest_first, resized
from kingtide.kube.pods import Pod, PodTemplate
from kingtide.kube.workloads import Deployment, ReplicaSet
from kingtide.twin.cluster.replica_sets import ReplicaSets
from kingtide.twin.cluster.rolling import RevisionPods, Rolling, made_again, made_new
from kingtide.twin.cluster.store import Store
from kingtide.twin.cluster.work_queue import WorkQueue
from kingtide.twin.definition import Application
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.journal import Journal
from kingtide.twin.latencies import LatencyTable


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
        self._listens = False
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

    def _listen(self) -> None:
        if not self._listens:
            self._listens = True
            self._store.on_pods(self._on_pod, counts_owners=True)
            self._replica_sets.roll = self._roll

    def _follow(self, key: str, template: PodTemplate) -> None:
        """Follow the pods of a Deployment with its first template, which it has been given."""
        self._listen()
        first = template_hash(template)
        self._rolling[key] = Rolling({first: key}, first)
        self._know(key, key)

    def change_template(self, deployment: Deployment) -> None:
        """Store a Deployment that was given another template, and roll it out."""
        key = deployment.key
        if key not in self._rolling:
            self._follow(key, self._store.deployments[key].template)
        self._store.put_deployment(deployment)
        self._begin(key, deployment.template)

    def take_over(self, deployment: Deployment, lost: ReplicaSet | None = None) -> None:
        """Follow a Deployment whose ReplicaSets are others than it made.

        It was created paused or adopted some, or one was deleted (`lost`).
        """
        key = deployment.key
        self._listen()
        rolling = self._rolling.get(key)
        if rolling is None:
            rolling = Rolling({}, template_hash(deployment.template))
            self._rolling[key] = rolling
        if lost is not None:
            rolling.lost[template_hash(lost.template)] = lost
        sets = [self._store.replica_sets[it] for it in self._replica_sets.keys_of(deployment)]
        # Of two with one template the older one is its.
        there = {template_hash(it.template): it.key for it in reversed(oldest_first(sets))}
        present = [it.key for it in sets]
        self._unknow(key, but=present)
        for each in present:
            if each not in self._pods:
                self._know(each, key)
        rolling.revisions = there
        self._renumber(rolling)
        self._start(deployment, rolling)

    def pause_or_resume(self, deployment: Deployment) -> None:
        """Store a Deployment that was paused or resumed; one that is resumed is rolled out."""
        key = deployment.key
        if key not in self._rolling:
            self._follow(key, self._store.deployments[key].template)
        self._store.put_deployment(deployment)
        rolling = self._rolling[key]
        rolling.progress = paused_or_resumed(deployment, rolling.progress, self._engine.now_ms)
        is_new = not rolling.is_rolling and not deployment.paused
        if is_new and self._is_wanted(rolling):
            rolling.is_rolling = True
            self._journal.mark("rollout_started", key, f"{key} rolls out another template")
        elif is_new and rolling.progress is not None:
            rolling.progress = Progress("NewReplicaSetAvailable", self._engine.now_ms)
        self._queue.add(key)

    def forget(self, key: str) -> None:
        """Follow a Deployment that is deleted no longer."""
        if self._rolling.pop(key, None) is not None:
            self._unknow(key)

    def _unknow(self, deployment_key: str, but: Container[str] = ()) -> None:
        of_it = [it for it, key in self._deployment_of.items() if key == deployment_key]
        for it in of_it:
            if it not in but:
                del self._pods[it], self._deployment_of[it]

    def _know(self, replica_set_key: str, deployment_key: str) -> None:
        """Follow the pods of a ReplicaSet, with those that it has already."""
        self._pods[replica_set_key] = RevisionPods({})
        self._deployment_of[replica_set_key] = deployment_key
        namespace, _, name = replica_set_key.partition("/")
        for pod in self._store.pods.values():
            owner = pod.owner
            if owner is not None and owner.name == name and pod.namespace == namespace:
                self._on_pod(None, pod)

    def _is_wanted(self, rolling: Rolling) -> bool:
        """Return whether another ReplicaSet than the present template's has pods, or none is."""
        sets = self._store.replica_sets
        return rolling.current not in rolling.revisions or any(
            sets[key].replicas for it, key in rolling.revisions.items() if it != rolling.current
        )

    def _begin(self, key: str, template: PodTemplate) -> None:
        """The template is edited."""
        if key not in self._rolling:
            return  # deleted meanwhile
        deployment = msgspec.structs.replace(self._store.deployments[key], template=template)
        self._store.put_deployment(deployment)
        rolling = self._rolling[key]
        wanted = template_hash(deployment.template)
        if wanted == rolling.current:
            return
        rolling.current = wanted
        self._renumber(rolling)
        if not deployment.paused:
            self._start(deployment, rolling)
            self._journal.mark("rollout_started", key, f"{key} rolls out another template")

    def _start(self, deployment: Deployment, rolling: Rolling) -> None:
        key, now_ms = deployment.key, self._engine.now_ms
        rolling.is_rolling = not deployment.paused
        rolling.progress = Progress("ReplicaSetUpdated", now_ms)
        if deployment.paused:
            rolling.progress = paused_or_resumed(deployment, None, now_ms)
        rolling.status = self._status(deployment, rolling)
        self._engine.trace(f"rollout {key} {rolling.current}")
        self._queue.add(key)

    def _renumber(self, rolling: Rolling) -> None:
        """A template that is wanted again has the latest revision."""
        again = rolling.revisions.get(rolling.current)
        if again is None:
            return
        replica_set, latest = self._store.replica_sets[again], self._next_revision(rolling) - 1
        if not replica_set.revision or replica_set.revision < latest:
            self._store.put_replica_set(msgspec.structs.replace(replica_set, revision=latest + 1))

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
        made = self._new_replica_set(deployment, rolling)
        rolling.revisions[rolling.current] = made.key
        self._know(made.key, deployment.key)
        self._store.belongs_to(made.uid, deployment.key)
        stored = self._replica_sets.add_replica_set(resized(deployment, made, replicas))
        self._replica_sets.resize(stored)

    def _new_replica_set(self, deployment: Deployment, rolling: Rolling) -> ReplicaSet:
        """Return the ReplicaSet of the present template, not stored yet and without pods."""
        revision, now_ms = self._next_revision(rolling), self._engine.now_ms
        there = self._store.replica_sets
        lost = rolling.lost.pop(rolling.current, None)
        if lost is not None and lost.key not in there:
            return made_again(deployment, lost, revision, now_ms)
        return made_new(deployment, rolling.current, there, revision, now_ms)

    def _next_revision(self, rolling: Rolling) -> int:
        sets = self._store.replica_sets
        return 1 + max((sets[key].revision or 0 for key in rolling.revisions.values()), default=0)

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
        if not deployment.paused:
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
