"""The kubelets: pull, start, become ready, stop. One table of behaviours for all nodes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import msgspec

from kingtide.kube.pods import Condition, Pod
from kingtide.twin.cluster.image_pulls import ImagePulls
from kingtide.twin.cluster.machines import Machines
from kingtide.twin.cluster.store import Store
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.latencies import Latency, LatencyTable
from kingtide.twin.seed import SeedTree


class PodBehaviour(msgspec.Struct, frozen=True):
    """How the pods of one owner start and stop.

    None means at once, or the kubelet's own for stopping. `runs_for` is how long a pod works from
    its containers' start until they end by themselves, None for pods that never do; `fail_percent`
    of those that end do so in failure.
    """

    ready_after: Latency | None = None
    stops_after: Latency | None = None
    runs_for: Latency | None = None
    fail_percent: int = 0


_PROMPT = PodBehaviour()


class Kubelets:
    """Runs every bound pod. `behaviours` is by `kind/namespace/name` of the pod's owner.

    On a machine that is down nothing happens any more: its pods stay as they are, also those being
    deleted, until their node is removed.
    """

    def __init__(
        self,
        engine: Engine,
        store: Store,
        seeds: SeedTree,
        latencies: LatencyTable,
        behaviours: Mapping[str, PodBehaviour],
        machines: Machines,
    ) -> None:
        self._engine = engine
        self._store = store
        self._seeds = seeds
        self._latencies = latencies
        self._behaviours = dict(behaviours)
        self._machines = machines
        self._report_ms = latencies.draw_ms("kubelet.report_status", "kubelet")
        self.pulls: ImagePulls | None = None
        """Where images are pulled through; None: as `kubelet.pull_image` says."""
        store.on_pods(self._on_pod, heeds_refusals=False)

    def behave(self, owner: str, behaviour: PodBehaviour) -> None:
        """Have the pods of an owner (`kind/namespace/name`) behave so, unless it is known how."""
        self._behaviours.setdefault(owner, behaviour)

    def pull_through(self, pulls: ImagePulls | None) -> None:
        """Have pods that start from now on pull their images; None: mostly cached again."""
        self.pulls = pulls

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        if new is None:
            return
        if new.deletion_ms is not None:
            if old is None or old.deletion_ms is None:
                self._stop(new)
            elif old.deletion_grace_seconds != new.deletion_grace_seconds:
                self._hurry(new)
        elif new.node_name and new.phase == "Pending" and (old is None or not old.node_name):
            self._start(new)

    def _on_living_node(self, uid: str) -> Pod | None:
        """Return a pod whose kubelet can still do something about it."""
        pod = self._store.pods.get(uid)
        return pod if pod is not None and self._machines.is_up(pod.node_name) else None

    def _behaviour(self, pod: Pod) -> PodBehaviour:
        if pod.owner is None:
            return _PROMPT
        key = f"{pod.owner.kind}/{self._store.application_of(pod)}"
        return self._behaviours.get(key, _PROMPT)

    def _start(self, pod: Pod) -> None:
        if self.pulls is not None:
            image = self._store.application_of(pod) or pod.labels.get("app", pod.name)
            self.pulls.pull(pod.node_name, image, partial(self._pulled, pod, self._engine.now_ms))
            return
        delay_ms = self._latencies.draw_ms("kubelet.pull_image", pod.uid)
        delay_ms += self._latencies.draw_ms("kubelet.start_containers", pod.uid)
        started_ms = self._engine.now_ms
        self._engine.after(
            delay_ms + self._report_ms, EventClass.WORLD, self._started, pod.uid, started_ms
        )

    def _pulled(self, pod: Pod, started_ms: int) -> None:
        delay_ms = self._latencies.draw_ms("kubelet.start_containers", pod.uid) + self._report_ms
        self._engine.after(delay_ms, EventClass.WORLD, self._started, pod.uid, started_ms)

    def _started(self, uid: str, started_ms: int) -> None:
        pod = self._on_living_node(uid)
        if pod is None or pod.deletion_ms is not None:
            return
        now_ms = self._engine.now_ms
        behaviour = self._behaviour(pod)
        if behaviour.runs_for is not None:
            works_ms = behaviour.runs_for.at(self._seeds.below(1_000_001, "pod/runs_for", uid))
            self._engine.after(works_ms, EventClass.WORLD, self._ended, uid)
        ready_after = behaviour.ready_after
        if ready_after is None:
            self._store.update_pod(
                pod, phase="Running", started_ms=started_ms, ready=Condition("True", now_ms)
            )
            return
        self._store.update_pod(
            pod, phase="Running", started_ms=started_ms, ready=Condition("False", started_ms)
        )
        position = self._seeds.below(1_000_001, "pod/ready_after", uid)
        self._engine.after(ready_after.at(position), EventClass.WORLD, self._ready, uid)

    def _ready(self, uid: str) -> None:
        pod = self._on_living_node(uid)
        if pod is None or pod.deletion_ms is not None or pod.phase != "Running":
            return
        if pod.ready is not None and pod.ready.reason:
            return  # killed meanwhile
        self._store.update_pod(pod, ready=Condition("True", self._engine.now_ms))

    def start_again(self, uid: str) -> None:
        """Start the containers of a pod that were killed; the image is there already."""
        pod = self._on_living_node(uid)
        if pod is None or pod.deletion_ms is not None or pod.is_terminal:
            return
        now_ms = self._engine.now_ms
        ready_after = self._behaviour(pod).ready_after
        if ready_after is None:
            self._store.update_pod(pod, ready=Condition("True", now_ms))
            return
        self._store.update_pod(pod, ready=Condition("False", now_ms))
        position = self._seeds.below(1_000_001, "pod/ready_after", f"{uid}/{now_ms}")
        self._engine.after(
            ready_after.at(position), EventClass.WORLD, self._ready_since, uid, now_ms
        )

    def _ready_since(self, uid: str, since_ms: int) -> None:
        """The containers that started again at a time are ready, unless they were killed since."""
        pod = self._on_living_node(uid)
        if pod is not None and pod.ready == Condition("False", since_ms):
            self._ready(uid)

    def _ended(self, uid: str) -> None:
        """The containers have done their work, well or not."""
        pod = self._on_living_node(uid)
        if pod is None or pod.deletion_ms is not None or pod.phase != "Running":
            return
        failed = self._seeds.below(100, "pod/fails", uid) < self._behaviour(pod).fail_percent
        self._store.update_pod(
            pod,
            phase="Failed" if failed else "Succeeded",
            ready=Condition(
                "False", self._engine.now_ms, "PodFailed" if failed else "PodCompleted"
            ),
        )

    def _stop(self, pod: Pod) -> None:
        """SIGTERM, the application's own end or SIGKILL after the grace, then the last report."""
        started = pod.phase != "Pending"
        stop_ms = min(self._stops_after_ms(pod), _grace_ms(pod)) if started else 0
        self._engine.after(stop_ms + self._report_ms, EventClass.WORLD, self._stopped, pod.uid)

    def _hurry(self, pod: Pod) -> None:
        """The grace was shortened: SIGKILL comes earlier."""
        kill_ms = (pod.deletion_ms or 0) + _grace_ms(pod)
        self._engine.at(kill_ms + self._report_ms, EventClass.WORLD, self._stopped, pod.uid)

    def _stops_after_ms(self, pod: Pod) -> int:
        stops_after = self._behaviour(pod).stops_after
        if stops_after is None:
            return self._latencies.draw_ms("kubelet.stop_containers", pod.uid)
        return stops_after.at(self._seeds.below(1_000_001, "pod/stops_after", pod.uid))

    def _stopped(self, uid: str) -> None:
        pod = self._on_living_node(uid)
        if pod is not None:
            self._store.delete_pod(pod)


def _grace_ms(pod: Pod) -> int:
    return 1000 * (pod.deletion_grace_seconds or 0)
