"""Whether a group can help, said with why not; when a failing pool may be probed."""

from __future__ import annotations

import msgspec
import pytest

from kingtide.aws.autoscaling import CapacityPool
from kingtide.control.company import Company
from kingtide.controllers.node_autoscaling.backoff import Backoff
from kingtide.controllers.node_autoscaling.candidate_groups import (
    Asking,
    Candidate,
    Refusal,
    candidate_of,
    must_not_probe,
)
from kingtide.controllers.node_autoscaling.capacity_pools import fail
from kingtide.controllers.node_autoscaling.demand import Demand
from kingtide.controllers.node_autoscaling.pricing import cost_of
from kingtide.controllers.node_autoscaling.upcoming import NOTHING_UPCOMING, Batch, Upcoming
from kingtide.fleet.policies.node_autoscaling import PoolPolicy
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import ZONE_LABEL
from kingtide.kube.pods import Container, PodAffinityTerm, PodSpec
from kingtide.kube.resources import Resources
from tests.unit.controllers.node_autoscaling.situation import GIB, START_MS, Situation

A = CapacityPool("m5.xlarge", "eu-west-1a", "spot")
POOLS = PoolPolicy(probe_initial_seconds=180, probe_pause_seconds=60)


def asked(
    situation: Situation, spec: PodSpec, *, count: int = 1, lifecycle: str = "any", budget: int = 9
) -> Candidate | Refusal:
    """Whether the group `g` can help pods of a spec."""
    situation.run()
    (pod,) = situation.pods(1, spec=spec, app="asks")
    shape = situation.cluster.shapes.intern(pod)
    asking = Asking(
        upcoming=NOTHING_UPCOMING,
        backoffs={},
        failed_pools={},
        policy=situation.policy,
        company=Company(situation.cluster.node_table, [shape]),
        budget=budget,
        may_not_probe=False,
        now_ms=situation.now_ms,
    )
    demand = msgspec.structs.replace(Demand(shape, count, "asks"), lifecycle=lifecycle)
    return candidate_of(situation.memory.fleet.groups["g"], [demand], [count], asking)


def requesting(cpu: int, gib: int = 1) -> PodSpec:
    requests = Resources(cpu_millicores=cpu, memory_bytes=gib * GIB)
    return PodSpec(containers=(Container("main", requests=requests),))


def test_a_size_that_nobody_knows_is_named_by_the_groups_first_type() -> None:
    situation = Situation()
    situation.group("g", instance_types=("x9.mega", "x9.giga"))
    assert asked(situation, requesting(100)) == Refusal("UnknownSize", "x9.mega")


def test_pods_that_leave_on_demand_nodes_for_spot_are_told_to_an_on_demand_group_as_such() -> None:
    situation = Situation()
    situation.group("g", on_demand=True)
    found = asked(situation, requesting(100), lifecycle="spot")
    assert found == Refusal("PodsDoNotFit", "they leave an on-demand node for spot")


@pytest.mark.parametrize(
    ("on_demand", "lifecycle"),
    [
        pytest.param(False, "spot", id="spot is asked for, and it is spot"),
        pytest.param(True, "any", id="either will do, and it is on demand"),
    ],
)
def test_pods_that_are_too_large_are_told_as_such(on_demand: bool, lifecycle: str) -> None:
    situation = Situation()
    situation.group("g", on_demand=on_demand)
    found = asked(situation, requesting(64_000), lifecycle=lifecycle)
    assert found == Refusal("PodsDoNotFit", "Insufficient cpu")


@pytest.mark.parametrize(
    ("budget", "refusal"),
    [
        pytest.param(0, Refusal("MaxNodesTotalReached"), id="no node may be asked for"),
        pytest.param(1, Refusal("PodsDoNotFit", "other pods keep them away"), id="one may be"),
    ],
)
def test_who_finds_no_place_is_told_whether_the_bound_or_other_pods_are_the_reason(
    budget: int, refusal: Refusal
) -> None:
    cache = LabelSelector(match_labels=(("app", "cache"),))
    near = msgspec.structs.replace(
        requesting(100), required_pod_affinity=(PodAffinityTerm(ZONE_LABEL, cache),)
    )
    situation = Situation()
    situation.group("g")
    assert asked(situation, near, budget=budget) == refusal


def test_what_a_group_costs_is_what_its_nodes_cost_for_exactly_what_the_pods_request() -> None:
    situation = Situation(expander=("price",))
    situation.group("g")
    found = asked(situation, requesting(1_000, 2), count=3)
    assert isinstance(found, Candidate)
    requested = Resources(cpu_millicores=3_000, memory_bytes=6 * GIB)
    assert found.option.cost == cost_of(situation.cloud.groups["g"], 1, requested)


@pytest.mark.parametrize(
    ("waited_ms", "must_not"),
    [
        pytest.param(59_999, True, id="a launch has just failed"),
        pytest.param(60_000, False, id="a minute later"),
    ],
)
def test_after_a_failed_launch_nothing_is_probed_for_a_minute(
    waited_ms: int, must_not: bool
) -> None:
    failed = fail({}, [A], POOLS, START_MS, START_MS)
    now_ms = START_MS + waited_ms
    assert must_not_probe({}, NOTHING_UPCOMING, {}, failed, POOLS, now_ms) == must_not


@pytest.mark.parametrize(
    ("fails", "backoff", "must_not"),
    [
        pytest.param(True, False, True, id="it is awaited"),
        pytest.param(True, True, False, id="it was given up"),
        pytest.param(False, False, False, id="its pools are not known to fail"),
    ],
)
def test_while_a_probe_is_awaited_no_other_begins(
    fails: bool, backoff: bool, must_not: bool
) -> None:
    situation = Situation()
    situation.group("g")
    situation.run()
    elsewhere = CapacityPool("c5.large", "eu-west-1c", "spot")
    failed = fail({}, [A if fails else elsewhere], POOLS, START_MS, START_MS)
    now_ms = START_MS + 100_000
    backoffs = {"g": Backoff(now_ms, 100_000, START_MS, "NoCapacity")} if backoff else {}
    awaited = Upcoming(batches={"g": (Batch(START_MS, 1),)})
    groups = situation.memory.fleet.groups
    assert must_not_probe(groups, awaited, backoffs, failed, POOLS, now_ms) == must_not
    assert not must_not_probe(groups, NOTHING_UPCOMING, backoffs, failed, POOLS, now_ms)
