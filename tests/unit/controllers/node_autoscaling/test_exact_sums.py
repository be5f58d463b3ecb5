"""Sums that nobody must be off by one in: shortages, packings, zones, claims, requests."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import msgspec
import pytest

from kingtide.aws.autoscaling import AutoScalingGroup, ScalingActivity
from kingtide.aws.prices import price_micro_usd_per_hour
from kingtide.control.action import SetDesiredCapacity
from kingtide.control.chance import Chance
from kingtide.control.company import Company
from kingtide.control.index import ClusterIndex
from kingtide.control.outcome import Outcome
from kingtide.controllers.node_autoscaling.capacity_failure import Shortage, shortage
from kingtide.controllers.node_autoscaling.careful_packing import minding, pack_carefully
from kingtide.controllers.node_autoscaling.demand import Demand
from kingtide.controllers.node_autoscaling.expander import Choice, Option, expand
from kingtide.controllers.node_autoscaling.nodes_to_be import new_nodes
from kingtide.controllers.node_autoscaling.pricing import price_of
from kingtide.controllers.node_autoscaling.priorities import read_priorities
from kingtide.controllers.node_autoscaling.upcoming import (
    NOTHING_UPCOMING,
    Ask,
    Batch,
    Upcoming,
    follow,
    with_ask,
    with_terminations,
)
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import HOSTNAME_LABEL, Node
from kingtide.kube.pods import Container, PodAffinityTerm, PodSpec
from kingtide.kube.resources import Resources
from kingtide.kube.taints import Taint
from tests.unit.controllers.node_autoscaling.situation import (
    GIB,
    START_MS,
    Situation,
    requests,
)
from tests.unit.controllers.node_autoscaling.test_scale_down_passes import put_taint, situation_with
from tests.unit.controllers.node_autoscaling.test_upcoming import INSTANCE, standing
from tests.unit.controlplane.scheduling.situations import node, pod

# ------------------------------------------------------------ shortages


@pytest.mark.parametrize(
    ("desired", "running", "expected"),
    [
        pytest.param(3, 2, Shortage(1, True, "none left"), id="one is missing"),
        pytest.param(3, 3, Shortage(0, False), id="all are there"),
        pytest.param(3, 4, Shortage(0, False), id="more than are wanted"),
    ],
)
def test_a_failed_launch_says_nothing_of_a_group_that_has_what_it_wants(
    desired: int, running: int, expected: Shortage
) -> None:
    activity = ScalingActivity("1", "g", "Failed", 5, 5, "", "none left")
    assert shortage(desired, running, [activity], 5) == expected


# ------------------------------------------------------------ packing with company

DB = LabelSelector(match_labels=(("app", "db"),))
EMPTY = Resources(cpu_millicores=4_000, memory_bytes=16 * GIB, pods=110)


def spec(cpu: int, *, minds: bool) -> PodSpec:
    wanted = Resources(cpu_millicores=cpu, memory_bytes=GIB)
    apart = (PodAffinityTerm(HOSTNAME_LABEL, DB),) if minds else ()
    return PodSpec(
        containers=(Container("main", requests=wanted),), required_pod_anti_affinity=apart
    )


class Packed:
    """Demands of (cpu, minding others, pods) packed on nodes that are and will be."""

    def __init__(self, *wanted: tuple[int, bool, int], there: int = 0, most: int = 9) -> None:
        cluster = ClusterIndex()
        shapes = [
            cluster.shapes.intern(pod(f"p{number}", spec(cpu, minds=minds)))
            for number, (cpu, minds, _) in enumerate(wanted)
        ]
        self.opened = 0
        demands = [Demand(shape, it[2], "w") for shape, it in zip(shapes, wanted, strict=True)]
        counts = [it[2] for it in wanted]
        company = Company(cluster.node_table, shapes)
        self.minding = minding(demands, counts, company)
        nodes = [node(f"there-{number}") for number in range(there)]
        packing = pack_carefully(
            demands, counts, nodes, self._to_come(), EMPTY, most, company
        )  # fmt: skip
        self.placed, self.used = packing.placed, packing.used_nodes

    def _to_come(self) -> Iterator[Node]:
        while True:
            self.opened += 1
            yield node(f"new-{self.opened}")


def test_only_demands_with_pods_that_mind_others_are_packed_with_care() -> None:
    assert Packed((1_000, True, 1), (500, False, 9), (800, True, 0)).minding == [0]


@pytest.mark.parametrize(
    ("cpu", "pods", "nodes"),
    [
        pytest.param(4_000, 3, 3, id="one fills a node"),
        pytest.param(2_000, 3, 2, id="two fill a node"),
        pytest.param(2_001, 3, 3, id="two are just too many"),
    ],
)
def test_pods_that_mind_others_fill_nodes_to_the_last_millicore(
    cpu: int, pods: int, nodes: int
) -> None:
    packed = Packed((cpu, True, pods))
    assert (packed.placed, packed.used, packed.opened) == ((pods,), nodes, nodes)


def test_no_node_is_opened_for_pods_that_none_can_hold() -> None:
    packed = Packed((4_001, True, 2))
    assert (packed.placed, packed.used, packed.opened) == ((0,), 0, 0)


def test_pods_that_mind_nobody_are_counted_apart_and_fill_what_is_left() -> None:
    packed = Packed((3_000, True, 2), (1_000, False, 3))
    assert (packed.placed, packed.used) == ((2, 3), 3)
    assert Packed((3_000, True, 2), (1_000, False, 2)).used == 2


def test_no_more_nodes_are_opened_than_allowed_whoever_needs_them() -> None:
    packed = Packed((3_000, True, 2), (2_000, False, 3), most=3)
    assert (packed.placed, packed.used) == ((2, 2), 3)


# ------------------------------------------------------------ zones of nodes to come


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        pytest.param("", ["a", "b", "c", "a"], id="none is there"),
        pytest.param("a", ["b", "c", "a", "b"], id="those with fewest come first"),
        pytest.param("aab", ["b", "a", "b", "a"], id="c lags by two: it has no capacity"),
        pytest.param("aabc", ["b", "c", "a", "b"], id="one less is no lag"),
    ],
)
def test_nodes_come_in_the_zones_that_have_fewest_and_do_not_lag(
    there: str, expected: list[str]
) -> None:
    situation = Situation()
    zones = tuple(f"eu-west-1{letter}" for letter in "abc")
    situation.group("g", zones=zones)
    for number, letter in enumerate(there):
        situation.launch("g", f"i-{number}", zone=f"eu-west-1{letter}")
    situation.launch("g", "i-leaving", "Terminating", zone="eu-west-1c")
    situation.run()
    nodes = new_nodes(situation.memory.fleet.groups["g"], NOTHING_UPCOMING)
    assert [next(nodes).zone[-1] for _ in expected] == expected
    one_missing = Upcoming(batches={"g": (Batch(START_MS, 1),)})
    beyond = new_nodes(situation.memory.fleet.groups["g"], one_missing)
    assert next(beyond).zone[-1] == expected[1]


# ------------------------------------------------------------ requests on their way


def test_what_is_terminated_lowers_what_a_group_wants_and_never_below_nothing() -> None:
    group = standing(INSTANCE)["g"]
    assert with_terminations(NOTHING_UPCOMING, group, ["i-1"], 5).asks == {"g": Ask(0, 5)}
    found = with_terminations(NOTHING_UPCOMING, group, ["i-1", "i-2"], 5)
    assert found.asks == {"g": Ask(0, 5)}
    assert found.condemned_ms == {"i-1": 5, "i-2": 5}


def ask(desired: int, expected: int) -> SetDesiredCapacity:
    return SetDesiredCapacity(group="g", desired=desired, expected_desired=expected, reason="")


@pytest.mark.parametrize(
    ("desired", "live", "missing"),
    [pytest.param(3, 1, 2, id="two are missing"), pytest.param(1, 1, 0, id="none is"),
     pytest.param(1, 2, 0, id="more are there than are wanted")],
)  # fmt: skip
def test_what_is_missing_after_a_request_is_what_is_not_there(
    desired: int, live: int, missing: int
) -> None:
    found = with_ask(NOTHING_UPCOMING, ask(desired, 1), live, 7)
    assert found.batches == ({"g": (Batch(7, missing),)} if missing else {})


@pytest.mark.parametrize(
    ("desired", "is_kept"),
    [
        pytest.param(0, True, id="put back"),
        pytest.param(2, False, id="asked for more"),
        pytest.param(1, False, id="asked for the same"),
    ],
)
def test_what_a_group_missed_is_remembered_until_it_is_known_to_be_put_back(
    desired: int, is_kept: bool
) -> None:
    missed = (Batch(3, 1),)
    found = with_ask(Upcoming(batches={"g": missed}), ask(desired, 1), 0, 7)
    assert found.put_back == ({"g": missed} if is_kept else {})
    refused = [Outcome(ask(desired, 1), "refused", 8)]
    group = AutoScalingGroup("g", 0, 9, 1, ("c5.large",), ("eu-west-1a",), {})
    groups = {"g": msgspec.structs.replace(standing()["g"], group=group)}
    followed = follow(found, groups, refused, 9)
    assert followed.batches["g"] == missed  # as long as it has been


@pytest.mark.parametrize(
    ("more", "left"),
    [
        pytest.param(1, (Batch(3, 2), Batch(5, 3)), id="the last of the newest"),
        pytest.param(4, (Batch(3, 2),), id="all of the newest"),
        pytest.param(5, (Batch(3, 1),), id="and some of the one before"),
    ],
)
def test_a_request_that_came_to_nothing_makes_what_is_missing_no_younger(
    more: int, left: tuple[Batch, ...]
) -> None:
    upcoming = Upcoming(batches={"g": (Batch(3, 2), Batch(5, 4))})
    group = AutoScalingGroup("g", 0, 9, 6 - more, ("c5.large",), ("eu-west-1a",), {})
    groups = {"g": msgspec.structs.replace(standing()["g"], group=group)}
    refused = [Outcome(ask(6, 6 - more), "refused", 8)]
    assert follow(upcoming, groups, refused, 9).batches["g"] == left


@pytest.mark.parametrize(
    ("status", "age_ms", "is_open"),
    [
        pytest.param("done", 120_000, True, id="the description may be two minutes old"),
        pytest.param("done", 120_001, False, id="it is lost"),
        pytest.param("failed", 0, False, id="nobody knows: the description tells again"),
    ],
)
def test_a_request_counts_until_the_cloud_shows_it_or_it_is_taken_as_lost(
    status: str, age_ms: int, is_open: bool
) -> None:
    upcoming = Upcoming(asks={"g": Ask(5, 1_000)})
    outcomes = [Outcome(ask(5, 1), "done" if status == "done" else "failed", 1_000)]
    found = follow(upcoming, standing(INSTANCE), outcomes, 1_000 + age_ms)
    assert dict(found.asks) == ({"g": Ask(5, 1_000)} if is_open else {})


@pytest.mark.parametrize(("age_ms", "is_condemned"), [(120_000, True), (120_001, False)])
def test_an_instance_that_does_not_go_is_condemned_for_two_minutes(
    age_ms: int, is_condemned: bool
) -> None:
    upcoming = Upcoming(condemned_ms={"i-1": 1_000}, first_seen_ms={"i-1": 500})
    found = follow(upcoming, standing(INSTANCE), (), 1_000 + age_ms)
    assert ("i-1" in found.condemned_ms) == is_condemned


# ------------------------------------------------------------ choices and prices


def test_where_one_group_can_help_nobody_decides() -> None:
    only = Option("g", nodes=1, pods=1, wasted_cpu=Fraction(1, 2))
    for chain in (("random",), ("least-waste",), ("priority", "most-pods")):
        found = expand([only], chain, read_priorities(None), Chance(1, "n"), "k")
        assert found == Choice(only, (), "")


def test_a_core_and_a_gib_are_worth_what_is_left_when_the_other_is_taken_off() -> None:
    price = {
        name: price_micro_usd_per_hour(name, "on-demand", "eu-west-1")
        for name in ("c5.xlarge", "m5.xlarge")
    }
    # Four cores each, with 8 and 16 GiB.
    a_gib = Fraction(price["m5.xlarge"] - price["c5.xlarge"], 8)
    a_core = (price["c5.xlarge"] - 8 * a_gib) / 4
    assert price_of(Resources(memory_bytes=GIB), "eu-west-1") == a_gib
    assert price_of(Resources(cpu_millicores=1_000), "eu-west-1") == a_core


# ------------------------------------------------------------ passes


def test_after_a_pass_that_left_pods_over_the_next_comes_in_a_second() -> None:
    situation = Situation(max_nodes_per_scale_up=1, max_choices_per_pass=1)
    situation.group("spot")
    situation.pods(3)
    decision = situation.run()
    assert requests(decision) == {"spot": (0, 1)}
    assert decision.wake_at_ms == START_MS + 10_000  # all were helped
    situation.pods(4, app="more")
    decision = situation.run()
    assert requests(decision) == {"spot": (1, 2)}
    assert decision.wake_at_ms == START_MS + 1_000  # one is left
    situation.group("spot", max_size=2, desired=2)
    assert situation.run().wake_at_ms == START_MS + 10_000  # one is left, and nobody can help


def test_a_node_that_goes_is_not_counted_on_for_pods_that_come() -> None:
    situation = situation_with(unneeded_seconds=60)
    situation.group("spot", nodes=1)
    situation.run()
    situation.run(seconds=61)
    put_taint(situation, "spot-0")
    decision = situation.run(seconds=10)
    assert len(decision.actions) == 1  # its termination
    situation.pods(1)
    # The cloud does not show the termination yet; the request presumes that it was done.
    assert requests(situation.run(seconds=1)) == {"spot": (0, 1)}


def test_the_figures_of_a_pass_count_what_there_is() -> None:
    situation = Situation()
    situation.group("spot", nodes=2)
    situation.pods(3, on="spot-0", app="keeps")
    saw = situation.run().report.saw
    assert (saw["nodes"], saw["nodes_unneeded"], saw["nodes_upcoming"]) == (2, 1, 0)


def test_what_is_written_on_the_node_that_tells_of_the_next_is_heeded() -> None:
    situation = Situation()
    situation.group("spot", nodes=2)
    situation.run()
    template = situation.memory.fleet.groups["spot"].template
    assert template is not None
    assert template.node.taints == ()
    dedicated = Taint("dedicated", "NoSchedule", "games")
    situation.change_node("spot-1", taints=(dedicated,))  # not the one that is looked at
    situation.run()
    template = situation.memory.fleet.groups["spot"].template
    assert template is not None
    assert template.node.taints == ()
    situation.change_node("spot-0", taints=(dedicated,))
    situation.run()
    template = situation.memory.fleet.groups["spot"].template
    assert template is not None
    assert template.node.taints == (dedicated,)
