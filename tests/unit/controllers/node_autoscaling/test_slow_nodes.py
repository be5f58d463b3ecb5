"""Whole passes with nodes that start slowly, never join, or join and never work."""

from __future__ import annotations

import pytest

from kingtide.fleet.policies.node_autoscaling import ScaleDownPolicy
from kingtide.kube.pods import Condition
from kingtide.kube.taints import Taint
from tests.unit.controllers.node_autoscaling.situation import (
    Situation,
    codes,
    requests,
    terminated,
    verdict,
)

STARTUP = "startup-taint.cluster-autoscaler.kubernetes.io/cni"


def one_asked_for(**settings: object) -> Situation:
    situation = Situation(**settings)
    situation.group("spot")
    situation.pods(3)
    assert requests(situation.run()) == {"spot": (0, 1)}
    situation.set_desired("spot", 1)
    return situation


@pytest.mark.parametrize(
    ("key", "settings"),
    [
        pytest.param(STARTUP, {}, id="prefix"),
        pytest.param("ignore-taint.cluster-autoscaler.kubernetes.io/x", {}, id="older prefix"),
        pytest.param("cni/not-ready", {"startup_taints": ("cni/not-ready",)}, id="setting"),
    ],
)
def test_a_ready_node_with_a_startup_taint_still_starts(
    key: str, settings: dict[str, object]
) -> None:
    situation = one_asked_for(**settings)
    situation.node("n", "spot", taints=(Taint(key, "NoSchedule"),))
    decision = situation.run(seconds=10)
    assert requests(decision) == {}, "its pods wait for it, no second node is asked for"
    assert codes(decision, "node/n") == ["Starting"]
    situation.change_node("n", taints=())
    assert codes(situation.run(seconds=10), "replicaset/shop/web") == ["FitOnExistingNodes"]


def test_a_startup_taint_that_stays_makes_the_node_count_as_broken() -> None:
    situation = one_asked_for(max_node_startup_seconds=600)
    situation.node("n", "spot", taints=(Taint(STARTUP, "NoSchedule"),))
    assert requests(situation.run(seconds=600)) == {}
    assert requests(situation.run(seconds=10)) == {"spot": (1, 2)}


def test_a_status_taint_does_not_stand_on_the_next_node_and_keeps_none_from_being_started() -> None:
    situation = Situation(status_taints=("disk/checking",))
    situation.group("spot", nodes=1)
    situation.change_node("spot-0", taints=(Taint("disk/checking", "NoSchedule"),))
    situation.pods(3)
    decision = situation.run()
    assert requests(decision) == {"spot": (1, 2)}
    assert "Starting" not in codes(decision, "node/spot-0")


def test_a_node_that_joins_and_stays_not_ready_is_upcoming_for_a_while_then_replaced() -> None:
    situation = one_asked_for(max_node_startup_seconds=600)
    situation.node("n", "spot", ready=False)
    assert requests(situation.run(seconds=600)) == {}
    assert requests(situation.run(seconds=10)) == {"spot": (1, 2)}


def test_a_node_that_stays_not_ready_is_given_back_in_the_end() -> None:
    down = ScaleDownPolicy(unready_seconds=1200, delay_after_add_seconds=0)
    situation = Situation(max_node_startup_seconds=600, scale_down=down)
    situation.group("spot", nodes=1)
    situation.pods(3, on="spot-0")
    situation.node("broken", "spot", ready=False)
    situation.set_desired("spot", 2)
    situation.run()
    told = situation.run(seconds=610)
    assert codes(told, "node/broken") == ["NotUnreadyLongEnough"]
    assert verdict(told, "NotUnreadyLongEnough").details["needed_seconds"] == 1200
    assert codes(situation.run(seconds=1201), "node/broken") == ["RemovalBegan"]


def test_a_group_whose_nodes_do_not_get_ready_is_asked_no_further() -> None:
    situation = Situation(max_node_startup_seconds=600)
    situation.group("broken")
    situation.group("other", nodes=12)
    situation.priorities('20: ["^broken"]\n10: ["^other"]\n')
    for number in range(4):
        situation.node(f"b{number}", "broken", ready=False)
    situation.set_desired("broken", 4)
    for number in range(12):
        situation.pods(4, on=f"other-{number}", app="filler")
    situation.now_ms += 700_000
    situation.pods(3)
    decision = situation.run()
    assert requests(decision) == {}, "other has its maximum"
    assert verdict(decision, "GroupUnhealthy").details["detail"] == "4"
    assert codes(decision, "group/other") == ["MaxSizeReached"]
    situation.change_node("b0", ready=Condition("True", situation.now_ms))
    assert requests(situation.run(seconds=10)) == {}, "three pods fit on the one that is well"
    situation.pods(3, app="more")
    assert requests(situation.run(seconds=10)) == {"broken": (4, 5)}


def test_instances_that_never_become_nodes_are_terminated_and_the_group_is_left_alone() -> None:
    situation = one_asked_for(max_node_provision_seconds=300)
    situation.launch("spot", "i-1")
    assert terminated(situation.run(seconds=10)) == []
    decision = situation.run(seconds=301)
    assert terminated(decision) == ["i-1"]
    assert codes(decision, "group/spot") == ["NodesNeverJoined", "InBackoff"]
    assert requests(decision) == {}


def test_a_node_that_joins_late_after_all_is_used() -> None:
    situation = one_asked_for(max_node_provision_seconds=300)
    situation.launch("spot", "i-late")
    situation.run(seconds=290)
    situation.node("late", "spot")
    decision = situation.run(seconds=5)
    assert terminated(decision) == []
    assert codes(decision, "replicaset/shop/web") == ["FitOnExistingNodes"]
