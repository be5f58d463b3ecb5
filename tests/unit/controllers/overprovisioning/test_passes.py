"""Whole passes of overprovisioning."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kingtide.aws.autoscaling import AutoScalingGroup, ScalingActivity
from kingtide.control.action import PatchScale
from kingtide.control.chance import Chance
from kingtide.control.controller import check_declared
from kingtide.control.decision import Decision
from kingtide.control.index import ClusterIndex
from kingtide.control.proportional.memory import SizingMemory
from kingtide.control.snapshot import Snapshot
from kingtide.controllers.overprovisioning.decide import CONTROLLER
from kingtide.fleet.policies.overprovisioning import OverprovisioningPolicy
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition, Container, PodSpec, PodTemplate
from kingtide.kube.resources import Resources
from kingtide.kube.workloads import ConfigMap, Deployment

NOW_MS = 1_800_000_000_000
LADDER = '{"coresToReplicas":[[16,4],[100,10],[200,20]]}'


class NoCloud:
    """Overprovisioning looks at no group."""

    @property
    def groups(self) -> dict[str, AutoScalingGroup]:
        raise AssertionError("no group is looked at")

    def activities_since(self, group: str, since_ms: int) -> list[ScalingActivity]:
        raise AssertionError(group, since_ms)


class Situation:
    def __init__(self, **settings: Any) -> None:
        self.cluster = ClusterIndex()
        self.policy = OverprovisioningPolicy(**settings)
        self.memory = CONTROLLER.first_memory()
        self.now_ms = NOW_MS

    def deployment(self, replicas: int) -> None:
        key = self.policy.deployment
        namespace, name = key.split("/")
        spec = PodSpec(containers=(Container("pause"),), priority=-10)
        self.cluster.apply(
            self.cluster.deployments.get(key),
            Deployment(
                namespace=namespace,
                name=name,
                uid="d",
                replicas=replicas,
                template=PodTemplate({"app": name}, spec),
                selector=LabelSelector(),
            ),
        )

    def configure(self, text: str, mode: str = "ladder") -> None:
        namespace, name = self.policy.config_map.split("/")
        old = self.cluster.config_maps.get(self.policy.config_map)
        self.cluster.apply(old, ConfigMap(namespace, name, {mode: text}))

    def nodes(self, count: int, millicores: int = 15_890, **changes: Any) -> None:
        amounts = Resources(cpu_millicores=millicores, memory_bytes=1, pods=110)
        for _ in range(count):
            name = f"node-{len(self.cluster.nodes)}"
            fields: dict[str, Any] = {
                "name": name,
                "uid": name,
                "labels": {},
                "capacity": amounts,
                "allocatable": amounts,
                "created_ms": 0,
                "ready": Condition("True", 0),
            }
            self.cluster.apply(None, Node(**{**fields, **changes}))

    def run(self) -> Decision[SizingMemory]:
        snapshot = Snapshot(self.cluster, NoCloud(), "test")
        chance = Chance(1, CONTROLLER.name)
        decision = CONTROLLER.decide(snapshot, self.policy, self.memory, self.now_ms, chance)
        check_declared(CONTROLLER, decision)
        for it in decision.report.verdicts:
            assert it.code in CONTROLLER.phrases.sentences
            CONTROLLER.phrases.tell(it)
        self.memory = decision.memory
        self.now_ms += self.policy.poll_seconds * 1000
        return decision


def ready(nodes: int, replicas: int = 0, **settings: Any) -> Situation:
    situation = Situation(**settings)
    situation.deployment(replicas)
    situation.configure(LADDER)
    situation.nodes(nodes)
    return situation


def scaled(decision: Decision[SizingMemory]) -> list[tuple[int, int]]:
    """(expected, wanted) of every action."""
    return [
        (it.expected_replicas, it.replicas) for it in decision.actions if isinstance(it, PatchScale)
    ]


def test_the_ladder_follows_the_cores() -> None:
    decision = ready(nodes=10, replicas=4).run()
    assert scaled(decision) == [(4, 10)]
    assert decision.wake_at_ms == NOW_MS + 10_000
    (verdict,) = decision.report.verdicts
    told = CONTROLLER.phrases.tell(verdict)
    assert told == (
        "overprovisioning/overprovisioning goes from 4 to 10 pause pods: rung [100, 10],"
        " for 159 cores"
    )


def test_cores_are_rounded_up_over_their_sum() -> None:
    situation = ready(nodes=0)
    situation.nodes(3, millicores=33_001)  # 99.003 cores count as 100
    assert scaled(situation.run()) == [(0, 10)]


def test_a_deployment_of_the_right_size_is_left_alone_and_told_once() -> None:
    situation = ready(nodes=10, replicas=10)
    decision = situation.run()
    assert decision.actions == ()
    assert [it.code for it in decision.report.verdicts] == ["Kept"]
    assert situation.run().report.verdicts == ()


def test_a_core_more_within_the_rung_is_no_news() -> None:
    situation = ready(nodes=10, replicas=10)
    situation.run()
    situation.nodes(1)
    assert situation.run().report.verdicts == ()


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"unschedulable": True}, id="cordoned"),
        pytest.param({"ready": Condition("False", 0)}, id="not Ready"),
    ],
)
def test_nodes_that_take_no_pods_do_not_count(changes: dict[str, Any]) -> None:
    situation = ready(nodes=5, replicas=4)
    situation.nodes(20, **changes)
    assert scaled(situation.run()) == []


def test_only_nodes_with_the_labels_count() -> None:
    situation = ready(nodes=20, replicas=4, node_labels=(("group", "api"),))
    situation.nodes(5, labels={"group": "api"})
    assert scaled(situation.run()) == []


def test_a_node_that_changes_or_goes_is_counted_anew() -> None:
    situation = ready(nodes=10, replicas=10)
    situation.run()
    for name in ("node-0", "node-1", "node-2"):
        node = situation.cluster.nodes[name]
        situation.cluster.apply(node, msgspec.structs.replace(node, unschedulable=True))
    for name in ("node-3", "node-4"):
        situation.cluster.apply(situation.cluster.nodes[name], None)
    decision = situation.run()
    assert scaled(decision) == [(10, 4)]
    assert decision.report.saw == {"cores": 80, "nodes": 5}


def test_counting_from_nothing_gives_what_counting_on_gives() -> None:
    situation = ready(nodes=10)
    situation.run()
    situation.nodes(7)
    situation.cluster.apply(situation.cluster.nodes["node-3"], None)
    warm = situation.run().memory.tally
    situation.memory = CONTROLLER.first_memory()
    cold = situation.run().memory.tally
    assert warm.size == cold.size
    assert dict(warm.counted) == dict(cold.counted)


def test_a_changed_configuration_counts_at_once() -> None:
    situation = ready(nodes=10, replicas=10)
    assert scaled(situation.run()) == []
    situation.configure('{"nodesPerReplica": 3}', mode="linear")
    assert scaled(situation.run()) == [(10, 4)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param(None, "ConfigMapMissing", id="no ConfigMap"),
        pytest.param("{", "ConfigMapUnusable", id="broken JSON"),
    ],
)
def test_without_a_usable_configuration_nothing_is_scaled(text: str | None, code: str) -> None:
    situation = Situation()
    situation.deployment(5)
    situation.nodes(10)
    if text is not None:
        situation.configure(text)
    decision = situation.run()
    assert decision.actions == ()
    assert [it.code for it in decision.report.verdicts] == [code]


def test_a_deployment_that_is_not_there_is_told() -> None:
    situation = Situation()
    situation.configure(LADDER)
    assert [it.code for it in situation.run().report.verdicts] == ["DeploymentMissing"]
