"""Who is unavailable, and for how long: exact, kept at every change of a pod.

Unavailable is what an application lacks of its wanted replicas: pods that are not Ready and pods
that are not created yet, as in `kube_deployment_status_replicas_unavailable`
(https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/, v1.36,
unavailableReplicas). States that last for no time at all do not count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from kingtide.kube.pods import Pod
from kingtide.twin.cluster.store import Store
from kingtide.twin.engine import Engine


class Tally(msgspec.Struct):
    """Counts of one application or priority class, and their worst moments since recording began.

    `pods` exist and nobody is deleting them, `wanted` are the replicas of the Deployment or
    StatefulSet; a Job wants the pods it has and lacks those that wait or start. A class adds up
    its applications: what one has too many makes up for nothing another lacks. `stretch_ms` figures
    are unbroken times with at least one unavailable pod; `pod_ms` adds up all pods.
    """

    wanted: int = 0
    pods: int = 0
    available: int = 0
    bound: int = 0
    pending: int = 0
    unavailable: int = 0
    max_unavailable: int = 0
    max_unavailable_at_ms: int = 0
    longest_stretch_ms: int = 0
    longest_stretch_from_ms: int = 0
    unavailable_pod_ms: int = 0
    since_ms: int | None = None
    changed_ms: int = 0


class PodStart(msgspec.Struct, frozen=True, gc=False):
    """A pod's way from creation to Ready; milliseconds since the epoch."""

    application: str
    created_ms: int
    bound_ms: int
    ready_ms: int


class Availability:
    """Tallies by application (`namespace/name`) and by priority class, and every pod's start.

    `longest_pending_ms` is by priority class: the longest time from a pod's creation until it was
    bound, given up, or (after `settle`) now.
    """

    def __init__(
        self, engine: Engine, store: Store, class_of: Mapping[str, str], record_from_ms: int
    ) -> None:
        self.applications: dict[str, Tally] = {key: Tally() for key in class_of}
        self.classes: dict[str, Tally] = {name: Tally() for name in class_of.values()}
        self.pod_starts: list[PodStart] = []
        self.longest_pending_ms: dict[str, int] = dict.fromkeys(self.classes, 0)
        self._class_of = class_of
        self._listeners: list[Callable[[str], None]] = []
        self._engine = engine
        self._store = store
        self._record_from_ms = record_from_ms
        self._waiting: dict[str, tuple[str, int]] = {}
        """Priority class and creation of every pod without a node, by uid."""
        self._bound_ms: dict[str, int] = {}
        """When pods that are not Ready yet were bound, by uid."""
        store.on_pods(self._on_pod, heeds_refusals=False, counts_owners=True)
        store.on_wanted(self._on_wanted)

    def on_change(self, listener: Callable[[str], None]) -> None:
        """Tell a listener the key of an application of which a count changed."""
        self._listeners.append(listener)

    def settle(self) -> None:
        """Account for the time up to now, before figures are read."""
        for tally in (*self.applications.values(), *self.classes.values()):
            self._account(tally)
        for uid in self._waiting:
            self._waited(uid)

    def _on_wanted(self, key: str, replicas: int) -> None:
        tally = self.applications.get(key)
        if tally is not None and tally.wanted != replicas:
            self._change(key, replicas - tally.wanted, (0, 0, 0), (0, 0, 0))

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        pod = new if new is not None else old
        key = None if pod is None else self._store.application_of(pod)
        if pod is None or key is None or key not in self._class_of:
            return
        before = _ABSENT if old is None else _state(old)
        after = _ABSENT if new is None else _state(new)
        if before is not after:
            is_job = pod.owner is not None and pod.owner.kind == "Job"
            self._change(key, after[0] - before[0] if is_job else 0, before, after)
        self._follow(key, old, new, pod.uid)

    def _follow(self, key: str, old: Pod | None, new: Pod | None, uid: str) -> None:
        if uid in self._waiting and (new is None or new.node_name):
            self._waited(uid)
            del self._waiting[uid]
        if new is None:
            self._bound_ms.pop(uid, None)
        elif not new.node_name:
            self._waiting[uid] = (self._class_of[key], new.created_ms)
        elif old is not None and not old.node_name:
            self._bound_ms[uid] = self._engine.now_ms
        elif new.is_ready and uid in self._bound_ms:
            bound_ms = self._bound_ms.pop(uid)
            if new.created_ms >= self._record_from_ms:
                start = PodStart(key, new.created_ms, bound_ms, self._engine.now_ms)
                self.pod_starts.append(start)

    def _waited(self, uid: str) -> None:
        class_name, created_ms = self._waiting[uid]
        now_ms = self._engine.now_ms
        if now_ms >= self._record_from_ms:
            longest_ms = self.longest_pending_ms[class_name]
            self.longest_pending_ms[class_name] = max(longest_ms, now_ms - created_ms)

    def _account(self, tally: Tally) -> None:
        """Take in the time since the last change, in which nothing changed."""
        if tally.changed_ms == self._engine.now_ms:
            return
        from_ms = max(tally.changed_ms, self._record_from_ms)
        now_ms = tally.changed_ms = max(self._engine.now_ms, self._record_from_ms)
        unavailable = tally.unavailable
        if now_ms == from_ms:
            return
        if unavailable == 0:
            tally.since_ms = None
            return
        tally.unavailable_pod_ms += unavailable * (now_ms - from_ms)
        if unavailable > tally.max_unavailable:
            tally.max_unavailable = unavailable
            tally.max_unavailable_at_ms = from_ms
        since_ms = from_ms if tally.since_ms is None else max(tally.since_ms, self._record_from_ms)
        if now_ms - since_ms > tally.longest_stretch_ms:
            tally.longest_stretch_ms = now_ms - since_ms
            tally.longest_stretch_from_ms = since_ms

    def _change(self, key: str, wanted: int, before: _State, after: _State) -> None:
        application = self.applications[key]
        lacked = application.unavailable
        both = (application, self.classes[self._class_of[key]])
        pods, available, bound = after[0] - before[0], after[1] - before[1], after[2] - before[2]
        for tally in both:
            self._account(tally)
            tally.wanted += wanted
            tally.pods += pods
            tally.available += available
            tally.bound += bound
            tally.pending = tally.pods - tally.bound
        for listener in self._listeners:
            listener(key)
        lacks = max(0, application.wanted - application.available)
        for tally in both:
            tally.unavailable += lacks - lacked
            if tally.unavailable and tally.since_ms is None:
                tally.since_ms = self._engine.now_ms


_State = tuple[int, int, int]

_ABSENT = (0, 0, 0)
_WAITS = (1, 0, 0)
_STARTS = (1, 0, 1)
_SERVES = (1, 1, 1)


def _state(pod: Pod) -> _State:
    """(exists, available, bound) of a pod as 0 or 1; one being deleted no longer counts."""
    if pod.deletion_ms is not None or pod.is_terminal:
        return _ABSENT
    if not pod.node_name:
        return _WAITS
    return _SERVES if pod.is_ready else _STARTS
