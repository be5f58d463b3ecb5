import numpy as np
import pytest

from kingtide.kube.pods import Condition
from kingtide.twin.cluster.current_load import UnknownFront
from kingtide.twin.cluster.metrics import Metrics
from kingtide.twin.definition import Application, Outage
from kingtide.twin.latencies import constant
from tests.twin.worlds import START_MS, application
from tests.unit.twin.cluster.parts import Parts

LAG_MS = 5_000


class Pipeline(Parts):
    """Metrics over two nodes; the scrape phase is the seed's."""

    def __init__(
        self, *applications: Application, interval_ms: int = 15_000, lag_ms: int = LAG_MS
    ) -> None:
        super().__init__(
            {
                "metrics.scrape_interval": constant(interval_ms, "test"),
                "metrics.lag": constant(lag_ms, "test"),
            }
        )
        self.interval_ms = interval_ms
        self.metrics = Metrics(
            self.engine, self.store, self.seeds, self.latencies, applications, self.machines
        )
        self.add_node("n1")
        self.add_node("n2")
        self.metrics.start()
        self.phase_ms = self.seeds.below(interval_ms, "metrics/phase", "pipeline")

    def published(self, uid: str) -> int:
        columns = self.metrics.columns
        return int(columns.published[columns.row_of[uid]])

    def after_scrape(self, number: int) -> None:
        """Run until the API answers with a scrape, counted from 0."""
        self.after(self.phase_ms + number * self.interval_ms + LAG_MS)


DEMAND = application("api", 2, demand=[(0, 1_000)])


@pytest.mark.parametrize("interval_ms", [15_000, 60_000])
def test_a_pod_is_known_once_it_was_scraped_twice(interval_ms: int) -> None:
    pipeline = Pipeline(DEMAND, interval_ms=interval_ms)
    pipeline.after(pipeline.phase_ms - 1)
    pipeline.add_pod("a", "n1", ready=True)
    pipeline.after_scrape(0)
    assert pipeline.published("a") == -1
    assert pipeline.metrics.published_at_ms == START_MS + pipeline.phase_ms
    pipeline.after_scrape(1)
    assert pipeline.published("a") == 1_000
    assert pipeline.metrics.published_at_ms == START_MS + pipeline.phase_ms + interval_ms


def test_a_rise_is_seen_in_part_by_the_window_in_which_it_comes() -> None:
    rising = application("api", 1, demand=[(0, 1_000), (60_000, 1_000), (60_001, 3_000)])
    pipeline = Pipeline(rising, interval_ms=60_000)
    pipeline.add_pod("a", "n1", ready=True)
    pipeline.after_scrape(1)
    seen = pipeline.published("a")
    assert 1_000 < seen < 3_000
    # The rise came at the step of 60 s after the start (or the one before the scrape).
    share = (pipeline.phase_ms + 60_000 - 65_000) / 60_000
    assert seen == pytest.approx(1_000 + 2_000 * share, abs=170)
    pipeline.after_scrape(2)
    assert pipeline.published("a") == 3_000


def test_demand_is_spread_over_ready_pods_and_a_new_one_takes_its_share() -> None:
    pipeline = Pipeline(DEMAND)
    pipeline.add_pod("a", "n1", ready=True)
    starting = pipeline.add_pod("b", "n2", running=True)
    pipeline.after_scrape(2)
    assert (pipeline.published("a"), pipeline.published("b")) == (1_000, 0)
    pipeline.store.update_pod(starting, ready=Condition("True", pipeline.engine.now_ms))
    pipeline.after_scrape(5)
    assert (pipeline.published("a"), pipeline.published("b")) == (500, 500)


def test_a_pod_in_a_used_row_is_unknown_until_it_was_scraped_twice_itself() -> None:
    pipeline = Pipeline(DEMAND)
    gone = pipeline.add_pod("a", "n1", ready=True)
    pipeline.after_scrape(3)
    row = pipeline.metrics.columns.row_of["a"]
    # Between a scrape and its answer: the sample of the old pod is on its way.
    pipeline.after(pipeline.phase_ms + 4 * pipeline.interval_ms + 1_000)
    pipeline.store.delete_pod(gone)
    pipeline.add_pod("b", "n2", ready=True)
    assert pipeline.metrics.columns.row_of["b"] == row
    pipeline.after_scrape(4)
    assert pipeline.published("b") == -1
    pipeline.after_scrape(5)
    assert pipeline.published("b") == -1
    pipeline.after_scrape(6)
    assert pipeline.published("b") == 1_000


def test_with_a_lag_longer_than_the_interval_answers_are_old_not_skipped() -> None:
    pipeline = Pipeline(DEMAND, lag_ms=40_000)
    pipeline.add_pod("a", "n1", ready=True)
    pipeline.after(pipeline.phase_ms + 40_000 + 3 * 15_000)
    assert pipeline.metrics.published_at_ms == START_MS + pipeline.phase_ms + 3 * 15_000


def test_the_pods_of_a_machine_that_is_down_use_nothing_and_are_unknown() -> None:
    pipeline = Pipeline(DEMAND)
    pipeline.add_pod("a", "n1", ready=True)
    pipeline.add_pod("b", "n2", ready=True)
    pipeline.after_scrape(3)
    assert pipeline.published("b") == 500
    pipeline.machines.stop("n2")
    load = pipeline.metrics.load()
    rows = pipeline.metrics.columns.row_of
    assert (load.usage[rows["a"]], load.usage[rows["b"]]) == (500, 0)
    assert load.unserved[0] == 500
    pipeline.after_scrape(5)
    assert (pipeline.published("a"), pipeline.published("b")) == (500, -1)


def test_a_row_of_a_removed_node_serves_the_next_node() -> None:
    pipeline = Pipeline(DEMAND)
    rows = len(pipeline.metrics._node_rows)
    for number in range(500):
        node = pipeline.add_node(f"x{number}")
        pod = pipeline.add_pod(f"p{number}", node.name, ready=True)
        pipeline.store.delete_pod(pod)
        pipeline.store.delete_node(node)
    assert len(pipeline.metrics._node_rows) == rows
    assert pipeline.metrics._node_cpu.size == 256
    assert pipeline.metrics.columns.size == 256


def test_looking_changes_nothing() -> None:
    pipeline, watched = Pipeline(DEMAND), Pipeline(DEMAND)
    for it in (pipeline, watched):
        it.add_pod("a", "n1", ready=True)
    for second in range(90):
        for it in (pipeline, watched):
            it.after(second * 1_000)
        if second == 33:
            for it in (pipeline, watched):
                it.add_pod("b", "n2", ready=True)
        watched.metrics.load()
    assert np.array_equal(pipeline.metrics.columns.consumed, watched.metrics.columns.consumed)
    assert pipeline.engine.trace_hash == watched.engine.trace_hash
    now_ms = pipeline.engine.now_ms
    assert pipeline.metrics.unserved.core_milliseconds(
        0, now_ms
    ) == watched.metrics.unserved.core_milliseconds(0, now_ms)


def test_what_is_used_does_not_exceed_what_is_demanded_and_the_rest_is_unserved() -> None:
    pipeline = Pipeline(application("api", 1, demand=[(0, 9_000)]))
    pipeline.add_pod("a", "n1", ready=True)
    load = pipeline.metrics.load()
    assert load.demand[0] == 9_000
    assert int(load.usage.sum()) + int(load.unserved[0]) == 9_000
    assert int(load.usage.sum()) == 4_000  # the node has no more


@pytest.mark.parametrize(
    ("ready", "deleted", "expected"),
    [(False, False, 700), (True, False, 40), (True, True, 0), (False, True, 0)],
    ids=["starting", "serving", "ending after it served", "ending before it served"],
)
def test_what_a_pod_uses_of_its_own(*, ready: bool, deleted: bool, expected: int) -> None:
    own = application("api", 1, startup_millicores=700, idle_millicores=40)
    pipeline = Pipeline(own)
    pod = pipeline.add_pod("a", "n1", running=True, ready=ready)
    if deleted:
        pipeline.deletion.delete(pod)
    row = pipeline.metrics.columns.row_of["a"]
    assert pipeline.metrics.load().usage[row] == expected


def test_a_pod_that_is_no_longer_ready_does_not_start_up_again() -> None:
    own = application("api", 1, startup_millicores=700, idle_millicores=40)
    pipeline = Pipeline(own)
    pod = pipeline.add_pod("a", "n1", ready=True)
    pipeline.store.update_pod(pod, ready=Condition("False", START_MS))
    row = pipeline.metrics.columns.row_of["a"]
    assert pipeline.metrics.load().usage[row] == 40


def test_an_outage_of_the_front_takes_the_traffic_of_all_behind_it() -> None:
    outage = (Outage(START_MS + 10_000, START_MS + 20_000),)
    front = application("front", 1, demand=[(0, 500)], outages=outage)
    middle = application("middle", 1, demand=[(0, 600)], depends_on="test/front")
    back = application("back", 1, demand=[(0, 700)], depends_on="test/middle")
    pipeline = Pipeline(front, middle, back)

    def demands(after_ms: int) -> list[int]:
        pipeline.after(after_ms)
        return [int(it) for it in pipeline.metrics.load().demand]

    assert demands(9_999) == [500, 600, 700]
    assert demands(10_000) == [500, 0, 0]
    assert demands(20_000) == [500, 600, 700]


def test_in_its_own_outage_an_application_answers_nothing_and_all_is_unserved() -> None:
    outage = (Outage(START_MS, START_MS + 10_000),)
    pipeline = Pipeline(application("api", 1, demand=[(0, 500)], outages=outage))
    pipeline.add_pod("a", "n1", ready=True)
    load = pipeline.metrics.load()
    assert (int(load.usage.sum()), int(load.unserved[0])) == (0, 500)


@pytest.mark.parametrize(
    ("fronts", "message"),
    [
        pytest.param({"a": "test/nobody"}, "does not exist", id="unknown"),
        pytest.param({"a": "test/a"}, "depends on itself", id="itself"),
        pytest.param({"a": "test/b", "b": "test/a"}, "depends on itself", id="a circle"),
        pytest.param({"a": "test/b", "b": "test/c", "c": "test/b"}, "itself", id="a later circle"),
    ],
)
def test_a_front_must_exist_and_lead_somewhere(fronts: dict[str, str], message: str) -> None:
    applications = [application(name, 1, depends_on=front) for name, front in fronts.items()]
    with pytest.raises(UnknownFront, match=message):
        Pipeline(*applications)
