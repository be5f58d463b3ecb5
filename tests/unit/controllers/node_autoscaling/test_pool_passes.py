"""Whole passes in which capacity pools fail, are left alone, and are probed again."""

from __future__ import annotations

from kingtide.aws.autoscaling import CapacityPool
from kingtide.twin.cloud.wording import SPOT_CAPACITY_FAILURE, on_demand_capacity_failure
from tests.unit.controllers.node_autoscaling.situation import (
    Situation,
    codes,
    requests,
    verdict,
)

TIERS = '20: ["^spot-"]\n10: ["^on-demand"]\n'
ZONES = ("eu-west-1a", "eu-west-1b")


def tiers(**settings: object) -> Situation:
    """Two spot groups of one type (so of the same pools), one of another type, and on-demand."""
    situation = Situation(**settings)
    situation.group("spot-a")
    situation.group("spot-b")
    situation.group("spot-c", instance_types=("m5a.xlarge",))
    situation.group("on-demand", on_demand=True)
    situation.priorities(TIERS)
    return situation


def fail_spot(situation: Situation, group: str, desired: int) -> None:
    """The description shows what was asked for, and its failure."""
    situation.set_desired(group, desired)
    situation.now_ms += 5_000
    situation.fail_launch(group, SPOT_CAPACITY_FAILURE)


def only(situation: Situation, *, asked: str) -> None:
    """Leave one group to be asked first."""
    situation.priorities(f'30: ["^{asked}$"]\n{TIERS}')


def test_a_group_is_skipped_whose_pools_failed_in_another_group() -> None:
    situation = tiers()
    only(situation, asked="spot-a")
    situation.pods(6)
    assert requests(situation.run()) == {"spot-a": (0, 2)}
    fail_spot(situation, "spot-a", 2)
    decision = situation.run(seconds=5)
    # Straight to the group with other pools: spot-b would fail of the same cause.
    assert requests(decision) == {"spot-a": (2, 0), "spot-c": (0, 2)}
    assert codes(decision, "group/spot-b") == ["PoolsWithoutCapacity"]
    assert decision.report.saw["pools_without_capacity"] == 1


def test_on_demand_comes_in_the_same_pass_as_the_last_spot_failure() -> None:
    situation = tiers()
    only(situation, asked="spot-a")
    situation.pods(6)
    situation.run()
    fail_spot(situation, "spot-a", 2)
    assert "spot-c" in requests(situation.run(seconds=5))
    situation.set_desired("spot-a", 0)
    fail_spot(situation, "spot-c", 2)
    assert requests(situation.run(seconds=5)) == {"spot-c": (2, 0), "on-demand": (0, 2)}


def test_a_probe_asks_for_one_node_and_the_rest_goes_on_at_once() -> None:
    situation = tiers()
    only(situation, asked="spot-a")
    situation.pods(6)
    situation.run()
    fail_spot(situation, "spot-a", 2)
    situation.run(seconds=5)
    situation.set_desired("spot-a", 0)
    fail_spot(situation, "spot-c", 2)
    situation.run(seconds=5)
    situation.set_desired("spot-c", 0)
    situation.set_desired("on-demand", 2)
    situation.pods(9)
    decision = situation.run(seconds=180)
    asked = requests(decision)
    probed = [name for name in asked if name.startswith("spot-")]
    assert probed == ["spot-a"], "one probe at a time"
    assert asked == {"spot-a": (0, 1), "on-demand": (2, 4)}
    told = [it for it in decision.report.verdicts if it.subject == "group/spot-a"]
    assert "one node shows whether they still do" in str(told[-1].details["why"])


def test_while_a_probe_is_awaited_no_other_group_is_probed() -> None:
    situation = tiers()
    only(situation, asked="spot-a")
    situation.pods(3)
    situation.run()
    fail_spot(situation, "spot-a", 1)
    situation.run(seconds=5)
    situation.set_desired("spot-a", 0)
    fail_spot(situation, "spot-c", 1)
    situation.run(seconds=5)
    situation.set_desired("spot-c", 0)
    situation.set_desired("on-demand", 1)
    situation.run(seconds=400)  # every pool is due by now, and nobody waits for more
    situation.pods(3)
    assert list(requests(situation.run(seconds=10))) == ["spot-a"]
    situation.set_desired("spot-a", 1)
    situation.pods(3)
    decision = situation.run(seconds=10)
    assert list(requests(decision)) == ["on-demand"]
    assert codes(decision, "group/spot-c") == ["ProbedElsewhere"]


def test_pods_do_not_go_from_probe_to_probe_but_to_on_demand() -> None:
    """A walk over many failing groups can take longer than the first one is left alone."""
    situation = tiers()
    only(situation, asked="spot-a")
    situation.pods(3)
    situation.run()
    fail_spot(situation, "spot-a", 1)
    assert "spot-c" in requests(situation.run(seconds=5))
    situation.set_desired("spot-a", 0)
    situation.now_ms += 200_000  # spot-a and spot-b are due again when spot-c fails
    fail_spot(situation, "spot-c", 1)
    decision = situation.run(seconds=5)
    assert requests(decision) == {"spot-c": (1, 0), "on-demand": (0, 1)}
    assert codes(decision, "group/spot-b") == ["ProbedElsewhere"]
    situation.set_desired("spot-c", 0)
    situation.set_desired("on-demand", 1)
    situation.pods(3)
    assert list(requests(situation.run(seconds=59))) == ["on-demand"]
    situation.set_desired("on-demand", 2)
    situation.pods(3)
    assert list(requests(situation.run(seconds=1))) == ["spot-a"], "then one is probed"


def test_success_clears_the_pools_and_the_next_request_is_whole() -> None:
    situation = Situation()
    situation.group("spot-a")
    situation.pods(3)
    situation.run()
    fail_spot(situation, "spot-a", 1)
    situation.run(seconds=5)
    situation.set_desired("spot-a", 0)
    situation.pods(6)
    assert requests(situation.run(seconds=200)) == {"spot-a": (0, 1)}, "a probe"
    situation.set_desired("spot-a", 1)
    situation.now_ms += 20_000
    situation.launch("spot-a", "i-1", "Pending")
    decision = situation.run(seconds=5)
    assert requests(decision) == {"spot-a": (1, 3)}
    assert decision.report.saw["pools_without_capacity"] == 0


def test_a_failed_probe_makes_the_next_wait_longer() -> None:
    situation = Situation()
    situation.group("spot-a")
    situation.pods(3)
    situation.run()
    waits = []
    for _ in range(3):
        fail_spot(situation, "spot-a", 1)
        decision = situation.run(seconds=5)
        assert requests(decision) == {"spot-a": (1, 0)}
        waits.append(verdict(decision, "NoCapacity").details["backoff_seconds"])
        situation.set_desired("spot-a", 0)
        assert requests(situation.run(seconds=int(waits[-1]))) == {}
        assert requests(situation.run(seconds=1)) == {"spot-a": (0, 1)}
    assert waits == [180, 360, 720]


def test_an_on_demand_failure_leaves_the_groups_other_pools_to_others() -> None:
    situation = Situation()
    situation.group("on-demand-a", on_demand=True, zones=ZONES)
    situation.group("on-demand-b", on_demand=True, zones=ZONES)
    situation.group("on-demand-c", on_demand=True, zones=ZONES[:1])
    situation.priorities('20: ["-a$"]\n10: ["-c$"]\n5: ["-b$"]\n')
    situation.pods(6)
    assert requests(situation.run()) == {"on-demand-a": (0, 2)}
    situation.set_desired("on-demand-a", 2)
    situation.now_ms += 5_000
    pool = CapacityPool("m5.xlarge", "eu-west-1a", "on-demand")
    situation.fail_launch("on-demand-a", on_demand_capacity_failure(pool))
    decision = situation.run(seconds=5)
    # c has only the pool that failed; b has another one; a itself is left alone for a while.
    assert requests(decision) == {"on-demand-a": (2, 0), "on-demand-b": (0, 2)}
    assert codes(decision, "group/on-demand-c") == ["PoolsWithoutCapacity"]
    assert codes(decision, "group/on-demand-a")[-1] == "InBackoff"


def test_of_ten_asked_for_the_four_that_came_count_and_six_go_on() -> None:
    situation = tiers()
    only(situation, asked="spot-a")
    situation.pods(30)
    assert requests(situation.run()) == {"spot-a": (0, 10)}
    situation.set_desired("spot-a", 10)
    situation.now_ms += 5_000
    for number in range(4):
        situation.launch("spot-a", f"i-{number}", "Pending")
    situation.fail_launch("spot-a", SPOT_CAPACITY_FAILURE)
    decision = situation.run(seconds=5)
    assert requests(decision) == {"spot-a": (10, 4), "spot-c": (0, 6)}
    assert verdict(decision, "NoCapacity").details["missing"] == 6
    situation.set_desired("spot-a", 4)
    situation.set_desired("spot-c", 6)
    assert requests(situation.run(seconds=10)) == {}, "nothing in flight is forgotten"


def test_a_failure_of_another_kind_backs_off_the_group_alone() -> None:
    situation = tiers()
    only(situation, asked="spot-a")
    situation.pods(3)
    situation.run()
    situation.set_desired("spot-a", 1)
    situation.now_ms += 5_000
    situation.fail_launch("spot-a", "The specified launch template does not exist.")
    decision = situation.run(seconds=5)
    assert decision.report.saw["pools_without_capacity"] == 0
    assert verdict(decision, "LaunchFailed").details["backoff_seconds"] == 300
    (asked,) = [name for name in requests(decision) if name != "spot-a"]
    assert asked in ("spot-b", "spot-c"), "the same pools may well have capacity"


def test_pools_are_not_looked_at_where_activities_are_not() -> None:
    for mode in ("timeout", "placeholders"):
        situation = tiers(capacity_failure_detection=mode, max_node_provision_seconds=60)
        only(situation, asked="spot-a")
        situation.pods(3)
        situation.run()
        fail_spot(situation, "spot-a", 1)
        decision = situation.run(seconds=70)
        assert decision.report.saw["pools_without_capacity"] == 0
        assert decision.report.saw["groups_in_backoff"] == 1
