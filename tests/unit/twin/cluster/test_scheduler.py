import pytest
from msgspec.structs import replace

from kingtide.fleet.policies.scheduler import SchedulerPolicy
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import HOSTNAME_LABEL
from kingtide.kube.pods import Condition, PodAffinityTerm, PodSpec
from kingtide.kube.taints import Taint
from kingtide.twin.cluster.kubelet import Kubelets
from kingtide.twin.cluster.scheduler import Scheduler
from tests.twin.worlds import START_MS, spec
from tests.unit.twin.cluster.parts import REPORT_MS, STOP_MS, Parts

LOW, HIGH = spec(1_000, priority=-5), spec(1_000, priority=5)


class Cluster(Parts):
    """A scheduler and kubelets."""

    def __init__(self, *nodes: str, policy: SchedulerPolicy | None = None) -> None:
        super().__init__()
        self.scheduler = Scheduler(
            self.engine, self.store, self.latencies, self.journal, self.deletion.delete, policy
        )
        Kubelets(self.engine, self.store, self.seeds, self.latencies, {}, self.machines)
        for name in nodes:
            self.add_node(name)

    def add_pods(self, prefix: str, count: int, pod_spec: PodSpec) -> list[str]:
        return [self.add_pod(f"{prefix}{n}", pod_spec=pod_spec).uid for n in range(count)]

    def bound(self) -> dict[str, str]:
        return {pod.uid: pod.node_name for pod in self.store.pods.values() if pod.node_name}


def test_pods_are_bound_one_after_the_other_and_spread() -> None:
    cluster = Cluster("n1", "n2")
    cluster.add_pods("p", 4, spec(1_000))
    assert cluster.bound() == {}
    cluster.after(0)
    assert list(cluster.bound()) == ["p0"]
    cluster.after(20)
    assert sorted(cluster.bound().values()) == ["n1", "n1", "n2", "n2"]
    condition = cluster.pod("p3").scheduled
    assert condition == Condition("True", START_MS + 12)


def test_higher_priority_goes_first_though_it_came_later() -> None:
    cluster = Cluster("n1")
    cluster.add_pods("low", 4, LOW)
    cluster.add_pods("high", 4, HIGH)
    cluster.after(20)
    assert sorted(cluster.bound()) == ["high0", "high1", "high2", "high3"]


def test_a_pod_that_fits_nowhere_is_told_so_and_found_a_place_when_there_is_one() -> None:
    cluster = Cluster("n1")
    cluster.add_pods("p", 5, spec(1_000))
    cluster.after(1_000)
    waiting = next(pod for pod in cluster.store.pods.values() if not pod.node_name)
    assert waiting.is_unschedulable
    assert waiting.scheduled is not None
    assert waiting.scheduled.message == (
        "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: "
        "0/1 nodes are available: 1 No preemption victims found for incoming pod."
    )
    cluster.add_node("n2")
    cluster.after(2_000)
    assert cluster.bound()[waiting.uid] == "n2"


@pytest.mark.parametrize(
    ("policy", "waits"),
    [
        pytest.param(None, True, id="back-off is waited out"),
        pytest.param(SchedulerPolicy(pop_from_backoff_queue=True), False, id="an idle scheduler"),
    ],
)
def test_back_off_ends_early_only_where_asked(policy: SchedulerPolicy | None, waits: bool) -> None:
    cluster = Cluster("n1", policy=policy)
    cluster.add_pods("p", 5, spec(1_000))
    cluster.after(200)
    assert len(cluster.bound()) == 4
    cluster.add_node("n2")
    cluster.after(300)
    assert len(cluster.bound()) == (4 if waits else 5)
    cluster.after(1_100)
    assert len(cluster.bound()) == 5


def test_room_that_a_pod_leaves_is_given_away() -> None:
    cluster = Cluster("n1")
    cluster.add_pods("p", 5, spec(1_000))
    cluster.after(5_000)
    (waiting,) = (pod.uid for pod in cluster.store.pods.values() if not pod.node_name)
    gone = cluster.pod("p0")
    cluster.deletion.delete(gone)
    cluster.after(5_000 + STOP_MS + REPORT_MS)
    assert cluster.bound()[waiting] == "n1"


@pytest.mark.parametrize(
    "obstacle", [{"taints": (Taint("x", "NoSchedule"),)}, {"unschedulable": True}], ids=str
)
def test_a_node_that_opens_up_takes_waiting_pods(obstacle: dict[str, object]) -> None:
    cluster = Cluster()
    cluster.store.update_node(cluster.add_node("n1"), **obstacle)
    cluster.add_pod("a")
    cluster.after(5_000)
    assert cluster.bound() == {}
    cluster.store.update_node(cluster.store.nodes["n1"], taints=(), unschedulable=False)
    cluster.after(6_000)
    assert cluster.bound() == {"a": "n1"}


def test_a_pod_deleted_while_it_waits_is_forgotten_by_the_queue() -> None:
    cluster = Cluster("n1")
    cluster.add_pod("a", pod_spec=spec(9_000))
    cluster.after(1_000)
    assert len(cluster.scheduler.queue) == 1
    cluster.deletion.delete(cluster.pod("a"))
    assert len(cluster.scheduler.queue) == 0
    cluster.after(400_000)


def test_a_higher_priority_displaces_a_lower_one_and_takes_its_place() -> None:
    cluster = Cluster("n1")
    cluster.add_pods("low", 4, LOW)
    cluster.after(10_000)
    cluster.add_pod("high", pod_spec=HIGH)
    cluster.after(10_000)
    assert cluster.pod("high").nominated_node_name == "n1"
    assert cluster.pod("high").is_unschedulable
    victims = [pod for pod in cluster.store.pods.values() if pod.deletion_ms is not None]
    assert len(victims) == 1
    assert cluster.scheduler.preemptions == 1
    assert cluster.journal.marks[0].subject == victims[0].key
    cluster.after(10_000 + STOP_MS + REPORT_MS)
    assert cluster.bound()["high"] == "n1"
    assert cluster.pod("high").nominated_node_name == ""


def test_room_kept_for_a_nominated_pod_is_not_given_to_a_lower_one() -> None:
    cluster = Cluster("n1")
    cluster.add_pods("low", 4, LOW)
    cluster.after(10_000)
    cluster.add_pod("high", pod_spec=HIGH)
    cluster.after(10_100)
    cluster.add_pod("late", pod_spec=spec(1_000, priority=0))
    cluster.after(60_000)
    assert "high" in cluster.bound()
    victims = 4 - sum(uid.startswith("low") for uid in cluster.store.pods)
    assert ("late" in cluster.bound(), victims) == (True, 2)


@pytest.mark.parametrize("priority", [-5, -6], ids=["equal", "lower"])
def test_an_equal_or_lower_priority_displaces_nobody(priority: int) -> None:
    cluster = Cluster("n1")
    cluster.add_pods("low", 4, LOW)
    cluster.after(10_000)
    cluster.add_pod("other", pod_spec=spec(1_000, priority=priority))
    cluster.after(60_000)
    assert cluster.scheduler.preemptions == 0
    assert len(cluster.bound()) == 4


def test_pods_of_one_shape_can_each_displace_somebody_at_the_same_time() -> None:
    cluster = Cluster("n1", "n2")
    cluster.add_pods("low", 8, LOW)
    cluster.after(10_000)
    cluster.add_pods("high", 6, HIGH)
    cluster.after(10_100)
    assert cluster.scheduler.preemptions == 6
    cluster.after(30_000)
    assert sum(uid.startswith("high") for uid in cluster.bound()) == 6


def test_a_pod_woken_before_its_victim_is_gone_asks_for_no_second_one() -> None:
    cluster = Cluster("n1")
    cluster.add_pods("low", 4, LOW)
    cluster.after(10_000)
    cluster.add_pod("high", pod_spec=HIGH)
    cluster.after(10_500)
    cluster.store.update_node(cluster.store.nodes["n1"], taints=(Taint("x", "PreferNoSchedule"),))
    cluster.scheduler.queue.wake(cluster.engine.now_ms)
    cluster.after(12_000)
    assert cluster.scheduler.preemptions == 1


def test_a_burst_that_fits_nowhere_is_tried_and_diagnosed_once_not_pod_by_pod() -> None:
    cluster = Cluster("n1")
    cluster.add_pods("p", 500, spec(9_000))
    cluster.after(500)
    assert all(pod.is_unschedulable for pod in cluster.store.pods.values())
    assert cluster.scheduler.attempts == 1
    assert cluster.scheduler.diagnoses <= 2


def test_what_was_refused_before_is_not_written_again() -> None:
    cluster = Cluster("n1")
    cluster.add_pod("a", pod_spec=spec(9_000))
    cluster.after(1_000)
    written = cluster.store.revision
    cluster.after(400_000)  # past the five minutes after which it is tried without an event
    assert cluster.scheduler.attempts >= 2
    assert cluster.store.revision == written


@pytest.mark.parametrize(("owner", "follows"), [("web", True), ("batch", False)])
def test_a_pod_that_waits_for_company_is_tried_once_its_company_is_bound(
    owner: str, follows: bool
) -> None:
    cluster = Cluster("n1")
    beside_web = PodAffinityTerm(HOSTNAME_LABEL, LabelSelector((("app", "web"),)))
    waiting = replace(spec(1_000), required_pod_affinity=(beside_web,))
    cluster.add_pod("waiting", pod_spec=waiting, owner="api")
    cluster.after(10_000)
    assert cluster.pod("waiting").is_unschedulable
    cluster.add_pod("bound", owner=owner)
    cluster.after(12_000)
    assert bool(cluster.pod("waiting").node_name) is follows


def test_a_pod_that_is_bound_by_others_is_counted_and_not_tried() -> None:
    cluster = Cluster("n1")
    cluster.add_pod("a", "n1", pod_spec=spec(4_000))
    cluster.add_pod("b")
    cluster.after(5_000)
    assert list(cluster.bound()) == ["a"]
