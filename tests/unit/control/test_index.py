import pytest

from kingtide.control.index import ClusterIndex
from kingtide.control.touch_log import MAX_REMOVED_NAMES
from kingtide.kube.jobs import CronJob, Job, JobSpec
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition, Container, OwnerReference, Pod, PodSpec, PodTemplate
from kingtide.kube.resources import Resources
from kingtide.kube.workloads import (
    ConfigMap,
    DaemonSet,
    Deployment,
    PodDisruptionBudget,
    ReplicaSet,
    StatefulSet,
)
from tests.unit.control.unschedulable import unschedulable_pods

SPEC = PodSpec((Container("c", requests=Resources(500, 1 << 30)),))
TEMPLATE = PodTemplate({"app": "a"}, SPEC)
ROOM = Resources(4_000, 8 << 30, pods=10)
UNSCHEDULABLE = Condition("False", 0, "Unschedulable")


def pod(uid: str = "p", node: str = "", **changes: object) -> Pod:
    fields: dict[str, object] = {
        "namespace": "shop", "name": uid, "uid": uid, "spec": SPEC, "labels": {}, "created_ms": 0,
        "node_name": node, **changes,
    }  # fmt: skip
    return Pod(**fields)  # type: ignore[arg-type]  # the fields of one case


def node(name: str = "n") -> Node:
    return Node(name, f"uid-{name}", {}, ROOM, ROOM, 0, Condition("True", 0))


def requested(index: ClusterIndex, name: str = "n") -> int:
    row = index.node_table.row_of(name)
    assert row is not None
    return index.node_table.requested(row).cpu_millicores


def test_a_bound_pod_is_found_by_uid_and_by_node_and_counts_there() -> None:
    index = ClusterIndex()
    index.apply(None, node())
    bound = pod(node="n")
    index.apply(None, bound)
    assert index.pod("p") is bound
    assert index.pods_on("n") == {"p": bound}
    assert requested(index) == 500


def test_pods_that_come_before_their_node_count_when_it_comes() -> None:
    index = ClusterIndex()
    index.apply(None, pod(node="n"))
    assert list(index.pods_on("n")) == ["p"]
    index.apply(None, node())
    assert requested(index) == 500


def test_pods_that_outlive_their_node_do_not_disturb_the_next_node_in_its_row() -> None:
    index = ClusterIndex()
    index.apply(None, node("old"))
    left_behind = pod(node="old")
    index.apply(None, left_behind)
    index.apply(node("old"), None)
    index.apply(None, node("new"))
    assert requested(index, "new") == 0
    index.apply(left_behind, None)
    assert requested(index, "new") == 0
    assert index.pods_on("old") == {}


def test_a_node_that_comes_again_counts_the_pods_that_stayed() -> None:
    index = ClusterIndex()
    index.apply(None, node())
    index.apply(None, pod(node="n"))
    index.apply(node(), None)
    index.apply(None, node())
    assert requested(index) == 500


def test_a_pod_that_ended_holds_no_room_though_it_is_still_listed() -> None:
    index = ClusterIndex()
    index.apply(None, node())
    running = pod(node="n", phase="Running")
    ended = pod(node="n", phase="Succeeded")
    index.apply(None, running)
    index.apply(running, ended)
    assert requested(index) == 0
    assert index.pods_on("n") == {"p": ended}
    index.apply(ended, None)
    assert requested(index) == 0


def test_a_terminating_pod_holds_its_room_until_it_is_gone() -> None:
    index = ClusterIndex()
    index.apply(None, node())
    index.apply(None, pod(node="n"))
    index.apply(pod(node="n"), pod(node="n", deletion_ms=5))
    assert requested(index) == 500
    index.apply(pod(node="n", deletion_ms=5), None)
    assert requested(index) == 0


@pytest.mark.parametrize("times", [2, 3])
def test_what_is_told_again_counts_once(times: int) -> None:
    index = ClusterIndex()
    for _ in range(times):
        index.apply(None, node())
        index.apply(None, pod(node="n"))
    assert requested(index) == 500
    for _ in range(times):
        index.apply(pod(node="n"), None)
        index.apply(node(), None)
    assert index.nodes == {}
    assert index.pod("p") is None


def test_unschedulable_pods_stand_in_the_order_they_became_so() -> None:
    index = ClusterIndex()
    for uid in ("a", "b", "c"):
        index.apply(None, pod(uid))
    for uid in ("b", "c", "a"):
        index.apply(pod(uid), pod(uid, scheduled=UNSCHEDULABLE))
    index.apply(None, pod("b", scheduled=UNSCHEDULABLE, nominated_node_name="n"))
    assert list(unschedulable_pods(index)) == ["b", "c", "a"]
    assert index.unschedulable_arrivals == 3


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(pod(node="n", scheduled=Condition("True", 0)), id="it was bound"),
        pytest.param(pod(scheduled=UNSCHEDULABLE, deletion_ms=1), id="it is being deleted"),
        pytest.param(None, id="it is gone"),
    ],
)
def test_a_pod_is_unschedulable_no_longer(after: Pod | None) -> None:
    index = ClusterIndex()
    waiting = pod(scheduled=UNSCHEDULABLE)
    index.apply(None, waiting)
    index.apply(waiting, after)
    assert unschedulable_pods(index) == {}


def test_readers_get_the_nodes_touched_since_they_last_looked_oldest_first() -> None:
    index = ClusterIndex()
    for name in ("a", "b", "c"):
        index.apply(None, node(name))
    names, cursor = index.nodes_touched_since(0)
    assert names == ["a", "b", "c"]
    assert index.nodes_touched_since(cursor) == ([], cursor)
    index.apply(None, pod(node="c"))
    index.apply(None, pod("q", node="a"))
    index.apply(node("b"), None)
    assert index.nodes_touched_since(cursor)[0] == ["c", "a", "b"]


def test_names_of_removed_nodes_are_forgotten_in_the_end() -> None:
    index = ClusterIndex()
    index.apply(None, node("stays"))
    for number in range(2 * MAX_REMOVED_NAMES + 10):
        name = f"n{number}"
        index.apply(None, node(name))
        index.apply(None, pod(name, node=name))
        index.apply(node(name), None)
        index.apply(pod(name, node=name), None)
    names, _ = index.nodes_touched_since(0)
    assert len(names) <= 2 * MAX_REMOVED_NAMES + 4
    assert "stays" in names
    assert index.pods_on("n7") == {}
    assert len(index._pods_on) == 0


def test_workloads_and_configuration_are_kept_by_namespace_and_name() -> None:
    index = ClusterIndex()
    selector = LabelSelector()
    deployment = Deployment("shop", "api", "1", 3, TEMPLATE, selector)
    replica_set = ReplicaSet("shop", "api-5", "2", 3, TEMPLATE, selector)
    daemon_set = DaemonSet("kube-system", "agent", "3", TEMPLATE, selector)
    config_map = ConfigMap("kube-system", "ladder", {})
    budget = PodDisruptionBudget("shop", "api", selector, 1)
    everything = (deployment, replica_set, daemon_set, config_map, budget)
    for it in everything:
        index.apply(None, it)
    assert index.deployments == {"shop/api": deployment}
    assert index.daemon_sets == {"kube-system/agent": daemon_set}
    assert index.config_maps == {"kube-system/ladder": config_map}
    assert index.disruption_budgets == {"shop/api": budget}
    assert index.controller_exists("ReplicaSet", "shop", "api-5")
    assert index.controller_exists("Deployment", "shop", "api")
    assert index.controller_exists("DaemonSet", "kube-system", "agent")
    assert not index.controller_exists("StatefulSet", "shop", "api")
    assert index.controller_replicas("ReplicaSet", "shop", "api-5") == 3
    for it in everything:
        index.apply(it, None)
    assert not index.deployments
    assert not index.daemon_sets
    assert not index.config_maps
    assert not index.disruption_budgets
    assert not index.controller_exists("ReplicaSet", "shop", "api-5")
    assert index.controller_replicas("ReplicaSet", "shop", "api-5") is None


def test_an_owner_is_not_looked_up_by_the_pods_that_have_it() -> None:
    index = ClusterIndex()
    index.apply(None, pod(owner=OwnerReference("ReplicaSet", "api-5")))
    assert not index.controller_exists("ReplicaSet", "shop", "api-5")


def test_owners_of_every_kind_are_known_until_they_are_gone() -> None:
    index = ClusterIndex()
    stateful_set = StatefulSet("shop", "db", "s", 3, TEMPLATE, LabelSelector())
    job = Job("shop", "load", "j", JobSpec(TEMPLATE))
    cron_job = CronJob("shop", "report", "c", "@daily", JobSpec(TEMPLATE))
    for it in (stateful_set, job, cron_job):
        index.apply(None, it)
        kind = type(it).__name__
        assert index.controller_exists(kind, "shop", it.name)
        assert not index.controller_exists(kind, "depot", it.name)
        wanted = 3 if it is stateful_set else None
        assert index.controller_replicas(kind, "shop", it.name) == wanted
        index.apply(it, None)
        assert not index.controller_exists(kind, "shop", it.name)


@pytest.mark.parametrize("is_there", [True, False])
def test_whoever_looks_at_the_pods_of_a_node_goes_on_seeing_them(is_there: bool) -> None:
    index = ClusterIndex()
    if is_there:
        index.apply(None, node())
    index.apply(None, pod("a", node="n"))
    index.apply(None, pod("b", node="n"))
    there = index.pods_on("n")
    index.apply(pod("a", node="n"), None)
    assert list(index.pods_on("n")) == list(there) == ["b"]
    if is_there:
        index.apply(pod("b", node="n"), None)
        index.apply(None, pod("c", node="n"))
        assert list(there) == ["c"]


@pytest.mark.parametrize(
    ("kind", "name", "replicas"),
    [
        pytest.param("ReplicaSet", "web", 2, id="a ReplicaSet"),
        pytest.param("ReplicaSet", "other", None, id="an unknown ReplicaSet"),
        pytest.param("Deployment", "web", 3, id="a Deployment"),
        pytest.param("Deployment", "other", None, id="an unknown Deployment"),
        pytest.param("StatefulSet", "web", 4, id="a StatefulSet"),
        pytest.param("Job", "web", None, id="a Job, which has none"),
        pytest.param("Rollout", "web", None, id="what nobody watches"),
    ],
)
def test_a_controllers_replicas_are_those_of_its_own_kind(
    kind: str, name: str, replicas: int | None
) -> None:
    index, selector = ClusterIndex(), LabelSelector()
    index.apply(None, ReplicaSet("shop", "web", "r", 2, TEMPLATE, selector))
    index.apply(None, Deployment("shop", "web", "d", 3, TEMPLATE, selector))
    index.apply(None, StatefulSet("shop", "web", "s", 4, TEMPLATE, selector))
    index.apply(None, Job("shop", "web", "j", JobSpec(TEMPLATE)))
    assert index.controller_replicas(kind, "shop", name) == replicas
