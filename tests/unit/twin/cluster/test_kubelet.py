import pytest

from kingtide.twin.cluster.kubelet import Kubelets, PodBehaviour
from kingtide.twin.latencies import constant
from tests.twin.worlds import START_MS, spec
from tests.unit.twin.cluster.parts import (
    PULL_MS,
    REPORT_MS,
    START_CONTAINERS_MS,
    STOP_MS,
    Parts,
)

RUNS_AFTER_MS = PULL_MS + START_CONTAINERS_MS + REPORT_MS
READY_AFTER_MS = 10_000
SLOW = PodBehaviour(constant(READY_AFTER_MS, "test"), constant(20_000, "test"))


def kubelets(parts: Parts, behaviour: PodBehaviour | None = None) -> None:
    behaviours = {} if behaviour is None else {"ReplicaSet/test/api": behaviour}
    Kubelets(parts.engine, parts.store, parts.seeds, parts.latencies, behaviours, parts.machines)


def test_a_bound_pod_is_pulled_started_and_reported() -> None:
    parts = Parts()
    kubelets(parts)
    parts.add_pod("a", "n1")
    parts.after(RUNS_AFTER_MS - 1)
    assert parts.pod("a").phase == "Pending"
    parts.after(RUNS_AFTER_MS)
    pod = parts.pod("a")
    assert (pod.phase, pod.is_ready, pod.started_ms) == ("Running", True, START_MS)


def test_a_pod_without_a_node_waits() -> None:
    parts = Parts()
    kubelets(parts)
    pod = parts.add_pod("a")
    parts.after(60_000)
    assert parts.pod("a").phase == "Pending"
    parts.store.update_pod(pod, node_name="n1")
    parts.after(60_000 + RUNS_AFTER_MS)
    assert parts.pod("a").is_ready
    assert parts.pod("a").started_ms == START_MS + 60_000


def test_a_slow_application_runs_before_it_is_ready() -> None:
    parts = Parts()
    kubelets(parts, SLOW)
    parts.add_pod("a", "n1")
    parts.after(RUNS_AFTER_MS + READY_AFTER_MS - 1)
    pod = parts.pod("a")
    assert pod.phase == "Running"
    assert pod.ready is not None
    assert (pod.ready.status, pod.ready.since_ms) == ("False", START_MS)
    parts.after(RUNS_AFTER_MS + READY_AFTER_MS)
    ready = parts.pod("a").ready
    assert ready is not None
    assert (ready.status, ready.since_ms) == ("True", START_MS + RUNS_AFTER_MS + READY_AFTER_MS)


@pytest.mark.parametrize(
    ("behaviour", "grace_seconds", "gone_after_ms"),
    [
        pytest.param(None, 30, STOP_MS + REPORT_MS, id="it ends by itself"),
        pytest.param(SLOW, 30, 20_000 + REPORT_MS, id="it ends slowly by itself"),
        pytest.param(SLOW, 5, 5_000 + REPORT_MS, id="it is killed after its grace"),
    ],
)
def test_a_deleted_pod_ends(
    behaviour: PodBehaviour | None, grace_seconds: int, gone_after_ms: int
) -> None:
    parts = Parts()
    kubelets(parts, behaviour)
    pod = parts.add_pod("a", "n1", ready=True, pod_spec=spec(1, grace_seconds=grace_seconds))
    parts.deletion.delete(pod)
    parts.after(gone_after_ms - 1)
    assert "a" in parts.store.pods
    parts.after(gone_after_ms)
    assert parts.store.pods == {}


def test_a_pod_whose_containers_have_not_started_ends_at_once_and_never_starts() -> None:
    parts = Parts()
    kubelets(parts, SLOW)
    pod = parts.add_pod("a", "n1")
    parts.after(1_000)
    parts.deletion.delete(pod)
    parts.after(1_000 + REPORT_MS)
    assert parts.store.pods == {}
    parts.after(60_000)
    assert parts.store.pods == {}


def test_a_pod_deleted_before_it_is_ready_never_becomes_ready() -> None:
    parts = Parts()
    kubelets(parts, SLOW)
    parts.add_pod("a", "n1")
    parts.after(RUNS_AFTER_MS)
    parts.deletion.delete(parts.pod("a"))
    parts.after(RUNS_AFTER_MS + READY_AFTER_MS)
    assert not parts.pod("a").is_ready


def test_a_shortened_grace_kills_earlier() -> None:
    parts = Parts()
    kubelets(parts, SLOW)
    parts.deletion.delete(parts.add_pod("a", "n1", ready=True), 30)
    parts.after(2_000)
    parts.deletion.delete(parts.pod("a"), 3)
    parts.after(3_000 + REPORT_MS)
    assert parts.store.pods == {}
    parts.after(60_000)


def test_on_a_machine_that_is_down_nothing_starts() -> None:
    parts = Parts()
    kubelets(parts)
    parts.add_pod("a", "n1")
    parts.after(1_000)
    parts.machines.stop("n1")
    parts.after(60_000)
    assert parts.pod("a").phase == "Pending"


def test_on_a_machine_that_is_down_nothing_becomes_ready() -> None:
    parts = Parts()
    kubelets(parts, SLOW)
    parts.add_pod("a", "n1")
    parts.after(RUNS_AFTER_MS)
    parts.machines.stop("n1")
    parts.after(60_000)
    assert not parts.pod("a").is_ready


def test_a_pod_evicted_from_a_machine_that_is_down_stays_terminating() -> None:
    parts = Parts()
    kubelets(parts)
    pod = parts.add_pod("a", "n1", ready=True)
    parts.machines.stop("n1")
    parts.deletion.delete(pod)
    parts.after(600_000)
    assert parts.pod("a").deletion_ms == START_MS
