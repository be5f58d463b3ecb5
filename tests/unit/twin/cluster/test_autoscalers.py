import msgspec
import pytest

from kingtide.controlplane.hpa.model import (
    AverageValueTarget,
    Metric,
    ObjectMetric,
    ResourceMetric,
    UtilizationTarget,
    ValueTarget,
)
from kingtide.controlplane.hpa.pods import PodGroup
from kingtide.kube.pods import Condition
from kingtide.twin.cluster.autoscalers import Autoscalers
from kingtide.twin.cluster.metrics import Metrics
from kingtide.twin.cluster.replica_sets import ReplicaSets
from kingtide.twin.cluster.scaled_application import UnsupportedMetric
from kingtide.twin.definition import Application, Autoscaler
from tests.twin.worlds import START_MS, application, autoscaler
from tests.unit.twin.cluster.parts import Parts, deployment

MINUTE_MS = 60_000
CPU = UtilizationTarget(70)


def scaled(*metrics: Metric) -> Application:
    """An application `test/api` with an autoscaler on these metrics."""
    written = autoscaler("api", 1, 10)
    if metrics:
        written = Autoscaler(msgspec.structs.replace(written.spec, metrics=metrics), written.config)
    return application("api", 2, demand=[(0, 1_000)], scaling=written)


class Cluster(Parts):
    """Two pods that were always there, with metrics and their autoscaler."""

    def __init__(self, it: Application) -> None:
        super().__init__()
        self.metrics = Metrics(
            self.engine, self.store, self.seeds, self.latencies, (it,), self.machines
        )
        replica_sets = ReplicaSets(
            self.engine, self.store, self.seeds, self.latencies, self.deletion.delete
        )
        self.autoscalers = Autoscalers(
            self.engine, self.store, self.seeds, self.metrics, replica_sets, self.journal, (it,)
        )
        self.add_node()
        replica_sets.add(deployment(it))
        self.metrics.start()

    def groups(self) -> tuple[PodGroup, ...]:
        application_seen = self.autoscalers.by_key["test/api"]
        return application_seen.groups(self.metrics, self.engine.now_ms)

    def counts(self) -> dict[str, int]:
        """How many pods, by what the autoscaler may know of them."""
        found: dict[str, int] = {}
        for group in self.groups():
            kind: str = "deleting" if group.deleting else group.phase
            if kind == "Running":
                kind = "known" if group.sample is not None else "unknown"
            found[kind] = found.get(kind, 0) + group.count
        return found


def test_pods_are_told_apart_as_the_api_server_and_the_metrics_api_do() -> None:
    cluster = Cluster(scaled())
    cluster.add_pod("known", "n1", ready=True)
    cluster.after(MINUTE_MS)
    cluster.add_pod("pending")
    cluster.add_pod("bound", "n1")
    cluster.add_pod("new", "n1", ready=True)
    cluster.deletion.delete(cluster.add_pod("going", "n1", ready=True))
    assert cluster.counts() == {"Pending": 2, "deleting": 1, "unknown": 1, "known": 1}


def test_settled_pods_are_one_group_whose_usage_is_added_up() -> None:
    cluster = Cluster(scaled())
    for uid in ("a", "b", "c"):
        cluster.add_pod(uid, "n1", ready=True)
    cluster.after(4 * MINUTE_MS)
    assert len(cluster.groups()) == 3
    cluster.after(6 * MINUTE_MS)
    (group,) = cluster.groups()
    assert group.count == 3
    assert group.sample is not None
    assert group.sample.usage_milli_total in (999, 1_000)
    assert group.sample.window_ms == 15_000


def test_a_settled_pod_that_flips_readiness_is_looked_at_alone_again() -> None:
    cluster = Cluster(scaled())
    for uid in ("a", "b"):
        cluster.add_pod(uid, "n1", ready=True)
    cluster.after(6 * MINUTE_MS)
    assert len(cluster.groups()) == 1
    now_ms = cluster.engine.now_ms
    cluster.store.update_pod(cluster.pod("a"), ready=Condition("False", now_ms))
    groups = cluster.groups()
    assert sorted(group.count for group in groups) == [1, 1]
    (alone,) = (group for group in groups if not group.is_ready)
    assert alone.ready == Condition("False", now_ms)
    assert alone.start_ms == START_MS
    cluster.store.update_pod(cluster.pod("a"), ready=Condition("True", now_ms))
    assert [group.count for group in cluster.groups()] == [2]


def test_a_settled_pod_whose_metrics_vanish_is_missing_not_idle() -> None:
    cluster = Cluster(scaled())
    cluster.add_node("n2")
    cluster.add_pod("a", "n1", ready=True)
    cluster.add_pod("b", "n2", ready=True)
    cluster.after(6 * MINUTE_MS)
    cluster.groups()
    cluster.machines.stop("n2")
    cluster.after(7 * MINUTE_MS)
    assert cluster.counts() == {"known": 1, "unknown": 1}


def test_a_settled_pod_that_goes_takes_its_usage_with_it() -> None:
    cluster = Cluster(scaled())
    for uid in ("a", "b"):
        cluster.add_pod(uid, "n1", ready=True)
    cluster.after(6 * MINUTE_MS)
    cluster.groups()
    cluster.store.delete_pod(cluster.pod("a"))
    assert cluster.counts() == {"known": 1}
    cluster.store.delete_pod(cluster.pod("b"))
    assert cluster.groups() == ()


@pytest.mark.parametrize(
    "metric",
    [
        pytest.param(ResourceMetric("memory", CPU), id="memory"),
        pytest.param(ObjectMetric("rps", "Ingress", "web", ValueTarget(1)), id="an object's"),
    ],
)
def test_a_metric_that_is_not_measured_is_refused_when_the_world_is_built(metric: Metric) -> None:
    it = scaled(metric)
    assert it.autoscaler is not None
    with pytest.raises(UnsupportedMetric, match="test/api"):
        Cluster(it)


def test_of_several_cpu_metrics_the_one_that_wants_most_wins() -> None:
    metrics = (ResourceMetric("cpu", CPU), ResourceMetric("cpu", AverageValueTarget(100)))
    cluster = Cluster(scaled(*metrics))
    for uid in ("a", "b"):
        cluster.add_pod(uid, "n1", ready=True)
    cluster.autoscalers.start()
    cluster.after(10 * MINUTE_MS)
    # 1,000 millicores of demand: two pods at 70 %, ten at 100 millicores each.
    assert cluster.store.deployments["test/api"].replicas > 2
    assert cluster.autoscalers.by_key["test/api"].rescales > 0


def test_before_the_first_metrics_nothing_is_evaluated() -> None:
    cluster = Cluster(scaled())
    cluster.autoscalers.start()
    while cluster.metrics.published_at_ms is None:
        assert cluster.autoscalers.evaluations == 0
        cluster.engine.run_until(cluster.engine.now_ms + 100)
    cluster.after(2 * MINUTE_MS)
    assert cluster.autoscalers.evaluations > 0


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        pytest.param((ResourceMetric("cpu", CPU),), 10 * 1_000 * 70 // 100, id="utilisation"),
        pytest.param((ResourceMetric("cpu", AverageValueTarget(250)),), 2_500, id="average value"),
    ],
)
def test_the_trigger_is_the_use_at_the_target(metrics: tuple[Metric, ...], expected: int) -> None:
    autoscalers = Cluster(scaled(*metrics)).autoscalers
    assert autoscalers.trigger_millicores("test/api", 10) == expected
    assert autoscalers.trigger_millicores("test/other", 10) is None


def test_a_fleet_at_rest_is_added_up_once_a_publication_and_worked_out_once_an_answer() -> None:
    it = scaled()
    cluster = Cluster(it)
    for uid in ("a", "b"):
        cluster.add_pod(uid, "n1", ready=True, pod_spec=it.template.spec)
    cluster.autoscalers.start()
    cluster.after(20 * MINUTE_MS)
    autoscalers, metrics = cluster.autoscalers, cluster.metrics
    before = autoscalers.worked_out, autoscalers.evaluations
    sums, publications = autoscalers.usage.sums_computed, metrics.publications
    cluster.after(50 * MINUTE_MS)
    assert autoscalers.evaluations - before[1] == 30 * 4
    assert autoscalers.worked_out == before[0]
    assert autoscalers.usage.sums_computed - sums == metrics.publications - publications
