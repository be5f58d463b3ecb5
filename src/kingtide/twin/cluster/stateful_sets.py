"""The StatefulSet controller: pods with ordinals, created, deleted and updated in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from kingtide.controlplane.workloads.availability import available_from_ms
from kingtide.controlplane.workloads.revision import (
    CONTROLLER_REVISION_HASH,
    template_hash,
    with_label,
)
from kingtide.controlplane.workloads.stateful.ordinals import members, pod_name
from kingtide.controlplane.workloads.stateful.reconcile import reconcile
from kingtide.controlplane.workloads.stateful.step import StatefulStep
from kingtide.controlplane.workloads.stateful.update import is_updated
from kingtide.kube.pods import OwnerReference, Pod, PodTemplate
from kingtide.kube.workloads import StatefulSet
from kingtide.twin.cluster.client_rate import workloads_rate
from kingtide.twin.cluster.store import Store
from kingtide.twin.cluster.work_queue import WorkQueue
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.latencies import LatencyTable
from kingtide.twin.seed import SeedTree

NAME_TAKEN_MS = 10_000
"""When a pod is tried again whose name another one has: in Kubernetes after 5 ms, and each time
twice as long, which is about this from the eleventh try on (client-go's default rate limiter)."""


class StatefulSets:
    """Keeps each StatefulSet at its replicas; `delete` asks for a pod's graceful deletion.

    The labels that tell pods of one set apart are left out, so that all of one revision are alike
    to the scheduler; nothing here selects by them.
    """

    def __init__(
        self,
        engine: Engine,
        store: Store,
        seeds: SeedTree,
        latencies: LatencyTable,
        delete: Callable[[Pod], None],
    ) -> None:
        self._engine = engine
        self._store = store
        self._seeds = seeds
        self._delete = delete
        self._queue = WorkQueue(engine, latencies, "stateful-sets", self._look)
        self._rate = workloads_rate(latencies, "stateful-sets")
        self._pods: dict[str, dict[str, None]] = {}
        self._templates: dict[str, dict[str, PodTemplate]] = {}
        self._calls: dict[str, int] = {}
        self._made: dict[str, int] = {}
        """How many pods were ever made, kept of what is deleted: no uid comes again."""
        self._ending: dict[str, None] = {}
        """Sets that go after their pods: nothing is done for them any more."""
        self._listens = False

    def add(self, stateful_set: StatefulSet) -> StatefulSet:
        """Store a new set; nothing is created yet."""
        if not self._listens:
            self._listens = True
            self._store.on_pods(self._on_pod, counts_owners=True)
        key = stateful_set.key
        self._pods[key] = {}
        self._templates[key] = {}
        self._calls[key] = 0
        self._made.setdefault(key, 0)
        revision = self._revision(stateful_set)
        return self._store.put_stateful_set(
            msgspec.structs.replace(
                stateful_set, current_revision=revision, update_revision=revision
            )
        )

    def create(self, stateful_set: StatefulSet) -> None:
        """Store a set that is new in a world that runs; its pods are created as usual.

        Pods of one before it under the same name, which are ending, have their places until then.
        """
        self._queue.add(self.add(stateful_set).key)
        for pod in self._store.pods.values():
            owner = pod.owner
            if owner is not None and (owner.kind, owner.name) == ("StatefulSet", stateful_set.name):
                self._on_pod(None, pod)

    def of_namespace(self, namespace: str) -> Iterator[StatefulSet]:
        """Yield the sets of a namespace that are not ending."""
        for it in self._store.stateful_sets.values():
            if it.namespace == namespace and it.key not in self._ending:
                yield it

    def orphan(self, stateful_set: StatefulSet) -> None:
        """Delete a set alone: its pods stay and are nobody's."""
        pods = [self._store.pods[uid] for uid in self._pods[stateful_set.key]]
        self._pods[stateful_set.key] = {}
        self.remove(stateful_set)
        for pod in pods:
            if pod.deletion_ms is None:
                self._store.hand_over_pod(pod, owner=None)

    def remove(self, stateful_set: StatefulSet) -> None:
        """Delete a set with its pods."""
        key = stateful_set.key
        self._ending.pop(key, None)
        self._store.delete_stateful_set(stateful_set)
        uids = tuple(self._pods.pop(key))
        del self._templates[key], self._calls[key]
        for uid in uids:
            pod = self._store.pods[uid]
            if pod.deletion_ms is None:
                self._delete(pod)

    def empty(self, stateful_set: StatefulSet) -> None:
        """Delete the pods of a set that is to go after them; no others come."""
        self._ending[stateful_set.key] = None
        for uid in tuple(self._pods[stateful_set.key]):
            pod = self._store.pods[uid]
            if pod.deletion_ms is None:
                self._delete(pod)

    def scale(self, stateful_set: StatefulSet, replicas: int) -> None:
        """Store a set with other replicas, and whatever else of it is another."""
        self._store.put_stateful_set(msgspec.structs.replace(stateful_set, replicas=replicas))
        self._queue.add(stateful_set.key)

    def change_template(self, key: str, template: PodTemplate) -> None:
        """Give a set another template, which its pods take over by its update strategy."""
        changed = msgspec.structs.replace(self._store.stateful_sets[key], template=template)
        revision = self._revision(changed)
        self._engine.trace(f"rollout {key} {revision}")
        self._store.put_stateful_set(msgspec.structs.replace(changed, update_revision=revision))
        self._queue.add(key)

    def make_pod(self, stateful_set: StatefulSet, ordinal: int, revision: str, now_ms: int) -> Pod:
        """Return a pod of a set, not stored yet; each time another one under the same name."""
        key, name = stateful_set.key, pod_name(stateful_set.name, ordinal)
        self._made[key] += 1
        template = self._templates[key][revision]
        entity = f"{stateful_set.namespace}/{name}/{self._made[key]}"
        return Pod(
            namespace=stateful_set.namespace,
            name=name,
            uid=f"{self._seeds.draw('pod/uid', entity):016x}",
            spec=template.spec,
            labels=template.labels,
            annotations=template.annotations,
            created_ms=now_ms,
            owner=OwnerReference("StatefulSet", stateful_set.name, stateful_set.uid),
        )

    def _revision(self, stateful_set: StatefulSet) -> str:
        """Return the revision of a set's template, remembered with what pods of it are made from.

        As in Kubernetes the name of a revision begins with that of its set.
        """
        revision = f"{stateful_set.name}-{template_hash(stateful_set.template)}"
        labelled = with_label(stateful_set.template, CONTROLLER_REVISION_HASH, revision)
        self._templates[stateful_set.key].setdefault(revision, labelled)
        return revision

    # ------------------------------------------------------------ the controller

    def _look(self, key: str) -> None:
        self._queue.taken(key)
        if self._calls.get(key, 1) or key in self._ending:
            return  # deleted, or the last call's end asks for the next look
        stateful_set, now_ms = self._store.stateful_sets[key], self._engine.now_ms
        pods = [self._store.pods[uid] for uid in self._pods[key]]
        step = reconcile(stateful_set, pods, now_ms)
        self._carry_out(key, step)
        if not step.is_rest:
            return
        self._look_when_available(stateful_set, pods)
        replicas = members(stateful_set, pods).replicas
        updating = stateful_set.current_revision != stateful_set.update_revision
        if updating and is_updated(stateful_set, replicas):
            self._engine.trace(f"rollout {key} complete")
            self._store.put_stateful_set(
                msgspec.structs.replace(stateful_set, current_revision=stateful_set.update_revision)
            )

    def _carry_out(self, key: str, step: StatefulStep) -> None:
        for new in step.create:
            name = pod_name(self._store.stateful_sets[key].name, new.ordinal)
            if f"{key.partition('/')[0]}/{name}" in self._store.lone_pods:
                self._queue.add_at(key, self._engine.now_ms + NAME_TAKEN_MS)
                continue
            self._call(key, self._create, new.ordinal, new.revision)
        for pod in step.delete:
            self._call(key, self._remove, pod.uid)

    def _look_when_available(self, stateful_set: StatefulSet, pods: list[Pod]) -> None:
        """Pods that are Ready but not available yet are waited for."""
        now_ms = self._engine.now_ms
        times = (available_from_ms(pod, stateful_set.min_ready_seconds) for pod in pods)
        coming = [at_ms for at_ms in times if at_ms is not None and at_ms > now_ms]
        if coming:
            self._queue.add_at(stateful_set.key, min(coming))

    def _call(self, key: str, run: Callable[..., None], *args: object) -> None:
        self._calls[key] += 1
        at_ms = self._rate.reserve(self._engine.now_ms)
        self._engine.at(at_ms, EventClass.WORLD, self._called, key, run, args)

    def _called(self, key: str, run: Callable[..., None], args: tuple[object, ...]) -> None:
        if key not in self._calls:
            return  # the set was deleted meanwhile, and its pods with it
        self._calls[key] = max(0, self._calls[key] - 1)
        if key not in self._ending:
            run(key, *args)
        if self._calls[key] == 0:
            self._queue.add(key)

    def _create(self, key: str, ordinal: int, revision: str) -> None:
        stateful_set = self._store.stateful_sets[key]
        self._store.create_pod(self.make_pod(stateful_set, ordinal, revision, self._engine.now_ms))

    def _remove(self, key: str, uid: str) -> None:
        pod = self._store.pods.get(uid)
        if pod is not None and pod.deletion_ms is None:
            self._delete(pod)

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        pod = new if new is not None else old
        if pod is None or pod.owner is None or pod.owner.kind != "StatefulSet":
            return
        key = f"{pod.namespace}/{pod.owner.name}"
        pods = self._pods.get(key)
        if pods is None:
            return
        if new is None:
            pods.pop(pod.uid, None)
        else:
            pods[new.uid] = None
        self._queue.add(key)
