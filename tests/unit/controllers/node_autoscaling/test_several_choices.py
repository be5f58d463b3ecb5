"""Passes in which several groups are chosen, one for what the other leaves over."""

from __future__ import annotations

import pytest

from tests.unit.controllers.node_autoscaling.situation import (
    Situation,
    codes,
    of_kind,
    requests,
    verdict,
)

SPOT_FIRST = '20: ["^spot-nodes-.*"]\n10: ["^on-demand-.*"]\n'
LIFECYCLE_TAG = "k8s.io/cluster-autoscaler/node-template/label/lifecycle"


def two_spot_groups_and_on_demand(**settings: object) -> Situation:
    situation = Situation(**settings)
    situation.group("spot-nodes-a", max_size=2)
    situation.group("spot-nodes-b", max_size=1)
    situation.group("on-demand-a", on_demand=True)
    situation.priorities(SPOT_FIRST)
    return situation


def test_what_a_full_tier_leaves_over_goes_to_the_next_in_the_same_pass() -> None:
    situation = two_spot_groups_and_on_demand()
    situation.pods(15)  # three a node: five nodes
    decision = situation.run()
    assert requests(decision) == {
        "spot-nodes-a": (0, 2),
        "spot-nodes-b": (0, 1),
        "on-demand-a": (0, 2),
    }
    told = verdict(decision, "GetNewNodes").details
    assert told["pods"] == 15
    assert sorted(str(told["group"]).split(", ")) == ["on-demand-a", "spot-nodes-a", "spot-nodes-b"]


@pytest.mark.parametrize(
    ("settings", "groups"),
    [
        pytest.param({"max_choices_per_pass": 1}, 1, id="as Cluster Autoscaler"),
        pytest.param({"max_choices_per_pass": 2}, 2, id="bounded"),
        pytest.param({"capacity_failure_detection": "timeout"}, 1, id="timeout"),
        pytest.param({"capacity_failure_detection": "placeholders"}, 1, id="placeholders"),
        pytest.param({"capacity_failure_detection": "activities"}, 3, id="activities"),
        pytest.param(
            {"capacity_failure_detection": "timeout", "max_choices_per_pass": 3}, 3, id="asked for"
        ),
    ],
)
def test_choices_of_a_pass_are_bounded(settings: dict[str, object], groups: int) -> None:
    situation = two_spot_groups_and_on_demand(**settings)
    situation.pods(15)
    assert len(requests(situation.run())) == groups


def test_pods_of_two_kinds_get_their_groups_in_one_pass() -> None:
    situation = Situation()
    situation.group("small")
    situation.group("large", instance_types=("m5.4xlarge",))
    situation.pods(3, cpu=9_000, app="wide")
    situation.pods(2, cpu=500, app="narrow")
    asked = requests(situation.run())
    assert asked["large"] == (0, 3)
    assert sum(desired for _, desired in asked.values()) == 3, "the narrow fit beside the wide"


def test_a_group_is_asked_at_most_once_a_pass_however_often_it_takes_part() -> None:
    situation = Situation(balance_similar_node_groups=True)
    situation.group("a", max_size=2)
    situation.group("b", max_size=5)
    situation.pods(18)
    decision = situation.run()
    asked = requests(decision)
    assert len(asked) == len(of_kind(decision, type(decision.actions[0])))
    assert all(expected == 0 for expected, _ in asked.values())
    assert sum(desired for _, desired in asked.values()) == 6


def test_the_bound_of_the_whole_cluster_holds_over_all_choices() -> None:
    situation = two_spot_groups_and_on_demand(max_nodes_total=4)
    situation.pods(30)
    decision = situation.run()
    assert sum(desired for _, desired in requests(decision).values()) == 4
    why = str(verdict(decision, "NoGroupHelps").details["why"])
    assert "on-demand-a: takes others in this pass" in why


def test_a_later_choice_says_that_it_is_one() -> None:
    situation = two_spot_groups_and_on_demand()
    situation.pods(15)
    told = {
        it.subject: str(it.details["why"])
        for it in situation.run().report.verdicts
        if it.code == "ScaledUp"
    }
    assert told["group/on-demand-a"] == (
        "no other group can help, for pods that choice 2 of this pass left over"
    )


def test_balancing_never_leaves_the_lifecycle_where_cluster_autoscaler_ignores_its_label() -> None:
    situation = Situation(balance_similar_node_groups=True, expander=("least-waste",))
    situation.group("a-spot", tags={LIFECYCLE_TAG: "spot"})
    situation.group("b-on-demand", tags={LIFECYCLE_TAG: "on-demand"}, on_demand=True)
    situation.pods(12)
    assert len(requests(situation.run())) == 1


def test_balancing_never_leaves_the_lifecycle_even_if_no_label_tells_it() -> None:
    situation = Situation(balance_similar_node_groups=True, expander=("least-waste",))
    situation.group("a-spot")
    situation.group("b-on-demand", on_demand=True)
    situation.pods(12)
    assert len(requests(situation.run())) == 1


@pytest.mark.parametrize("chain", [("priority",), ("least-waste", "priority")])
def test_balancing_never_leaves_the_tier(chain: tuple[str, ...]) -> None:
    situation = Situation(balance_similar_node_groups=True, expander=chain)
    for name in ("first-a", "first-b", "second-a"):
        situation.group(name)
    situation.priorities('20: ["^first-"]\n10: ["^second-"]\n')
    situation.pods(12)
    assert requests(situation.run()) == {"first-a": (0, 2), "first-b": (0, 2)}


def test_balancing_never_shares_with_a_dearer_group_when_price_decides() -> None:
    situation = Situation(balance_similar_node_groups=True, expander=("price",))
    situation.group("cheap-a", instance_types=("m5a.xlarge",))
    situation.group("cheap-b", instance_types=("m5a.xlarge",))
    situation.group("dear", instance_types=("m5.xlarge",))
    situation.pods(12)
    assert requests(situation.run()) == {"cheap-a": (0, 2), "cheap-b": (0, 2)}


def test_spot_comes_before_on_demand_by_price_alone() -> None:
    situation = Situation(expander=("price",))
    situation.group("a-on-demand", on_demand=True)
    situation.group("b-spot")
    situation.pods(3)
    decision = situation.run()
    assert requests(decision) == {"b-spot": (0, 1)}
    assert verdict(decision, "ScaledUp").details["why"] == (
        "it costs least for what the pods request"
    )
    assert codes(decision, "configmap/kube-system/cluster-autoscaler-priority-expander") == []
