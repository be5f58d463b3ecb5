"""Which pod is tried next, and when a pod that found no place is tried again.

Three places as in kube-scheduler: active (to be tried now), back-off (will be tried at a time),
parked (tried, waits for an event that may help). Pods of one shape stand in one line, because all
of them fit or none does.
Source: pkg/scheduler/backend/queue/scheduling_queue.go (v1.36).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

import msgspec

from kingtide.controlplane.scheduling.shape import PodShape

INITIAL_BACKOFF_MS = 1_000
"""podInitialBackoffSeconds of KubeSchedulerConfiguration v1."""
MAX_BACKOFF_MS = 10_000
"""podMaxBackoffSeconds of KubeSchedulerConfiguration v1."""
MAX_PARKED_MS = 300_000
"""DefaultPodMaxInUnschedulablePodsDuration: 5 minutes, then a pod is tried without an event."""


class QueuedPod(msgspec.Struct, gc=False):
    """A pod in the queue.

    `attempts` counts the times it was tried, `entered_ms` is when it last became active.

    `place` is `active`, `backoff`, `parked` or `taken` (popped, being tried).
    """

    uid: str
    shape: PodShape
    entered_ms: int
    sequence: int
    attempts: int = 0
    place: str = "active"
    since_ms: int = 0


class SchedulingQueue:
    """Pending pods in the order in which they are tried: priority, then time, then arrival."""

    def __init__(
        self,
        *,
        initial_backoff_ms: int = INITIAL_BACKOFF_MS,
        max_backoff_ms: int = MAX_BACKOFF_MS,
        max_parked_ms: int = MAX_PARKED_MS,
    ) -> None:
        self._initial_backoff_ms = initial_backoff_ms
        self._max_backoff_ms = max_backoff_ms
        self._max_parked_ms = max_parked_ms
        self._pods: dict[str, QueuedPod] = {}
        self._lines: dict[int, list[tuple[int, int, str]]] = {}
        self._heads: list[tuple[int, int, int, int]] = []
        self._backoff: list[tuple[int, int, str]] = []
        self._parked: dict[int, dict[str, QueuedPod]] = {}
        self._parked_since: list[tuple[int, int, str]] = []
        self._sequence = 0

    def __len__(self) -> int:
        return len(self._pods)

    def __contains__(self, uid: str) -> bool:
        return uid in self._pods

    def add(self, uid: str, shape: PodShape, now_ms: int) -> None:
        """Put a new pending pod into the active queue; a known uid keeps its place."""
        if uid not in self._pods:
            pod = QueuedPod(uid, shape, now_ms, 0)
            self._pods[uid] = pod
            self._activate(pod, now_ms)

    def remove(self, uid: str) -> None:
        """Forget a pod that was bound elsewhere or deleted; an unknown uid is ignored."""
        pod = self._pods.pop(uid, None)
        if pod is not None and pod.place == "parked":
            self._unpark(pod)

    def pop(self, now_ms: int) -> QueuedPod | None:
        """Return the next pod to try, None when none is active.

        It stays known until `done`, `remove` or `park` is told.
        """
        self.advance(now_ms)
        while self._heads:
            _, entered_ms, sequence, index = heapq.heappop(self._heads)
            line = self._lines[index]
            if not line or line[0][:2] != (entered_ms, sequence):
                continue
            _, _, uid = heapq.heappop(line)
            self._push_head(index)
            pod = self._pods.get(uid)
            if pod is not None and pod.place == "active" and pod.sequence == sequence:
                pod.place = "taken"
                pod.attempts += 1
                return pod
        return None

    def done(self, uid: str) -> None:
        """Forget a pod that got its node."""
        self._pods.pop(uid, None)

    def park(self, pod: QueuedPod, now_ms: int) -> None:
        """Set a tried pod aside until an event may help it."""
        pod.place = "parked"
        pod.since_ms = now_ms
        self._parked.setdefault(pod.shape.index, {})[pod.uid] = pod
        heapq.heappush(self._parked_since, (now_ms, pod.sequence, pod.uid))

    def park_shape(self, shape: PodShape, now_ms: int) -> tuple[str, ...]:
        """Park every active pod of a shape, each as one attempt, and return their uids in order."""
        line = self._lines.get(shape.index)
        if not line:
            return ()
        parked: list[str] = []
        for _, sequence, uid in sorted(line):
            pod = self._pods.get(uid)
            if pod is not None and pod.place == "active" and pod.sequence == sequence:
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
            pods = self._parked[index]
            first = next(iter(pods.values()))
            if helps is None or helps(first.shape):
                for pod in list(pods.values()):
                    self._retry(pod, now_ms)
                    woken += 1
        return woken

    def advance(self, now_ms: int) -> None:
        """Activate pods whose back-off is over and wake those parked too long."""
        while self._parked_since and self._parked_since[0][0] + self._max_parked_ms <= now_ms:
            since_ms, _, uid = heapq.heappop(self._parked_since)
            pod = self._pods.get(uid)
            if pod is not None and pod.place == "parked" and pod.since_ms == since_ms:
                self._retry(pod, now_ms)
        while self._backoff and self._backoff[0][0] <= now_ms:
            ready_ms, sequence, uid = heapq.heappop(self._backoff)
            pod = self._pods.get(uid)
            if pod is not None and pod.place == "backoff" and pod.sequence == sequence:
                self._activate(pod, ready_ms)

    def next_wake_ms(self) -> int | None:
        """Return when `advance` has something to do next, None when only an event can help."""
        times: list[int] = []
        while self._backoff:
            ready_ms, sequence, uid = self._backoff[0]
            pod = self._pods.get(uid)
            if pod is not None and pod.place == "backoff" and pod.sequence == sequence:
                times.append(ready_ms)
                break
            heapq.heappop(self._backoff)
        while self._parked_since:
            since_ms, _, uid = self._parked_since[0]
            pod = self._pods.get(uid)
            if pod is not None and pod.place == "parked" and pod.since_ms == since_ms:
                times.append(since_ms + self._max_parked_ms)
                break
            heapq.heappop(self._parked_since)
        return min(times, default=None)

    def has_active(self) -> bool:
        """Return whether some pod may be tried now."""
        return any(
            pod is not None and pod.place == "active" and pod.sequence == sequence
            for line in self._lines.values()
            for _, sequence, uid in line
            for pod in (self._pods.get(uid),)
        )

    def backoff_ms(self, attempts: int) -> int:
        """Return how long a pod waits after its nth failed attempt: doubling from the first."""
        delay_ms = self._initial_backoff_ms
        for _ in range(attempts - 1):
            delay_ms *= 2
            if delay_ms >= self._max_backoff_ms:
                return self._max_backoff_ms
        return min(delay_ms, self._max_backoff_ms)

    def _retry(self, pod: QueuedPod, now_ms: int) -> None:
        self._unpark(pod)
        ready_ms = pod.since_ms + self.backoff_ms(pod.attempts)
        if ready_ms <= now_ms:
            self._activate(pod, now_ms)
        else:
            pod.place = "backoff"
            heapq.heappush(self._backoff, (ready_ms, pod.sequence, pod.uid))

    def _unpark(self, pod: QueuedPod) -> None:
        pods = self._parked[pod.shape.index]
        del pods[pod.uid]
        if not pods:
            del self._parked[pod.shape.index]

    def _activate(self, pod: QueuedPod, now_ms: int) -> None:
        self._sequence += 1
        pod.place = "active"
        pod.entered_ms = now_ms
        pod.sequence = self._sequence
        line = self._lines.setdefault(pod.shape.index, [])
        entry = (now_ms, pod.sequence, pod.uid)
        heapq.heappush(line, entry)
        if line[0] is entry:
            self._push_head(pod.shape.index)

    def _push_head(self, index: int) -> None:
        line = self._lines[index]
        if line:
            entered_ms, sequence, uid = line[0]
            pod = self._pods.get(uid)
            priority = pod.shape.priority if pod is not None else 0
            heapq.heappush(self._heads, (-priority, entered_ms, sequence, index))
