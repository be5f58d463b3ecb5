"""Which pods leave when: the two minutes, the budgets, the bounds."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest

from kingtide.control.action import EvictPod
from kingtide.control.node_actions import DeletePod
from kingtide.control.workload_actions import ScaleWorkload
from kingtide.controllers.spot_interruption.pace import Pace
from tests.unit.controllers.spot_interruption.situation import START_MS, Situation


def _left_at(situation: Situation, app: str) -> list[int]:
    """The seconds at which pods of an app were told to go, since the start."""
    names = [
        (at_ms, it.name)
        for at_ms, it in situation.actions
        if isinstance(it, EvictPod | DeletePod) and it.name.startswith(app)
    ]
    return [(at_ms - START_MS) // 1000 for at_ms, _ in names]


def _world(nodes: int = 1, **settings: int) -> Situation:
    situation = Situation(**settings)
    for number in range(nodes):
        situation.node(f"n{number}")
        situation.interrupt(f"n{number}")
    return situation


def test_load_balancers_are_given_time_and_pods_that_need_the_time_are_not_held() -> None:
    situation = _world(load_balancer_seconds=20)
    situation.pods(1, on="n0", app="short", grace_seconds=10)
    situation.pods(1, on="n0", app="long", grace_seconds=112)
    situation.follow(seconds=60)
    assert _left_at(situation, "short") == [20]
    assert _left_at(situation, "long") == [2]


def test_a_workload_leaves_in_as_many_waves_as_the_notice_has_room_for() -> None:
    situation = _world(nodes=6)
    for number in range(6):
        situation.pods(5, on=f"n{number}", priority=5)
    situation.pods(70, on="elsewhere", priority=5)
    least = 100
    for _ in range(115):
        situation.follow(seconds=1)
        least = min(least, situation.ready("web"))
    assert Counter(_left_at(situation, "web")) == {10: 15, 60: 15}
    assert least == 85


def test_low_priority_leaves_the_room_to_the_others() -> None:
    situation = _world()
    situation.pods(2, on="n0", app="low", priority=-5)
    situation.pods(2, on="n0", app="high", priority=5)
    situation.follow(seconds=115)
    assert max(_left_at(situation, "high")) <= min(_left_at(situation, "low"))


def test_low_priority_goes_when_its_own_time_comes() -> None:
    situation = _world()
    situation.pods(1, on="n0", app="low", priority=-5, grace_seconds=60)
    situation.pods(1, on="n0", app="high", priority=5)
    situation.waiting(priority=5)
    situation.follow(seconds=115)
    assert _left_at(situation, "low") == [54]
    assert _left_at(situation, "high") == [84]


def test_a_pod_stays_while_one_of_its_priority_waits_for_a_node() -> None:
    situation = _world()
    situation.pods(1, on="n0", app="web")
    waiting = situation.waiting()
    situation.follow(seconds=40)
    assert situation.evicted == []
    assert situation.codes("node/n0")[-1] == "WaitsForRoom"
    situation.cluster.apply(waiting, None)
    situation.follow(seconds=2)
    assert len(situation.evicted) == 1


def test_a_pod_of_lower_priority_that_waits_holds_nobody() -> None:
    situation = _world()
    situation.pods(1, on="n0", app="web", priority=5)
    situation.waiting(priority=0)
    situation.follow(seconds=12)
    assert len(situation.evicted) == 1


def test_nobody_stays_beyond_the_moment_that_its_grace_period_leaves() -> None:
    situation = _world()
    situation.full = True
    for grace_seconds in (5, 30, 60, 90):
        situation.pods(3, on="n0", app=f"g{grace_seconds}-", grace_seconds=grace_seconds)
    situation.waiting(priority=100)
    situation.follow(seconds=119)
    for grace_seconds in (5, 30, 60, 90):
        last = max(_left_at(situation, f"g{grace_seconds}-"))
        assert last + grace_seconds <= 120, grace_seconds


def test_when_time_is_short_low_priority_goes_first() -> None:
    situation = Situation(evictions_per_second=10)
    situation.node("n0")
    situation.pods(40, on="n0", app="high", priority=5)
    situation.pods(40, on="n0", app="low", priority=-5)
    situation.interrupt("n0", ago_ms=75_000)
    situation.follow(seconds=20)
    assert max(_left_at(situation, "low")) <= min(_left_at(situation, "high"))
    assert len(situation.evicted) == 80


def test_when_there_is_not_even_time_for_the_calls_the_highest_priorities_get_it() -> None:
    situation = Situation(evictions_per_second=2)
    situation.node("n0")
    situation.pods(60, on="n0", app="low", priority=-5)
    situation.pods(20, on="n0", app="high", priority=5)
    situation.interrupt("n0", ago_ms=90_000)
    situation.follow(seconds=29)
    assert len(_left_at(situation, "high")) == 20
    assert "TimeTooShort" in situation.codes("node/n0")


@pytest.mark.parametrize("per_second", [3, 7, 50])
def test_evictions_keep_their_pace_over_all_nodes(per_second: int) -> None:
    situation = _world(nodes=10, evictions_per_second=per_second)
    for number in range(10):
        situation.pods(10, on=f"n{number}", app=f"app{number}-")
    situation.follow(seconds=119)
    seconds = Counter(_left_at(situation, "app"))
    assert max(seconds.values()) <= per_second
    assert sum(seconds.values()) == 100


def test_a_storm_of_notices_is_no_storm_of_calls() -> None:
    situation = _world(nodes=60, writes_per_second=30)
    situation.follow(seconds=60)
    calls = Counter((at_ms - START_MS) // 1000 for at_ms, _ in situation.actions)
    assert max(calls.values()) <= 30
    assert sum(calls.values()) == 60 * 6
    assert situation.inbox == {}


def test_a_pace_looks_at_any_second_not_at_clock_seconds() -> None:
    pace = Pace().after(8, 900)
    assert pace.left(10, 1_100) == 2
    assert pace.left(10, 1_899) == 2
    assert pace.left(10, 1_900) == 10
    assert pace.after(3, 1_950).made == ((1_950, 3),)


# ------------------------------------------------------------ disruption budgets


def test_budgets_are_kept_until_the_last_thirty_seconds_which_are_reported() -> None:
    situation = _world(surge=False)
    situation.pods(2, on="n0", app="web")
    situation.budget("web", 2)
    situation.follow(seconds=89)
    assert situation.evicted == []
    assert situation.asked(DeletePod) == []
    assert situation.codes("node/n0")[-1] == "WaitsForBudgets"
    situation.follow(seconds=20)
    assert _left_at(situation, "web") == [90, 90]
    assert len(situation.asked(DeletePod)) == 2
    assert {it.grace_seconds for it in situation.asked(DeletePod)} == {29}
    below = [it for it in situation.verdicts if it.code == "DeletedBelowBudget"]
    assert [it.subject for it in below] == ["pod/shop/web-1", "pod/shop/web-2"]


def test_a_policy_may_keep_budgets_to_the_end() -> None:
    situation = _world(surge=False, below_budget_seconds=0)
    situation.pods(1, on="n0", app="web")
    situation.budget("web", 1)
    situation.follow(seconds=119)
    assert situation.asked(DeletePod) == []
    assert situation.evicted == []


def test_no_call_is_made_that_the_budget_is_known_to_refuse() -> None:
    situation = _world(nodes=2, surge=False)
    situation.pods(5, on="n0", app="web")
    situation.pods(5, on="n1", app="web")
    situation.budget("web", 8)
    situation.follow(seconds=80)
    asked = situation.asked(EvictPod)
    assert len(asked) == len(situation.evicted)


def test_a_pod_that_asked_not_to_be_evicted_stays_as_long_as_it_can() -> None:
    situation = _world()
    said = {"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"}
    situation.pods(1, on="n0", app="keeps", annotations=said)
    situation.follow(seconds=119)
    assert _left_at(situation, "keeps") == [84]


# ------------------------------------------------------------ one more first


def test_a_deployment_that_cannot_lose_a_pod_gets_one_more_first_and_gives_it_back() -> None:
    situation = _world()
    situation.pods(1, on="n0", app="web")
    situation.deployment("web", 1)
    situation.budget("web", 1)
    least = 1
    for _ in range(80):
        situation.follow(seconds=1)
        least = min(least, situation.ready("web"))
    assert least == 1
    assert len(situation.evicted) == 1
    sizes = [(it.expected_replicas, it.replicas) for it in situation.asked(ScaleWorkload)]
    assert sizes == [(1, 2), (2, 1)]
    deployment = situation.cluster.scalables["Deployment/shop/web"]
    assert (deployment.size, deployment.annotations) == (1, {})
    assert situation.codes("deployment/shop/web") == ["Surged", "SurgeEnded"]


def test_a_restart_takes_back_what_its_forerunner_gave() -> None:
    situation = _world()
    situation.pods(1, on="n0", app="web")
    situation.deployment("web", 1)
    situation.budget("web", 1)
    situation.follow(seconds=5)
    situation.crash()
    situation.remove_node("n0")
    situation.follow(seconds=3)
    assert situation.cluster.scalables["Deployment/shop/web"].size == 1


def test_a_replica_that_somebody_else_took_back_is_not_taken_twice() -> None:
    situation = _world()
    situation.pods(1, on="n0", app="web")
    situation.deployment("web", 1)
    situation.budget("web", 1)
    situation.follow(seconds=5)
    marked = situation.cluster.scalables["Deployment/shop/web"]
    situation.cluster.apply(marked, msgspec.structs.replace(marked, size=4))
    situation.remove_node("n0")
    situation.follow(seconds=3)
    deployment = situation.cluster.scalables["Deployment/shop/web"]
    assert (deployment.size, deployment.annotations) == (4, {})


def test_a_deployment_may_ask_for_one_more_and_waits_for_it() -> None:
    situation = _world()
    situation.pods(6, on="n0", app="web")
    situation.deployment("web", 6, surge_before_eviction="true")
    situation.follow(seconds=45)
    assert situation.evicted == []
    situation.follow(seconds=70)
    assert len(situation.evicted) == 6


@pytest.mark.parametrize(
    "why", ["an HPA scales it", "it has many", "it says no", "policy", "bound", "late"]
)
def test_a_deployment_is_not_given_one_more(why: str) -> None:
    settings: dict[str, int] = {}
    if why == "policy":
        settings = {"surge": False}
    if why == "bound":
        settings = {"max_surges": 0}
    situation = Situation(**settings)
    situation.node("n0")
    situation.interrupt("n0", ago_ms=60_000 if why == "late" else 0)
    situation.pods(1, on="n0", app="web")
    replicas = 4 if why == "it has many" else 1
    said = {"surge_before_eviction": "false"} if why == "it says no" else {}
    situation.deployment("web", replicas, **said)
    situation.budget("web", 1)
    if why == "an HPA scales it":
        situation.scaled_by_hpa("web")
    situation.follow(seconds=40)
    assert situation.asked(ScaleWorkload) == []
