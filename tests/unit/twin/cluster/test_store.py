import pytest

from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition, Pod
from kingtide.kube.workloads import ConfigMap
from kingtide.twin.cluster.store import Conflict, PodListener, Store
from tests.twin.worlds import daemon_set, fixed_node
from tests.unit.twin.cluster.parts import Parts, replica_set


def test_every_write_of_any_kind_gets_the_next_resource_version() -> None:
    store = Store()
    node = store.create_node(fixed_node("n1"))
    changed = store.update_node(node, unschedulable=True)
    store.put_config_map(ConfigMap("a", "b", {}))
    store.put_daemon_set(daemon_set("agent"))
    first = store.put_replica_set(replica_set("api", 1))
    store.delete_node(changed)
    assert (node.resource_version, changed.resource_version, first.resource_version) == (1, 2, 5)
    assert store.revision == 6


def test_listeners_are_told_before_and_after_in_the_order_they_came() -> None:
    parts = Parts()
    told: list[tuple[str, str | None, str | None]] = []

    def listen(name: str) -> None:
        def listener(old: Pod | None, new: Pod | None) -> None:
            told.append((name, old.phase if old else None, new.phase if new else None))

        parts.store.on_pods(listener)

    listen("first")
    listen("second")
    pod = parts.add_pod("a")
    pod = parts.store.update_pod(pod, phase="Running")
    parts.store.delete_pod(pod)
    assert told == [
        ("first", None, "Pending"),
        ("second", None, "Pending"),
        ("first", "Pending", "Running"),
        ("second", "Pending", "Running"),
        ("first", "Running", None),
        ("second", "Running", None),
    ]


def test_who_listens_to_all_is_told_of_every_kind() -> None:
    parts = Parts()
    kinds: list[str] = []
    parts.store.on_all(lambda old, new: kinds.append(type(new or old).__name__))
    parts.add_node()
    parts.add_pod("a")
    parts.store.put_replica_set(replica_set("api", 1))
    parts.store.put_config_map(ConfigMap("a", "b", {}))
    assert kinds == ["Node", "Pod", "ReplicaSet", "ConfigMap"]


def test_a_write_on_an_old_value_is_refused_as_the_api_server_does() -> None:
    parts = Parts()
    stale = parts.add_pod("a")
    parts.store.update_pod(stale, phase="Running")
    with pytest.raises(Conflict, match="pod-a"):
        parts.store.update_pod(stale, phase="Failed")
    with pytest.raises(Conflict):
        parts.store.delete_pod(stale)
    assert parts.pod("a").phase == "Running"


def test_what_is_gone_cannot_be_written_back() -> None:
    parts = Parts()
    pod, node = parts.add_pod("a"), parts.add_node()
    parts.store.delete_pod(pod)
    parts.store.delete_node(node)
    with pytest.raises(Conflict):
        parts.store.update_pod(pod, phase="Running")
    with pytest.raises(Conflict):
        parts.store.update_node(node, unschedulable=True)
    assert not parts.store.pods
    assert not parts.store.nodes


def test_what_exists_cannot_be_created_again() -> None:
    parts = Parts()
    parts.add_pod("a")
    parts.add_node()
    with pytest.raises(Conflict, match="exists"):
        parts.add_pod("a")
    with pytest.raises(Conflict, match="exists"):
        parts.add_node()


def test_a_node_write_is_told_to_those_who_listen_to_nodes() -> None:
    parts = Parts()
    told: list[tuple[Node | None, Node | None]] = []
    parts.store.on_nodes(lambda old, new: told.append((old, new)))
    node = parts.add_node()
    parts.add_pod("a")
    parts.store.delete_node(node)
    assert told == [(None, node), (node, None)]


def test_who_does_not_heed_refusals_is_spared_why_a_pod_waits_and_nothing_else() -> None:
    parts = Parts()
    all_writes: list[int] = []
    spared: list[int] = []

    def version_into(told: list[int]) -> PodListener:
        return lambda old, new: told.append(new.resource_version if new else -1)

    parts.store.on_pods(version_into(all_writes))
    parts.store.on_pods(version_into(spared), heeds_refusals=False)
    created = parts.add_pod("a")
    waits = Condition("False", 5, "Unschedulable")
    refused = parts.store.update_pod(created, scheduled=waits, nominated_node_name="n1")
    bound = parts.store.update_pod(refused, node_name="n1", nominated_node_name="", scheduled=None)
    parts.store.delete_pod(bound)
    versions = [created.resource_version, refused.resource_version, bound.resource_version, -1]
    assert all_writes == versions
    assert spared == [version for version in versions if version != refused.resource_version]
