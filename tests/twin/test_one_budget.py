"""Several controllers that empty nodes, one budget; whatever dies, freezes or is refused."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from kingtide.control.action import EvictPod, SetDesiredCapacity, TerminateInstance
from kingtide.control.budget import is_disrupted, was_never_ready
from kingtide.control.claims import disruption_claim
from kingtide.fleet.policies.disruption import DisruptionBudget, DisruptionPolicy
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy, ScaleDownPolicy
from kingtide.fleet.policies.ondemand_reclaim import OndemandReclaimPolicy
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy
from kingtide.kube.nodes import GROUP_LABEL
from kingtide.kube.workloads import ConfigMap
from kingtide.roster.registry import ControllerRun
from kingtide.twin.api_faults import ApiFault
from kingtide.twin.definition import NodeGroup
from kingtide.twin.engine import EventClass
from kingtide.twin.world import World
from tests.twin.worlds import (
    MINUTE_MS,
    SECOND_MS,
    START_MS,
    application,
    available,
    definition,
    group,
)

BUDGET = 2
ON_DEMAND = 6
REPLICAS = 18
LABEL_TAG = f"k8s.io/cluster-autoscaler/node-template/label/{GROUP_LABEL}"


def serving_workers(made: NodeGroup) -> NodeGroup:
    tags = {**made.group.tags, LABEL_TAG: "workers"}
    return msgspec.structs.replace(
        made,
        group=msgspec.structs.replace(made.group, tags=tags),
        labels={GROUP_LABEL: "workers"},
    )


def world() -> World:
    """Six old on-demand nodes that spot could replace, and three spot nodes hardly used."""
    groups = [
        serving_workers(group("on-demand-workers", ON_DEMAND)),
        serving_workers(group("spot-nodes-workers", 3, spot=True)),
    ]
    expander = "cluster-autoscaler-priority-expander"
    priorities = {"priorities": "50:\n  - ^spot-nodes-\n10:\n  - ^on-demand-\n"}
    return World(
        definition(
            application("api", REPLICAS, 3_500),
            groups=groups,
            config_maps=(ConfigMap("kube-system", expander, priorities),),
            controllers=(
                ControllerRun(
                    "nodeAutoscaling",
                    NodeAutoscalingPolicy(scale_down=ScaleDownPolicy(unneeded_seconds=60)),
                ),
                ControllerRun("ondemandReclaim", OndemandReclaimPolicy(max_age_seconds=300)),
                ControllerRun("spotInterruption", SpotInterruptionPolicy()),
            ),
            disruption=DisruptionPolicy((DisruptionBudget(BUDGET),)),
            hours=2,
        )
    )


def disrupted(world: World) -> int:
    """As the store has it, not as anybody sees it."""
    nodes = world.store.nodes.values()
    return sum(not was_never_ready(it) and is_disrupted(it) for it in nodes)


def run(world: World, minutes: int) -> int:
    """Let time pass and return how many nodes were ever disrupted at once."""
    most = 0
    until_ms = world.engine.now_ms + minutes * MINUTE_MS
    while world.engine.now_ms < until_ms:
        world.run_until(world.engine.now_ms + SECOND_MS)
        most = max(most, disrupted(world))
    return most


def writes(world: World, kind: type) -> list[tuple[str, str]]:
    """Who did what: the loop and what it did it to."""
    return [
        (write.controller, str(getattr(write.action, "uid", getattr(write.action, "node", ""))))
        for write in world.process.audit.writes
        if isinstance(write.action, kind) and write.outcome.status == "done"
    ]


Fault = Callable[[World], None]


def killed_between_actions(after: int) -> Fault:
    return lambda world: world.process.kill(20 * SECOND_MS, after)


def stale(world: World) -> None:
    world.watch.freeze(world.engine.now_ms + 90 * SECOND_MS)


def slow(world: World) -> None:
    world.watch.delay(20 * SECOND_MS, world.engine.now_ms + 10 * MINUTE_MS)


def unwilling(code: str, *, takes_effect: bool = False) -> Fault:
    def begin(world: World) -> None:
        now_ms = world.engine.now_ms
        world.api_faults.add(
            ApiFault(
                from_ms=now_ms,
                until_ms=now_ms + 15 * MINUTE_MS,
                code=code,
                permille=400,
                takes_effect=takes_effect,
            )
        )

    return begin


FAULTS: dict[str, Fault] = {
    "none": lambda _: None,
    "killed": lambda world: world.process.kill(20 * SECOND_MS),
    **{f"killed after {n} actions": killed_between_actions(n) for n in range(4)},
    "two leaders": lambda world: world.process.freeze(60 * SECOND_MS, in_flight=2),
    "frozen for a moment": lambda world: world.process.freeze(10 * SECOND_MS),
    "a stale watch": stale,
    "a slow watch": slow,
    "throttled": unwilling("429"),
    "errors": unwilling("500"),
    "answers lost": unwilling("504", takes_effect=True),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_budget_holds_and_nothing_is_done_twice(name: str) -> None:
    evening = world()
    for minute in (1, 3, 6, 10, 15):
        at_ms = START_MS + minute * MINUTE_MS + 7 * SECOND_MS
        evening.engine.at(at_ms, EventClass.WORLD, FAULTS[name], evening)
    most = run(evening, 90)
    assert 1 <= most <= BUDGET
    evicted = [uid for _, uid in writes(evening, EvictPod)]
    assert len(evicted) == len(set(evicted))
    ended = [node for _, node in writes(evening, TerminateInstance)]
    assert len(ended) == len(set(ended))
    asked = [
        write.action.desired
        for write in evening.process.audit.writes
        if isinstance(write.action, SetDesiredCapacity) and write.outcome.status == "done"
    ]
    assert max(asked, default=0) <= 3 + ON_DEMAND
    left = [it for it in evening.store.nodes.values() if not it.is_spot]
    assert left == []
    assert available(evening, "api") == REPLICAS
    claims = [disruption_claim(it.annotations) for it in evening.store.nodes.values()]
    assert claims == [None] * len(claims)
