"""A fallback to on-demand goes back to spot in time, in the world with all its delays."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest

from kingtide.aws.autoscaling import CapacityPool
from kingtide.control.action import Action, EvictPod, TerminateInstance
from kingtide.control.claims import disruption_claim
from kingtide.control.group_labels import LABEL_PREFIX
from kingtide.control.node_actions import ReleaseCapacity
from kingtide.control.outcome import Outcome
from kingtide.fleet.policies.disruption import DisruptionBudget, DisruptionPolicy
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.fleet.policies.ondemand_reclaim import OndemandReclaimPolicy
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import GROUP_LABEL, LIFECYCLE_LABEL
from kingtide.kube.pods import Condition
from kingtide.kube.workloads import PodDisruptionBudget
from kingtide.roster.registry import ControllerRun
from kingtide.twin.definition import NodeGroup, PoolOutage, WorldDefinition
from kingtide.twin.world import World
from tests.twin.invariants import Invariants
from tests.twin.worlds import HOUR_MS, MINUTE_MS, START_MS, ZONES, application, definition, group

FALLBACK = 12
PODS = 60
BEARABLE = PODS // 10
GONE_BY_MS = START_MS + 2 * HOUR_MS + 30 * MINUTE_MS
LOOK_EVERY_MS = 10_000


def serving(name: str, running: int, *, spot: bool, serves: str = "workers") -> NodeGroup:
    """A group whose nodes and tags say whom they serve, as a fleet's do."""
    it = group(name, running, spot=spot)
    labels = {GROUP_LABEL: serves, LIFECYCLE_LABEL: "spot" if spot else "on-demand"}
    tags = {**it.group.tags, **{LABEL_PREFIX + key: value for key, value in labels.items()}}
    return msgspec.structs.replace(
        it, group=msgspec.structs.replace(it.group, tags=tags), labels=labels
    )


def fallen_back(**changes: object) -> WorldDefinition:
    """Twelve on-demand nodes, just launched, with five pods of three cores each; no spot yet."""
    budget = PodDisruptionBudget(
        "test", "web", LabelSelector(match_labels=(("app", "web"),)), max_unavailable="10%"
    )
    fields: dict[str, object] = {
        "groups": [
            serving("spot-workers", 0, spot=True),
            serving("on-demand-workers", FALLBACK, spot=False),
            serving("on-demand-admin", 2, spot=False, serves="admin"),
        ],
        "hours": 4,
        "disruption_budgets": (budget,),
        "controllers": (
            ControllerRun("nodeAutoscaling", NodeAutoscalingPolicy()),
            ControllerRun("ondemandReclaim", OndemandReclaimPolicy()),
        ),
        **changes,
    }
    web = application("web", PODS, 3_000, demand=[(0, PODS * 2_000)])
    return definition(web, **fields)  # type: ignore[arg-type]  # fields by name


class Watched:
    """A world with what its controllers did to it."""

    def __init__(self, world_definition: WorldDefinition) -> None:
        self.world = World(world_definition)
        self.evicted: Counter[str] = Counter()
        self.terminated: Counter[str] = Counter()
        self.released = 0
        self.most_disrupted = 0
        self.world.writes.listen(self._note)
        self._invariants = Invariants(self.world)

    def run_until(self, end_ms: int) -> None:
        while self.world.engine.now_ms < end_ms:
            self._invariants.run_until(min(end_ms, self.world.engine.now_ms + LOOK_EVERY_MS))
            claims = [disruption_claim(it.annotations) for it in self.world.store.nodes.values()]
            disrupted = sum(it is not None and it.not_before_ms is None for it in claims)
            self.most_disrupted = max(self.most_disrupted, disrupted)

    def on_demand(self, serves: str) -> list[str]:
        return [
            it.name
            for it in self.world.store.nodes.values()
            if it.labels.get(LIFECYCLE_LABEL) == "on-demand" and it.labels[GROUP_LABEL] == serves
        ]

    def pods_on(self, nodes: list[str]) -> int:
        return sum(pod.node_name in nodes for pod in self.world.store.pods.values())

    @property
    def most_unavailable(self) -> int:
        return self.world.availability.applications["test/web"].max_unavailable

    def _note(self, controller: str, action: Action, outcome: Outcome) -> None:
        if outcome.status != "done":
            return
        if isinstance(action, EvictPod):
            self.evicted[action.uid] += 1
        elif isinstance(action, TerminateInstance):
            self.terminated[action.instance_id] += 1
        elif isinstance(action, ReleaseCapacity):
            self.released += 1


def test_a_fallback_is_back_on_spot_by_two_hours_and_a_half() -> None:
    watched = Watched(fallen_back())
    watched.run_until(START_MS + 2 * HOUR_MS - MINUTE_MS)
    assert len(watched.on_demand("workers")) == FALLBACK  # not before their age
    assert watched.evicted.total() == 0
    pods = watched.pods_on(watched.on_demand("workers"))
    watched.run_until(GONE_BY_MS)
    assert watched.on_demand("workers") == []
    assert len(watched.on_demand("admin")) == 2  # on-demand by design
    assert watched.evicted.total() == pods >= 50
    assert max(watched.evicted.values()) == 1
    assert max(watched.terminated.values()) == 1
    assert 0 < watched.most_unavailable <= BEARABLE
    tally = watched.world.availability.applications["test/web"]
    assert tally.unavailable == 0


def test_the_shared_budget_bounds_how_many_nodes_are_emptied_at_once() -> None:
    budget = DisruptionPolicy((DisruptionBudget(nodes=2),))
    watched = Watched(fallen_back(disruption=budget))
    watched.run_until(GONE_BY_MS)
    assert watched.on_demand("workers") == []
    assert watched.most_disrupted == 2


def test_without_spot_capacity_claims_are_given_back_and_the_nodes_serve_on() -> None:
    types = ("c5.4xlarge", "c5d.4xlarge", "m5.4xlarge")
    pools = tuple(CapacityPool(kind, zone, "spot") for kind in types for zone in ZONES)
    back_ms = START_MS + 3 * HOUR_MS
    watched = Watched(fallen_back(outages=(PoolOutage(pools, START_MS, back_ms),)))
    watched.run_until(back_ms)
    assert len(watched.on_demand("workers")) == FALLBACK
    assert watched.released >= FALLBACK
    assert watched.most_unavailable == 0
    watched.run_until(back_ms + 59 * MINUTE_MS)
    assert watched.on_demand("workers") == []
    assert watched.most_unavailable <= BEARABLE


@pytest.mark.parametrize("after_actions", [None, 0, 1, 2])
def test_a_process_killed_again_and_again_loses_nothing_and_repeats_nothing(
    after_actions: int | None,
) -> None:
    watched = Watched(fallen_back())
    watched.run_until(START_MS + 2 * HOUR_MS - MINUTE_MS)
    pods = watched.pods_on(watched.on_demand("workers"))
    for step in range(1, 60):
        watched.world.process.kill(2_000, after_actions)
        watched.run_until(START_MS + 2 * HOUR_MS + step * 20_000)
    watched.run_until(GONE_BY_MS)
    assert watched.on_demand("workers") == []
    assert watched.world.writes.restarts["ondemand_reclaim"] >= 5
    assert watched.evicted.total() == pods >= 50
    assert max(watched.evicted.values()) == 1
    assert max(watched.terminated.values()) == 1
    assert watched.most_unavailable <= BEARABLE


def test_an_ill_spot_node_is_replaced_before_it_goes() -> None:
    groups = [serving("spot-workers", FALLBACK, spot=True)]
    watched = Watched(fallen_back(groups=groups, hours=1))
    watched.run_until(START_MS + MINUTE_MS)
    ill = next(iter(watched.world.store.nodes.values()))
    bad = {"KernelDeadlock": Condition("True", watched.world.engine.now_ms)}
    watched.world.store.update_node(ill, conditions=bad)
    watched.run_until(START_MS + 15 * MINUTE_MS)
    assert ill.name not in watched.world.store.nodes
    assert watched.terminated.total() == 1
    assert watched.most_unavailable <= BEARABLE
    assert watched.world.availability.applications["test/web"].unavailable == 0
