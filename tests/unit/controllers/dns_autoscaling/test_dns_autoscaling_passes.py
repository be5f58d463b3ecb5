"""Whole passes of the sizing of CoreDNS."""

from __future__ import annotations

from typing import Any

import pytest

from kingtide.aws.autoscaling import AutoScalingGroup, ScalingActivity
from kingtide.control.action import PatchScale
from kingtide.control.chance import Chance
from kingtide.control.controller import check_declared
from kingtide.control.decision import Decision
from kingtide.control.index import ClusterIndex
from kingtide.control.proportional.memory import SizingMemory
from kingtide.control.snapshot import Snapshot
from kingtide.controllers.dns_autoscaling.decide import CONTROLLER
from kingtide.fleet.policies.dns_autoscaling import DnsAutoscalingPolicy
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition, Container, PodSpec, PodTemplate
from kingtide.kube.resources import Resources
from kingtide.kube.workloads import Deployment

NOW_MS = 1_800_000_000_000
CORE_DNS = "kube-system/coredns"


class NoCloud:
    """CoreDNS is no group's."""

    @property
    def groups(self) -> dict[str, AutoScalingGroup]:
        raise AssertionError("no group is looked at")

    def activities_since(self, group: str, since_ms: int) -> list[ScalingActivity]:
        raise AssertionError(group, since_ms)


class Situation:
    def __init__(self, **settings: Any) -> None:
        self.cluster = ClusterIndex()
        self.policy = DnsAutoscalingPolicy(**settings)
        self.memory = CONTROLLER.first_memory()

    def deployment(self, replicas: int, key: str = CORE_DNS) -> None:
        namespace, name = key.split("/")
        template = PodTemplate({"app": name}, PodSpec(containers=(Container("dns"),)))
        self.cluster.apply(
            self.cluster.deployments.get(key),
            Deployment(
                namespace=namespace,
                name=name,
                uid=name,
                replicas=replicas,
                template=template,
                selector=LabelSelector(),
            ),
        )

    def nodes(
        self, count: int, cores: int, *, is_ready: bool = True, is_cordoned: bool = False
    ) -> None:
        amounts = Resources(cpu_millicores=cores * 1000, memory_bytes=1, pods=110)
        for _ in range(count):
            name = f"node-{len(self.cluster.nodes)}"
            ready = Condition("True" if is_ready else "False", 0)
            node = Node(
                name=name, uid=name, labels={}, capacity=amounts, allocatable=amounts,
                created_ms=0, ready=ready, unschedulable=is_cordoned,
            )  # fmt: skip
            self.cluster.apply(None, node)

    def run(self) -> Decision[SizingMemory]:
        snapshot = Snapshot(self.cluster, NoCloud(), "test")
        chance = Chance(1, CONTROLLER.name)
        decision = CONTROLLER.decide(snapshot, self.policy, self.memory, NOW_MS, chance)
        check_declared(CONTROLLER, decision)
        self.memory = decision.memory
        return decision


def said(decision: Decision[SizingMemory]) -> list[str]:
    return [CONTROLLER.phrases.tell(it) for it in decision.report.verdicts]


def asked(situation: Situation) -> int | None:
    """Return the replicas that a pass asks for, None where it writes nothing."""
    for action in situation.run().actions:
        assert isinstance(action, PatchScale)
        return action.replicas
    return None


@pytest.mark.parametrize(
    ("nodes", "cores", "settings", "replicas"),
    [
        pytest.param(3, 16, {}, 2, id="never one"),
        pytest.param(1, 4, {"min_replicas": 1}, 1, id="one node, and one is enough"),
        pytest.param(2, 4, {"min_replicas": 1}, 2, id="no single point of failure"),
        pytest.param(
            2, 4, {"min_replicas": 1, "prevent_single_point_failure": False}, 1, id="unless wanted"
        ),
        pytest.param(16, 48, {}, 3, id="768 cores are three times 256"),
        pytest.param(16, 49, {}, 4, id="one core more is one replica more"),
        pytest.param(48, 2, {}, 3, id="48 small nodes are three times 16"),
        pytest.param(49, 2, {}, 4, id="one node more is one replica more"),
        pytest.param(200, 2, {"max_replicas": 5}, 5, id="never more than the most"),
        pytest.param(10, 32, {"cores_per_replica": 64}, 5, id="a ratio of its own"),
    ],
)
def test_the_larger_of_cores_and_nodes_within_bounds(
    nodes: int, cores: int, settings: dict[str, Any], replicas: int
) -> None:
    situation = Situation(**settings)
    situation.deployment(replicas=77)
    situation.nodes(nodes, cores)
    assert asked(situation) == replicas


def test_what_is_as_it_should_be_is_left_and_told_once() -> None:
    situation = Situation()
    situation.deployment(replicas=2)
    situation.nodes(3, 16)
    first = situation.run()
    assert said(first) == [f"{CORE_DNS} keeps 2 replicas: for 48 cores on 3 nodes"]
    situation.nodes(1, 16)
    second = situation.run()
    assert (first.actions, second.actions, said(second)) == ((), (), [])
    assert second.wake_at_ms == NOW_MS + 10_000


def test_nodes_that_are_not_ready_keep_their_replicas_unless_they_do_not_count() -> None:
    counting, leaving = Situation(), Situation(include_unschedulable_nodes=False)
    for situation in (counting, leaving):
        situation.deployment(replicas=9)
        situation.nodes(20, 16)
        situation.nodes(20, 16, is_ready=False)
    assert (asked(counting), asked(leaving)) == (3, 2)


def test_a_cluster_whose_nodes_all_do_not_count_keeps_its_replicas() -> None:
    situation = Situation(include_unschedulable_nodes=False)
    situation.deployment(replicas=9)
    situation.nodes(200, 16, is_ready=False)
    assert asked(situation) is None


@pytest.mark.parametrize(
    ("nodes", "cores", "replicas"),
    [
        pytest.param(20, 16, 2, id="cordoned nodes do not count"),
        pytest.param(60, 16, 4, id="60 nodes of 16 cores"),
        pytest.param(64, 16, 4, id="to the node"),
        pytest.param(65, 16, 5, id="and over it"),
    ],
)
def test_cordoned_nodes_count_only_where_they_are_to(nodes: int, cores: int, replicas: int) -> None:
    for include in (False, True):
        situation = Situation(include_unschedulable_nodes=include)
        situation.deployment(replicas=77)
        situation.nodes(nodes, cores)
        situation.nodes(200, cores, is_cordoned=True)
        every = -(-(nodes + 200) // 16)
        assert asked(situation) == (every if include else replicas)


def test_nothing_is_written_beside_another_autoscaler_of_coredns() -> None:
    situation = Situation()
    situation.deployment(replicas=1)
    situation.deployment(replicas=1, key="kube-system/coredns-autoscaler")
    situation.nodes(20, 16)
    decision = situation.run()
    assert decision.actions == ()
    (told,) = said(decision)
    assert told.startswith(f"{CORE_DNS} is left to kube-system/coredns-autoscaler, which runs")
    situation.deployment(replicas=0, key="kube-system/coredns-autoscaler")
    assert asked(situation) == 2


def test_a_cluster_of_which_nothing_is_seen_is_not_scaled() -> None:
    situation = Situation()
    assert said(situation.run()) == [f"{CORE_DNS} is not there: nothing to scale"]
    situation.deployment(replicas=12)
    decision = situation.run()
    assert decision.actions == ()
    assert said(decision) == [
        f"{CORE_DNS} is left alone: no node counts, which is no size of a cluster"
    ]


def test_a_pass_says_why_it_scales() -> None:
    situation = Situation()
    situation.deployment(replicas=2)
    situation.nodes(40, 16)
    decision = situation.run()
    assert [it.reason for it in decision.actions] == ["for 640 cores on 40 nodes"]
    assert said(decision) == [f"{CORE_DNS} goes from 2 to 3 replicas: for 640 cores on 40 nodes"]
