from collections.abc import Sequence

import msgspec
import pytest

from kingtide.kube.pods import Condition, Pod
from kingtide.twin.cluster.client_rate import BURST
from kingtide.twin.cluster.kubelet import Kubelets
from kingtide.twin.cluster.replica_sets import MAX_CALLS, ReplicaSets
from tests.twin.worlds import application
from tests.unit.twin.cluster.parts import Parts, deployment

KEY = "test/api"


class Controller(Parts):
    """A ReplicaSet controller with kubelets under it; pods are bound as they come."""

    def __init__(self, replicas: int, *, bind: bool = True) -> None:
        super().__init__()
        self.created: list[int] = []
        self.replica_sets = ReplicaSets(
            self.engine, self.store, self.seeds, self.latencies, self.deletion.delete
        )
        Kubelets(self.engine, self.store, self.seeds, self.latencies, {}, self.machines)
        self._bind = bind
        self.store.on_pods(self._on_pod)
        made = self.replica_sets.add(deployment(application("api", replicas)))
        for _ in range(replicas):
            pod = self.replica_sets.make_pod(made, self.engine.now_ms)
            self.store.create_pod(
                msgspec.structs.replace(
                    pod, node_name="n1", phase="Running", ready=Condition("True", 0)
                )
            )
        self.created.clear()

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        if old is None:
            self.created.append(self.engine.now_ms)

    def scale(self, replicas: int) -> None:
        self.replica_sets.scale(self.store.deployments[KEY], replicas)

    @property
    def active(self) -> Sequence[Pod]:
        return self.replica_sets.active_pods(KEY)


def test_scaling_up_creates_a_burst_and_then_twenty_pods_a_second() -> None:
    controller = Controller(0)
    controller.scale(BURST + 40)
    controller.after(150)
    assert len(controller.active) == BURST + 1
    controller.after(100 + 40 * 50)
    assert len(controller.active) == BURST + 40
    controller.after(60_000)
    assert len(controller.active) == BURST + 40
    assert controller.replica_sets.is_settled(KEY)


def test_scaling_up_takes_the_deployments_and_the_replica_sets_queues() -> None:
    controller = Controller(0)
    controller.scale(1)
    controller.after(99)
    assert not controller.active
    controller.after(100)
    assert len(controller.active) == 1


def test_scaling_down_deletes_the_surplus_gracefully() -> None:
    controller = Controller(10)
    controller.scale(4)
    controller.after(200)
    assert len(controller.active) == 4
    assert len(controller.store.pods) == 10
    controller.after(60_000)
    assert len(controller.store.pods) == 4


def test_replicas_lowered_while_pods_are_being_created_cost_the_new_pods_not_the_old() -> None:
    controller = Controller(10)
    old = {pod.uid for pod in controller.active}
    controller.scale(110)
    controller.after(1_000)
    assert 10 < len(controller.active) < 110
    controller.scale(12)
    controller.after(120_000)
    assert len(controller.active) == 12
    assert old <= {pod.uid for pod in controller.active}


def test_replicas_raised_while_pods_are_being_deleted_are_reached() -> None:
    controller = Controller(100)
    controller.scale(10)
    controller.after(1_000)
    assert 10 < len(controller.active) < 100
    controller.scale(80)
    controller.after(120_000)
    assert len(controller.active) == 80
    assert controller.replica_sets.is_settled(KEY)


def test_no_more_are_created_than_wanted_however_often_replicas_change() -> None:
    controller = Controller(0)
    for number in range(20):
        controller.scale(50 + number)
        controller.after(100 * (number + 1))
    controller.after(120_000)
    assert len(controller.created) == 69


def test_a_large_step_is_made_in_bounded_looks() -> None:
    controller = Controller(0)
    controller.scale(MAX_CALLS + 100)
    controller.after(120_000)
    assert len(controller.active) == MAX_CALLS + 100


@pytest.mark.parametrize("is_bound", [True, False], ids=["running", "pending"])
def test_a_pod_that_somebody_deletes_is_replaced_at_once(*, is_bound: bool) -> None:
    controller = Controller(3)
    if not is_bound:
        controller.scale(4)
        controller.after(1_000)
    victim = next(pod for pod in controller.active if bool(pod.node_name) is is_bound)
    wanted = len(controller.active)
    controller.deletion.delete(victim)
    assert len(controller.active) == wanted - 1
    controller.after(1_100)
    assert len(controller.active) == wanted
    assert victim.uid not in {pod.uid for pod in controller.active}


def test_a_pod_that_failed_is_replaced() -> None:
    controller = Controller(2)
    controller.store.update_pod(controller.active[0], phase="Failed")
    controller.after(200)
    assert len(controller.active) == 2
    assert len(controller.store.pods) == 3


def test_pods_have_names_in_order_and_uids_in_none() -> None:
    controller = Controller(50)
    names = [pod.name for pod in controller.active]
    uids = [pod.uid for pod in controller.active]
    assert names == sorted(names)
    assert uids != sorted(uids)
    assert len({*uids}) == 50
    assert uids == [pod.uid for pod in Controller(50).active]


def test_pods_of_an_unknown_replica_set_are_left_alone() -> None:
    controller = Controller(1)
    stranger = controller.add_pod("x", owner="stranger")
    controller.deletion.delete(stranger)
    controller.after(1_000)
    assert len(controller.active) == 1
