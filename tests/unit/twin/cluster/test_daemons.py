import msgspec

from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod
from kingtide.kube.taints import Taint
from kingtide.kube.workloads import DaemonSet
from kingtide.twin.cluster.daemons import Daemons
from kingtide.twin.cluster.deletion import PodDeletion
from tests.twin.worlds import START_MS, daemon_set, fixed_node
from tests.unit.twin.cluster.parts import Parts


class Cluster(Parts):
    """A node of four cores, not started yet, and DaemonSets."""

    def __init__(self, *daemon_sets: DaemonSet) -> None:
        super().__init__()
        for it in daemon_sets:
            self.store.put_daemon_set(it)
        self.daemons = Daemons(
            self.engine,
            self.store,
            self.latencies,
            self.machines,
            PodDeletion(self.engine, self.store).delete,
        )
        self.node = self.add_node()

    def names(self) -> list[str]:
        return [pod.name for pod in self.store.pods.values()]

    def only(self) -> Pod:
        (pod,) = self.store.pods.values()
        return pod


def test_a_new_node_gets_a_daemon_of_every_daemon_set_highest_priority_first() -> None:
    cluster = Cluster(
        daemon_set("low", priority=-5), daemon_set("high"), daemon_set("mid", priority=3)
    )
    cluster.daemons.start(cluster.node)
    assert cluster.names() == ["high-n1-1", "mid-n1-2", "low-n1-3"]
    assert all(pod.node_name == "n1" for pod in cluster.store.pods.values())
    assert all(pod.phase == "Pending" for pod in cluster.store.pods.values())


def test_daemons_of_a_node_that_is_there_from_the_start_run_already() -> None:
    cluster = Cluster(daemon_set("agent"))
    cluster.daemons.start(cluster.node, running=True)
    daemon = cluster.only()
    assert (daemon.phase, daemon.is_ready, daemon.started_ms) == (
        "Running",
        True,
        cluster.node.created_ms,
    )


def test_a_node_whose_taint_a_daemon_does_not_tolerate_gets_none() -> None:
    cluster = Cluster(daemon_set("agent"))
    cluster.daemons.start(fixed_node("n2", taints=(Taint("dedicated", "NoSchedule"),)))
    assert cluster.names() == []


def test_a_daemon_that_does_not_fit_waits_for_its_node_and_no_other() -> None:
    cluster = Cluster(daemon_set("large", 3_500), daemon_set("larger", 3_600, priority=1))
    cluster.daemons.start(cluster.node)
    bound, waiting = cluster.store.pods.values()
    assert (bound.node_name, waiting.node_name) == ("n1", "")
    (term,) = waiting.spec.required_node_affinity
    (field,) = term.match_fields
    assert (field.key, field.operator, field.values) == ("metadata.name", "In", ("n1",))


def test_a_deleted_daemon_comes_back_under_another_name() -> None:
    cluster = Cluster(daemon_set("agent"))
    cluster.daemons.start(cluster.node, running=True)
    cluster.store.delete_pod(cluster.only())
    assert cluster.names() == []
    cluster.after(1_000)
    assert cluster.only().name == "agent-n1-2"
    assert cluster.only().created_ms == START_MS + 50


def test_a_daemon_is_not_replaced_on_a_machine_that_is_down() -> None:
    cluster = Cluster(daemon_set("agent"))
    cluster.daemons.start(cluster.node)
    cluster.machines.stop("n1")
    cluster.store.delete_pod(cluster.only())
    cluster.after(1_000)
    assert cluster.names() == []


def test_a_daemon_is_not_replaced_on_a_node_that_is_gone_or_wants_it_no_more() -> None:
    for last_write in (_remove, _taint):
        cluster = Cluster(daemon_set("agent"))
        cluster.daemons.start(cluster.node)
        cluster.store.delete_pod(cluster.only())
        last_write(cluster, cluster.node)
        cluster.after(1_000)
        assert cluster.names() == []


def _remove(cluster: Cluster, node: Node) -> None:
    cluster.store.delete_node(node)


def _taint(cluster: Cluster, node: Node) -> None:
    cluster.store.update_node(node, taints=(Taint("going", "NoSchedule"),))


def test_a_node_that_wants_a_daemon_again_gets_one() -> None:
    cluster = Cluster(daemon_set("agent"))
    cluster.daemons.start(cluster.node)
    _taint(cluster, cluster.node)
    cluster.after(1_000)
    assert cluster.names() == ["agent-n1-1"]  # whoever is there stays
    cluster.store.delete_pod(cluster.only())
    cluster.after(2_000)
    assert cluster.names() == []
    cluster.store.update_node(cluster.store.nodes["n1"], taints=())
    cluster.after(3_000)
    assert cluster.names() == ["agent-n1-2"]


def test_a_change_of_taints_makes_no_second_daemon() -> None:
    cluster = Cluster(daemon_set("agent"), daemon_set("other"))
    cluster.daemons.start(cluster.node)
    for number in range(3):
        taint = Taint(f"t{number}", "PreferNoSchedule")
        cluster.store.update_node(cluster.store.nodes["n1"], taints=(taint,))
        cluster.after(1_000 * (number + 1))
    assert cluster.names() == ["agent-n1-1", "other-n1-2"]


def test_with_the_node_go_the_daemons_that_still_wait_for_it() -> None:
    cluster = Cluster(daemon_set("large", 3_500), daemon_set("larger", 3_600, priority=1))
    cluster.daemons.start(cluster.node)
    cluster.machines.stop("n1")
    cluster.daemons.leave("n1")
    cluster.after(1_000)
    assert cluster.names() == []
    cluster.daemons.leave("n1")


def test_a_new_and_a_changed_daemon_set_say_how_far_they_are() -> None:
    cluster = Cluster()
    agent = daemon_set("agent", 100)
    told = []

    def look(milliseconds: int) -> None:
        cluster.after(milliseconds)
        told.append((cluster.daemons.progress(agent), cluster.names()))

    cluster.daemons.create(agent)
    look(0)
    look(1_000)
    agent = msgspec.structs.replace(agent, template=daemon_set("agent", 200).template)
    cluster.daemons.change(agent)
    look(1_000)
    look(2_000)

    first, second = "agent-n1-1", "agent-n1-2"
    assert told == [((1, 0), []), (None, [first]), ((1, 0), [first]), (None, [second])]


def test_nothing_is_remembered_of_nodes_that_are_gone() -> None:
    cluster = Cluster(daemon_set("agent"))
    for number in range(50):
        node = cluster.add_node(f"x{number}")
        cluster.daemons.start(node)
        cluster.machines.stop(node.name)
        cluster.daemons.leave(node.name)
        cluster.store.delete_node(node)
        cluster.machines.forget(node.name)
    sizes = [len(it) for it in vars(cluster.daemons).values() if isinstance(it, dict)]
    assert sum(sizes) == 1  # the DaemonSet's own pod spec
