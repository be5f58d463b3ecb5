"""Who is unavailable, and for how long: exact, kept at every change of a pod.

A pod that exists, is not being deleted and is not Ready is unavailable, as in
`kube_deployment_status_replicas_unavailable`.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.kube.pods import Pod
from kingtide.twin.cluster.store import Store
from kingtide.twin.engine import Engine


class Tally(msgspec.Struct):
    """Counts of one application or priority class, and their worst moments since recording began.

    `stretch_ms` figures are unbroken times with at least one unavailable pod; `pod_ms` adds up all
    pods.
    """

    pods: int = 0
    available: int = 0
    bound: int = 0
    pending: int = 0
    max_unavailable: int = 0
    max_unavailable_at_ms: int = 0
    longest_stretch_ms: int = 0
    longest_stretch_from_ms: int = 0
    unavailable_pod_ms: int = 0
    since_ms: int | None = None
    changed_ms: int = 0

    @property
    def unavailable(self) -> int:
        """Pods that exist and are not Ready."""
        return self.pods - self.available


class PodStart(msgspec.Struct, frozen=True, gc=False):
    """A pod's way from creation to Ready; milliseconds since the epoch."""

    application: str
    created_ms: int
    bound_ms: int
    ready_ms: int


class Availability:
    """Tallies by application (`namespace/name`) and by priority class, and every pod's start."""

    def __init__(
        self, engine: Engine, store: Store, class_of: Mapping[str, str], record_from_ms: int
    ) -> None:
        self.applications: dict[str, Tally] = {key: Tally() for key in class_of}
        self.classes: dict[str, Tally] = {name: Tally() for name in class_of.values()}
        self.pod_starts: list[PodStart] = []
        self.longest_pending_ms: dict[str, int] = dict.fromkeys(self.classes, 0)
        self._class_of = class_of
        self._engine = engine
        self._record_from_ms = record_from_ms
        self._bound_ms: dict[str, int] = {}
        store.on_pods(self._on_pod)

    def settle(self) -> None:
        """Account for the time up to now, before figures are read."""
        for tally in (*self.applications.values(), *self.classes.values()):
            self._account(tally)

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        pod = new if new is not None else old
        if pod is None or pod.owner is None:
            return
        key = f"{pod.namespace}/{pod.owner.name}"
        class_name = self._class_of.get(key)
        if class_name is None or pod.owner.kind != "ReplicaSet":
            return
        before, after = _state(old), _state(new)
        if before != after:
            for tally in (self.applications[key], self.classes[class_name]):
                self._change(tally, before, after)
        if new is not None:
            self._follow(key, class_name, old, new)
        else:
            self._bound_ms.pop(pod.uid, None)

    def _follow(self, key: str, class_name: str, old: Pod | None, new: Pod) -> None:
        now_ms = self._engine.now_ms
        if new.node_name and (old is None or not old.node_name):
            self._bound_ms[new.uid] = now_ms
            if now_ms >= self._record_from_ms:
                waited_ms = now_ms - new.created_ms
                if old is not None and waited_ms > self.longest_pending_ms[class_name]:
                    self.longest_pending_ms[class_name] = waited_ms
        became_ready = new.is_ready and (old is None or not old.is_ready)
        if became_ready and old is not None and new.created_ms >= self._record_from_ms:
            bound_ms = self._bound_ms.get(new.uid, now_ms)
            self.pod_starts.append(PodStart(key, new.created_ms, bound_ms, now_ms))

    def _account(self, tally: Tally) -> None:
        now_ms = max(self._engine.now_ms, self._record_from_ms)
        elapsed_ms = now_ms - max(tally.changed_ms, self._record_from_ms)
        tally.changed_ms = now_ms
        unavailable = tally.unavailable
        if unavailable == 0:
            return
        tally.unavailable_pod_ms += unavailable * elapsed_ms
        if tally.since_ms is not None:
            stretch_ms = now_ms - max(tally.since_ms, self._record_from_ms)
            if stretch_ms > tally.longest_stretch_ms:
                tally.longest_stretch_ms = stretch_ms
                tally.longest_stretch_from_ms = max(tally.since_ms, self._record_from_ms)

    def _change(self, tally: Tally, before: _State, after: _State) -> None:
        self._account(tally)
        tally.pods += after[0] - before[0]
        tally.available += after[1] - before[1]
        tally.bound += after[2] - before[2]
        tally.pending = tally.pods - tally.bound
        unavailable = tally.unavailable
        if unavailable == 0:
            tally.since_ms = None
        elif tally.since_ms is None:
            tally.since_ms = self._engine.now_ms
        if unavailable > tally.max_unavailable and self._engine.now_ms >= self._record_from_ms:
            tally.max_unavailable = unavailable
            tally.max_unavailable_at_ms = self._engine.now_ms


_State = tuple[int, int, int]


def _state(pod: Pod | None) -> _State:
    """(exists, available, bound) of a pod as 0 or 1; one being deleted no longer counts."""
    if pod is None or pod.deletion_ms is not None or pod.is_terminal:
        return (0, 0, 0)
    return (1, 1 if pod.is_ready else 0, 1 if pod.node_name else 0)
