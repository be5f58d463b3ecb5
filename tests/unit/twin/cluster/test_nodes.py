import pytest

from kingtide.aws.autoscaling import CapacityPool, Instance
from kingtide.kube.nodes import INSTANCE_TYPE_LABEL, LIFECYCLE_LABEL, REGION_LABEL, ZONE_LABEL
from kingtide.kube.taints import NOT_READY, UNREACHABLE, Taint
from kingtide.twin.cluster.daemons import Daemons
from kingtide.twin.cluster.deletion import PodDeletion
from kingtide.twin.cluster.join_faults import JoinFaults
from kingtide.twin.cluster.nodes import NodeLife
from kingtide.twin.definition import NodeGroup
from kingtide.twin.latencies import constant
from tests.twin.worlds import START_MS, daemon_set, group
from tests.unit.twin.cluster.parts import Parts

BOOT_MS, REGISTER_MS, DAEMONS_MS = 30_000, 60_000, 20_000
UNREACHABLE_MS, GONE_MS = 50_000, 15_000
REGISTERED_MS = BOOT_MS + REGISTER_MS
READY_MS = REGISTERED_MS + DAEMONS_MS
I1 = Instance("i-1", "g", CapacityPool("c5.4xlarge", "eu-west-1a", "spot"), "InService", START_MS)
OWN_TAINT = Taint("dedicated", "NoSchedule", "web")


class Life(Parts):
    """Node life with round figures."""

    def __init__(self, *, taints: tuple[Taint, ...] = ()) -> None:
        super().__init__(
            {
                "node.boot": constant(BOOT_MS, "test"),
                "node.register": constant(REGISTER_MS, "test"),
                "node.daemons_ready": constant(DAEMONS_MS, "test"),
                "node.unreachable": constant(UNREACHABLE_MS, "test"),
                "node.gone": constant(GONE_MS, "test"),
            }
        )
        self.store.put_daemon_set(daemon_set("agent"))
        daemons = Daemons(
            self.engine,
            self.store,
            self.latencies,
            self.machines,
            PodDeletion(self.engine, self.store).delete,
        )
        written = group("g", 0, spot=True)
        groups = (NodeGroup(written.group, {"team": "web"}, taints),)
        self.life = NodeLife(
            self.engine,
            self.store,
            self.latencies,
            self.journal,
            groups,
            self.machines,
            daemons,
            JoinFaults(self.engine, self.seeds),
        )

    def taints(self) -> list[str]:
        return [taint.key for taint in self.store.nodes["i-1"].taints]

    def kinds(self) -> list[str]:
        return [mark.kind for mark in self.journal.marks]


def test_an_instance_becomes_a_node_that_is_not_ready_and_then_ready() -> None:
    life = Life(taints=(OWN_TAINT,))
    life.life.on_running(I1, START_MS)
    life.after(REGISTERED_MS - 1)
    assert life.store.nodes == {}
    life.after(REGISTERED_MS)
    assert life.store.nodes["i-1"].ready.status == "False"
    assert life.taints() == ["dedicated", NOT_READY]
    life.after(READY_MS)
    assert life.store.nodes["i-1"].is_ready
    assert life.taints() == ["dedicated"]
    assert life.kinds() == ["node_ready"]
    assert "20 s after it registered" in life.journal.marks[0].message


def test_a_node_has_the_labels_of_its_group_and_of_its_instance() -> None:
    labels = Life().life.make_node(I1, START_MS).labels
    assert labels["team"] == "web"
    assert labels[INSTANCE_TYPE_LABEL] == "c5.4xlarge"
    assert labels[ZONE_LABEL] == "eu-west-1a"
    assert labels[REGION_LABEL] == "eu-west-1"
    assert labels[LIFECYCLE_LABEL] == "spot"


@pytest.mark.parametrize("dies_ms", [0, BOOT_MS, REGISTERED_MS - 1])
def test_an_instance_that_ends_before_it_registered_never_becomes_a_node(dies_ms: int) -> None:
    life = Life()
    life.life.on_running(I1, START_MS)
    life.after(dies_ms)
    life.life.on_terminating(I1)
    life.life.on_terminated(I1)  # all is over before registration would have come
    life.after(600_000)
    assert life.store.nodes == {}
    assert list(life.machines.down) == []
    assert life.kinds() == []


def test_a_node_that_stops_before_it_is_ready_never_becomes_ready() -> None:
    life = Life()
    life.life.on_running(I1, START_MS)
    life.after(REGISTERED_MS)
    life.life.on_terminating(I1)
    life.after(REGISTERED_MS + UNREACHABLE_MS)
    assert life.store.nodes["i-1"].ready.status == "Unknown"
    assert life.kinds() == []


def test_the_cluster_learns_late_that_a_machine_is_down() -> None:
    life = Life(taints=(OWN_TAINT,))
    life.life.on_running(I1, START_MS)
    life.after(READY_MS)
    life.add_pod("a", "i-1", ready=True)
    life.life.on_terminating(I1)
    assert not life.machines.is_up("i-1")
    life.after(READY_MS + UNREACHABLE_MS - 1)
    assert life.store.nodes["i-1"].is_ready
    assert life.pod("a").is_ready
    life.after(READY_MS + UNREACHABLE_MS)
    assert life.store.nodes["i-1"].ready.status == "Unknown"
    assert life.taints() == ["dedicated", UNREACHABLE]
    ready = life.pod("a").ready
    assert ready is not None
    assert (ready.status, ready.since_ms) == ("False", START_MS + READY_MS + UNREACHABLE_MS)


@pytest.mark.parametrize(
    ("ended_after_ms", "removed_after_ms"),
    [
        pytest.param(60_000, 60_000 + GONE_MS, id="after it was lost"),
        pytest.param(20_000, UNREACHABLE_MS, id="not before it was lost"),
    ],
)
def test_a_node_goes_with_all_its_pods_once_the_instance_has_ended(
    ended_after_ms: int, removed_after_ms: int
) -> None:
    life = Life()
    life.life.on_running(I1, START_MS)
    life.after(READY_MS)
    life.add_pod("a", "i-1", ready=True)
    life.add_pod("b", "i-1")
    life.life.on_terminating(I1)
    life.after(READY_MS + ended_after_ms)
    life.life.on_terminated(I1)
    life.after(READY_MS + removed_after_ms - 1)
    assert len(life.store.pods) == 3
    life.after(READY_MS + removed_after_ms)
    assert life.store.nodes == {}
    assert life.store.pods == {}
    assert life.machines.is_up("i-1")
    assert life.kinds() == ["node_ready", "node_removed"]
    life.after(READY_MS + 600_000)
    assert life.store.pods == {}


def test_nothing_is_remembered_of_nodes_that_are_gone() -> None:
    life = Life()
    life.life.on_running(I1, START_MS)
    life.after(READY_MS)
    life.life.on_terminating(I1)
    life.life.on_terminated(I1)
    life.after(600_000)
    sizes = {
        k: len(v) for k, v in vars(life.life).items() if isinstance(v, dict) and k != "_groups"
    }
    assert set(sizes.values()) == {0}, sizes


def test_an_instance_that_never_joins_runs_without_a_node_until_it_ends() -> None:
    life = Life()
    life.life.join_faults.never_join(1_000_000, START_MS + 1)
    life.life.on_running(I1, START_MS)
    life.after(600_000)
    assert life.store.nodes == {}
    life.life.on_terminating(I1)
    life.life.on_terminated(I1)
    life.after(1_200_000)
    assert list(life.machines.down) == []


def test_a_node_that_joins_broken_registers_and_is_never_ready() -> None:
    life = Life()
    life.life.join_faults.join_broken(1_000_000, START_MS + 1)
    life.life.on_running(I1, START_MS)
    life.after(600_000)
    assert life.store.nodes["i-1"].ready.status == "False"
    assert life.taints() == [NOT_READY]
    assert life.kinds() == []


def test_a_slow_boot_registers_late() -> None:
    life = Life()
    life.life.join_faults.slow_boots(300, START_MS + 1)
    life.life.on_running(I1, START_MS)
    life.after(3 * REGISTERED_MS - 1)
    assert life.store.nodes == {}
    life.after(3 * REGISTERED_MS)
    assert list(life.store.nodes) == ["i-1"]
