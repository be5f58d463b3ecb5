"""Which pod is tried next, and when a pod that found no place is tried again.

Three places as in kube-scheduler: active (to be tried now), back-off (to be tried at a time),
parked (tried; waits for an event that may help). Pods of one shape stand in one line, because all
of them fit or none does. Source: pkg/scheduler/backend/queue/scheduling_queue.go and
backoff_queue.go (v1.36).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Literal

import msgspec

from kingtide.controlplane.scheduling.shape import PodShape

INITIAL_BACKOFF_MS = 1_000
"""podInitialBackoffSeconds of KubeSchedulerConfiguration v1."""
MAX_BACKOFF_MS = 10_000
"""podMaxBackoffSeconds of KubeSchedulerConfiguration v1."""
MAX_PARKED_MS = 300_000
"""DefaultPodMaxInUnschedulablePodsDuration: 5 minutes, then a pod is tried without an event."""

Place = Literal["active", "backoff", "parked", "taken"]


class QueuedPod(msgspec.Struct, gc=False):
    """A pod in the queue.

    `attempts` counts the times it was tried, `entered_ms` is when it last became active, `since_ms`
    when it was last parked. `taken` is a pod that is being tried.
    """

    uid: str
    shape: PodShape
    entered_ms: int
    sequence: int
    attempts: int = 0
    place: Place = "active"
    since_ms: int = 0


class SchedulingQueue:
    """Pending pods in the order in which they are tried: priority, then time, then arrival.

    `pops_from_backoff` takes pods before their back-off is over when nobody else is active, as
    kube-scheduler does since v1.33 (SchedulerPopFromBackoffQ); before, everybody waited.
    """

    def __init__(
        self,
        *,
        initial_backoff_ms: int = INITIAL_BACKOFF_MS,
        max_backoff_ms: int = MAX_BACKOFF_MS,
        max_parked_ms: int = MAX_PARKED_MS,
        pops_from_backoff: bool = False,
    ) -> None:
        self._initial_backoff_ms = initial_backoff_ms
        self._max_backoff_ms = max_backoff_ms
        self._max_parked_ms = max_parked_ms
        self._pops_from_backoff = pops_from_backoff
        self._pods: dict[str, QueuedPod] = {}
        self._lines: dict[int, list[tuple[int, int, str]]] = {}
        self._heads: list[tuple[int, int, int, int]] = []
        self._backoff: list[tuple[int, int, str]] = []
        self._parked: dict[int, dict[str, QueuedPod]] = {}
        self._parked_since: list[tuple[int, int, str]] = []
        self._sequence = 0
        self._active = 0

    def __len__(self) -> int:
        return len(self._pods)

    def __contains__(self, uid: str) -> bool:
        return uid in self._pods

    @property
    def active_count(self) -> int:
        """The number of pods that may be tried now."""
        return self._active

    @property
    def parked_count(self) -> int:
        """The number of shapes with pods that wait for an event."""
        return len(self._parked)

    def add(self, uid: str, shape: PodShape, now_ms: int) -> None:
        """Put a new pending pod into the active queue; a known uid keeps its place."""
        if uid not in self._pods:
            pod = QueuedPod(uid, shape, now_ms, 0)
            self._pods[uid] = pod
            self._activate(pod, now_ms)

    def remove(self, uid: str) -> None:
        """Forget a pod that was bound elsewhere or deleted; an unknown uid is ignored."""
        pod = self._pods.pop(uid, None)
        if pod is not None:
            if pod.place == "parked":
                self._unpark(pod)
            self._leave(pod, "taken")

    def pop(self, now_ms: int) -> QueuedPod | None:
        """Return the next pod to try, None when none is active.

        It stays known until `done`, `remove` or `park` is told.
        """
        if self._parked_since or self._backoff:
            self.advance(now_ms)
        if self._pops_from_backoff and not self._active:
            self._activate_next(now_ms)
        # Written out, because this runs for every attempt.
        heads, pods = self._heads, self._pods
        while heads:
            precedence, _, sequence, index = heads[0]
            line = self._lines[index]
            if not line or line[0][1] != sequence:
                heapq.heappop(heads)  # an earlier pod has come to the head of its line
                continue
            uid = heapq.heappop(line)[2]
            if line:
                # It may be out of date; then it is found so when its turn comes.
                entered_ms, following, _ = line[0]
                heapq.heapreplace(heads, (precedence, entered_ms, following, index))
            else:
                heapq.heappop(heads)
            pod = pods.get(uid)
            if pod is not None and pod.sequence == sequence and pod.place == "active":
                self._active -= 1
                pod.place = "taken"
                pod.attempts += 1
                return pod
        return None

    def done(self, uid: str) -> None:
        """Forget a pod that got its node."""
        pod = self._pods.get(uid)
        if pod is not None and pod.place == "taken":
            del self._pods[uid]
        else:
            self.remove(uid)

    def park(self, pod: QueuedPod, now_ms: int) -> None:
        """Set a tried pod aside until an event may help it."""
        self._leave(pod, "parked")
        pod.since_ms = now_ms
        self._parked.setdefault(pod.shape.index, {})[pod.uid] = pod
        heapq.heappush(self._parked_since, (now_ms, pod.sequence, pod.uid))

    def park_shape(self, shape: PodShape, now_ms: int) -> tuple[str, ...]:
        """Park every active pod of a shape, each as one attempt, and return their uids in order."""
        line = self._lines.get(shape.index, [])
        parked: list[str] = []
        for _, sequence, uid in sorted(line):
            pod = self._current(uid, sequence, "active")
            if pod is not None:
                pod.attempts += 1
                self.park(pod, now_ms)
                parked.append(uid)
        line.clear()
        return tuple(parked)

    def wake(self, now_ms: int, helps: Callable[[PodShape], bool] | None = None) -> int:
        """Move parked pods that an event may help to back-off or active, and return how many.

        `helps` None wakes all.
        """
        woken = 0
        for index in list(self._parked):
            pods = list(self._parked[index].values())
            if helps is None or helps(pods[0].shape):
                for pod in pods:
                    self._retry(pod, now_ms)
                woken += len(pods)
        return woken

    def advance(self, now_ms: int) -> None:
        """Activate pods whose back-off is over and wake those parked too long."""
        while self._parked_since and self._parked_since[0][0] + self._max_parked_ms <= now_ms:
            since_ms, sequence, uid = heapq.heappop(self._parked_since)
            pod = self._current(uid, sequence, "parked")
            if pod is not None and pod.since_ms == since_ms:
                self._retry(pod, now_ms)
        while self._backoff and self._backoff[0][0] <= now_ms:
            ready_ms, sequence, uid = heapq.heappop(self._backoff)
            pod = self._current(uid, sequence, "backoff")
            if pod is not None:
                self._activate(pod, ready_ms)

    def next_wake_ms(self) -> int | None:
        """Return when `advance` has something to do next, None when only an event can help."""
        self._drop_stale()
        times = [self._backoff[0][0]] if self._backoff else []
        if self._parked_since:
            times.append(self._parked_since[0][0] + self._max_parked_ms)
        return min(times, default=None)

    def backoff_ms(self, attempts: int) -> int:
        """Return how long a pod waits after its nth failed attempt: doubling from the first."""
        delay_ms = self._initial_backoff_ms
        for _ in range(attempts - 1):
            delay_ms *= 2
            if delay_ms >= self._max_backoff_ms:
                break
        return min(delay_ms, self._max_backoff_ms)

    def _current(self, uid: str, sequence: int, place: Place) -> QueuedPod | None:
        """Return the pod that a heap entry is about, None when the entry is out of date."""
        pod = self._pods.get(uid)
        if pod is None or pod.place != place or pod.sequence != sequence:
            return None
        return pod

    def _leave(self, pod: QueuedPod, place: Place) -> None:
        self._active -= pod.place == "active"
        pod.place = place

    def _retry(self, pod: QueuedPod, now_ms: int) -> None:
        self._unpark(pod)
        ready_ms = pod.since_ms + self.backoff_ms(pod.attempts)
        if ready_ms <= now_ms:
            self._activate(pod, now_ms)
        else:
            pod.place = "backoff"
            heapq.heappush(self._backoff, (ready_ms, pod.sequence, pod.uid))

    def _activate_next(self, now_ms: int) -> None:
        """Activate the pod whose back-off ends first, ahead of its time."""
        self._drop_stale()
        if self._backoff:
            self._activate(self._pods[heapq.heappop(self._backoff)[2]], now_ms)

    def _drop_stale(self) -> None:
        """Drop heap entries at the front that are out of date."""
        while self._backoff:
            _, sequence, uid = self._backoff[0]
            if self._current(uid, sequence, "backoff") is not None:
                break
            heapq.heappop(self._backoff)
        while self._parked_since:
            since_ms, sequence, uid = self._parked_since[0]
            pod = self._current(uid, sequence, "parked")
            if pod is not None and pod.since_ms == since_ms:
                return
            heapq.heappop(self._parked_since)

    def _unpark(self, pod: QueuedPod) -> None:
        pods = self._parked[pod.shape.index]
        del pods[pod.uid]
        if not pods:
            del self._parked[pod.shape.index]

    def _activate(self, pod: QueuedPod, now_ms: int) -> None:
        self._sequence += 1
        self._active += 1
        pod.place = "active"
        pod.entered_ms = now_ms
        pod.sequence = self._sequence
        line = self._lines.setdefault(pod.shape.index, [])
        entry = (now_ms, pod.sequence, pod.uid)
        heapq.heappush(line, entry)
        if line[0] is entry:
            head = (-pod.shape.priority, now_ms, pod.sequence, pod.shape.index)
            heapq.heappush(self._heads, head)
