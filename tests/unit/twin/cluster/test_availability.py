import pytest

from kingtide.kube.pods import Condition
from kingtide.twin.cluster.availability import Availability, Tally
from tests.twin.worlds import START_MS
from tests.unit.twin.cluster.parts import Parts, replica_set

CLASSES = {"test/api": "high", "test/web": "high", "test/batch": "low"}


class Watched(Parts):
    """Tallies of three applications; recording begins some time after the start."""

    def __init__(self, record_from_ms: int = 0) -> None:
        super().__init__()
        self.availability = Availability(
            self.engine, self.store, CLASSES, START_MS + record_from_ms
        )

    def want(self, name: str, replicas: int) -> None:
        self.store.put_replica_set(replica_set(name, replicas))

    def turn_ready(self, uid: str, status: bool = True) -> None:
        condition = Condition("True" if status else "False", self.engine.now_ms)
        self.store.update_pod(self.pod(uid), phase="Running", ready=condition)

    def bind(self, uid: str) -> None:
        self.store.update_pod(self.pod(uid), node_name="n1")

    @property
    def api(self) -> Tally:
        return self.availability.applications["test/api"]

    @property
    def high(self) -> Tally:
        return self.availability.classes["high"]


def test_replicas_that_are_not_created_yet_are_unavailable() -> None:
    watched = Watched()
    watched.want("api", 3)
    assert (watched.api.wanted, watched.api.pods, watched.api.unavailable) == (3, 0, 3)
    watched.add_pod("a", "n1", ready=True)
    watched.add_pod("b")
    assert (watched.api.pods, watched.api.available, watched.api.unavailable) == (2, 1, 2)
    assert (watched.api.bound, watched.api.pending) == (1, 1)


def test_a_pod_being_deleted_or_ended_is_not_available_and_does_not_exist() -> None:
    watched = Watched()
    watched.want("api", 2)
    for uid in ("a", "b"):
        watched.add_pod(uid, "n1", ready=True)
    watched.deletion.delete(watched.pod("a"))
    watched.store.update_pod(watched.pod("b"), phase="Failed")
    assert (watched.api.pods, watched.api.available, watched.api.unavailable) == (0, 0, 2)


def test_pods_beyond_the_wanted_are_not_less_than_none_unavailable() -> None:
    watched = Watched()
    watched.want("api", 2)
    for uid in ("a", "b", "c"):
        watched.add_pod(uid, "n1", ready=True)
    assert (watched.api.available, watched.api.unavailable) == (3, 0)


def test_what_one_application_has_too_many_makes_up_for_nothing_another_lacks() -> None:
    watched = Watched()
    watched.want("api", 1)
    watched.want("web", 1)
    for uid in ("a", "b"):
        watched.add_pod(uid, "n1", ready=True)
    assert (watched.high.wanted, watched.high.available, watched.high.unavailable) == (2, 2, 1)
    assert watched.availability.classes["low"].unavailable == 0


def test_the_worst_moment_the_longest_stretch_and_the_sum_are_exact() -> None:
    watched = Watched()
    watched.want("api", 2)
    watched.add_pod("a", "n1", ready=True)
    watched.add_pod("b", "n1", ready=True)
    watched.after(10_000)
    watched.turn_ready("a", status=False)
    watched.after(12_000)
    watched.turn_ready("b", status=False)
    watched.after(15_000)
    watched.turn_ready("a")
    watched.turn_ready("b")
    watched.after(100_000)
    watched.turn_ready("a", status=False)
    watched.after(101_000)
    watched.availability.settle()
    assert (watched.api.max_unavailable, watched.api.max_unavailable_at_ms) == (
        2,
        START_MS + 12_000,
    )
    assert (watched.api.longest_stretch_ms, watched.api.longest_stretch_from_ms) == (
        5_000,
        START_MS + 10_000,
    )
    assert watched.api.unavailable_pod_ms == 2_000 + 2 * 3_000 + 1_000


def test_a_state_that_lasts_for_no_time_counts_for_nothing() -> None:
    watched = Watched()
    watched.want("api", 50)
    for number in range(50):
        watched.add_pod(str(number), "n1", ready=True)
    watched.after(1_000)
    watched.availability.settle()
    assert (watched.api.max_unavailable, watched.api.unavailable_pod_ms) == (0, 0)


def test_a_stretch_is_not_broken_by_an_instant_in_which_all_is_well() -> None:
    watched = Watched()
    watched.want("api", 1)
    watched.after(5_000)
    watched.add_pod("a", "n1", ready=True)
    watched.deletion.delete(watched.pod("a"))
    watched.after(9_000)
    watched.add_pod("b", "n1", ready=True)
    watched.after(20_000)
    watched.availability.settle()
    assert watched.api.longest_stretch_ms == 9_000


def test_only_what_is_after_the_start_of_recording_counts() -> None:
    watched = Watched(record_from_ms=60_000)
    watched.want("api", 3)
    watched.after(59_000)
    for uid in ("a", "b"):
        watched.add_pod(uid, "n1", ready=True)
    watched.after(70_000)
    watched.availability.settle()
    assert (watched.api.max_unavailable, watched.api.max_unavailable_at_ms) == (
        1,
        START_MS + 60_000,
    )
    assert (watched.api.longest_stretch_ms, watched.api.unavailable_pod_ms) == (10_000, 10_000)


def test_a_pods_start_is_its_way_from_creation_to_first_ready() -> None:
    watched = Watched()
    watched.add_pod("a")
    watched.after(3_000)
    watched.bind("a")
    watched.after(9_000)
    watched.turn_ready("a")
    watched.after(11_000)
    watched.turn_ready("a", status=False)
    watched.turn_ready("a")
    (start,) = watched.availability.pod_starts
    times = (start.created_ms - START_MS, start.bound_ms - START_MS, start.ready_ms - START_MS)
    assert times == (0, 3_000, 9_000)


def test_pods_that_were_there_before_leave_no_start() -> None:
    watched = Watched(record_from_ms=10_000)
    watched.add_pod("a")
    watched.add_pod("b", "n1", ready=True)
    watched.after(20_000)
    watched.bind("a")
    watched.turn_ready("a")
    assert watched.availability.pod_starts == []


@pytest.mark.parametrize("end", ["bound", "deleted", "still waiting"])
def test_the_longest_wait_for_a_node_counts_however_it_ends(end: str) -> None:
    watched = Watched()
    watched.add_pod("a")
    watched.after(7_000)
    match end:
        case "bound":
            watched.bind("a")
        case "deleted":
            watched.deletion.delete(watched.pod("a"))
    watched.availability.settle()
    assert watched.availability.longest_pending_ms == {"high": 7_000, "low": 0}


def test_pods_of_nobody_or_of_others_are_not_counted() -> None:
    watched = Watched()
    watched.add_pod("a", owner="stranger", ready=True)
    watched.want("stranger", 5)
    assert watched.high == Tally()


def test_nothing_is_remembered_of_pods_that_are_gone() -> None:
    watched = Watched()
    for number in range(20):
        watched.add_pod(str(number))
        if number % 2:
            watched.bind(str(number))
        watched.store.delete_pod(watched.pod(str(number)))
    assert watched.availability._waiting == {}
    assert watched.availability._bound_ms == {}


def test_a_wait_that_ended_before_recording_began_does_not_count() -> None:
    watched = Watched(record_from_ms=10_000)
    watched.add_pod("a")
    watched.after(9_000)
    watched.bind("a")
    watched.after(20_000)
    watched.availability.settle()
    assert watched.availability.longest_pending_ms["high"] == 0
