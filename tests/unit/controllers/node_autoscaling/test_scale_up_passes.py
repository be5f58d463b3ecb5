"""Whole passes that add nodes."""

from __future__ import annotations

import msgspec
import pytest

from kingtide.kube.pods import Container, PodSpec
from kingtide.kube.resources import Resources
from kingtide.kube.taints import Taint, Toleration
from tests.unit.controllers.node_autoscaling.situation import (
    GIB,
    START_MS,
    Situation,
    codes,
    requests,
    verdict,
)

SPOT_FIRST = '20: ["^spot-nodes-.*"]\n10: ["^on-demand-.*"]\n'


def spot_and_on_demand(**settings: object) -> Situation:
    situation = Situation(**settings)
    for name in ("spot-nodes-a", "spot-nodes-b", "on-demand-a"):
        situation.group(name, nodes=1)
        situation.pods(4, on=f"{name}-0", app=f"filler-{name}")
    situation.priorities(SPOT_FIRST)
    return situation


def test_waiting_pods_get_as_many_nodes_as_they_fill() -> None:
    situation = Situation()
    situation.group("spot", nodes=1)
    situation.pods(4, on="spot-0", app="filler")
    situation.pods(9)
    decision = situation.run()
    assert requests(decision) == {"spot": (1, 4)}
    assert codes(decision, "replicaset/shop/web") == ["GetNewNodes"]


def test_a_world_without_waiting_pods_is_left_alone() -> None:
    situation = Situation()
    situation.group("spot", nodes=1)
    situation.pods(4, on="spot-0")
    decision = situation.run()
    assert decision.actions == ()
    assert decision.wake_at_ms == START_MS + 10_000


def test_an_unchanged_world_is_not_reported_twice() -> None:
    situation = Situation()
    situation.group("spot", nodes=2)
    situation.pods(4, on="spot-0")
    situation.run()
    assert situation.run(seconds=10).report.verdicts == ()


def test_room_on_nodes_that_are_there_is_used_before_a_node_is_asked_for() -> None:
    situation = Situation()
    situation.group("spot", nodes=1)
    situation.pods(3, on="spot-0", app="filler")
    situation.pods(1)
    decision = situation.run()
    assert requests(decision) == {}
    assert codes(decision, "replicaset/shop/web") == ["FitOnExistingNodes"]


def test_an_in_flight_request_is_not_forgotten() -> None:
    situation = Situation()
    situation.group("spot")
    situation.pods(6)
    assert requests(situation.run()) == {"spot": (0, 2)}
    # The description does not show it yet, then shows it, then an instance without a node.
    assert requests(situation.run(seconds=10)) == {}
    situation.set_desired("spot", 2)
    assert requests(situation.run(seconds=10)) == {}
    situation.launch("spot", "i-1", "Pending")
    decision = situation.run(seconds=10)
    assert requests(decision) == {}
    assert decision.report.saw["nodes_upcoming"] == 2


def test_more_pods_only_get_what_upcoming_nodes_do_not_hold() -> None:
    situation = Situation()
    situation.group("spot")
    situation.pods(3)
    assert requests(situation.run()) == {"spot": (0, 1)}
    situation.pods(3)
    # m5.xlarge offers 3920 millicores: three pods a node.
    assert requests(situation.run(seconds=10)) == {"spot": (1, 2)}


def test_a_node_that_starts_still_counts_as_upcoming() -> None:
    situation = Situation()
    situation.group("spot", desired=1)
    situation.node("starting", "spot", ready=False)
    situation.pods(3)
    decision = situation.run()
    assert requests(decision) == {}
    assert codes(decision, "replicaset/shop/web") == ["WaitForUpcomingNodes"]


def test_a_restart_with_empty_memory_asks_for_nothing_twice() -> None:
    situation = Situation()
    situation.group("spot")
    situation.pods(6)
    assert requests(situation.run()) == {"spot": (0, 2)}
    situation.set_desired("spot", 2)
    situation.forget()
    assert requests(situation.run(seconds=10)) == {}


def test_a_refused_request_is_asked_again_from_what_is_there() -> None:
    situation = Situation()
    situation.group("spot")
    situation.pods(3)
    first = situation.run()
    assert requests(first) == {"spot": (0, 1)}
    # Somebody else had set 5 in the meantime, of which the description tells nothing yet.
    situation.answer(*first.actions, status="precondition_failed")
    assert requests(situation.run(seconds=10)) == {"spot": (0, 1)}


def test_the_higher_tier_is_asked_first_and_the_report_says_why() -> None:
    situation = spot_and_on_demand()
    situation.pods(3)
    decision = situation.run()
    (chosen,) = requests(decision)
    assert chosen.startswith("spot-nodes-")
    told = verdict(decision, "ScaledUp").details
    assert told["considered"] == (
        "spot-nodes-a (tier 20), spot-nodes-b (tier 20), on-demand-a (tier 10)"
    )
    assert told["why"] == "chosen by the seed among spot-nodes-a, spot-nodes-b, which are equal"


def test_the_choice_among_equals_is_the_seeds() -> None:
    chosen: set[str] = set()
    for second in range(20):
        situation = spot_and_on_demand()
        situation.pods(3)
        chosen.update(requests(situation.run(seconds=second)))
    assert chosen == {"spot-nodes-a", "spot-nodes-b"}


def test_the_lower_tier_is_asked_when_the_higher_one_is_full() -> None:
    situation = Situation()
    situation.group("spot-nodes-a", nodes=1, max_size=1)
    situation.pods(4, on="spot-nodes-a-0", app="filler")
    situation.group("on-demand-a")
    situation.priorities(SPOT_FIRST)
    situation.pods(3)
    decision = situation.run()
    assert requests(decision) == {"on-demand-a": (0, 1)}
    assert codes(decision, "group/spot-nodes-a") == ["MaxSizeReached"]


def test_unusable_priorities_let_every_group_count_alike_and_are_told() -> None:
    situation = Situation()
    situation.group("on-demand-a")
    situation.priorities('20: ["(?!spot)"]\n')
    situation.pods(3)
    decision = situation.run()
    assert requests(decision) == {"on-demand-a": (0, 1)}
    assert verdict(decision, "PrioritiesUnusable").details["problem"] == "regex"


def test_a_request_never_exceeds_the_maximum() -> None:
    situation = Situation()
    situation.group("spot", max_size=3)
    situation.pods(100)
    decision = situation.run()
    assert requests(decision) == {"spot": (0, 3)}
    assert codes(decision, "replicaset/shop/web") == ["NoGroupHelps"]
    assert decision.wake_at_ms == START_MS + 1000
    assert requests(situation.run(seconds=1)) == {}


def test_one_choice_a_pass_leaves_the_rest_to_the_next() -> None:
    situation = Situation(max_choices_per_pass=1)
    situation.group("spot", max_size=3)
    situation.pods(100)
    decision = situation.run()
    assert requests(decision) == {"spot": (0, 3)}
    assert codes(decision, "replicaset/shop/web") == ["LeftForNextPass"]
    decision = situation.run(seconds=1)
    assert requests(decision) == {}
    assert codes(decision, "replicaset/shop/web") == ["NoGroupHelps"]


def test_a_pass_asks_for_a_bounded_number_of_nodes() -> None:
    situation = Situation(max_nodes_per_scale_up=2)
    situation.group("spot")
    situation.pods(30)
    assert requests(situation.run()) == {"spot": (0, 2)}


def test_the_whole_cluster_has_a_bound() -> None:
    situation = Situation(max_nodes_total=3)
    situation.group("spot", nodes=1)
    situation.pods(4, on="spot-0", app="filler")
    situation.pods(30)
    assert requests(situation.run()) == {"spot": (1, 3)}
    assert requests(situation.run(seconds=10)) == {}


def test_pods_younger_than_two_seconds_are_left_to_the_scheduler() -> None:
    situation = Situation()
    situation.group("spot")
    situation.pods(3, age_ms=500)
    decision = situation.run()
    assert decision.actions == ()
    assert decision.wake_at_ms == START_MS + 1500
    assert requests(situation.run(seconds=2)) == {"spot": (0, 1)}


@pytest.mark.parametrize(
    ("priority", "asked"),
    [pytest.param(-10, True, id="pause pods"), pytest.param(-11, False, id="below the cutoff")],
)
def test_expendable_pods_cause_no_node(priority: int, asked: bool) -> None:
    situation = Situation()
    situation.group("spot")
    situation.pods(3, priority=priority)
    assert bool(requests(situation.run())) is asked


def test_a_pod_with_a_nominated_node_causes_none_but_keeps_its_room() -> None:
    situation = Situation()
    situation.group("spot", nodes=1)
    situation.pods(2, on="spot-0", app="filler")
    situation.pods(1, cpu=2000, app="preemptor", nominated_node_name="spot-0")
    situation.pods(2)
    assert requests(situation.run()) == {"spot": (1, 2)}


def test_a_pod_no_group_can_host_is_told_why() -> None:
    situation = Situation()
    situation.group("spot")
    situation.pods(1, cpu=64_000)
    decision = situation.run()
    assert requests(decision) == {}
    assert verdict(decision, "PodsDoNotFit").details["detail"] == "Insufficient cpu"
    assert verdict(decision, "NoGroupHelps").details["why"] == (
        "spot: pods do not fit: Insufficient cpu"
    )


def test_a_dedicated_group_helps_only_pods_that_tolerate_it() -> None:
    situation = Situation()
    taint = {"k8s.io/cluster-autoscaler/node-template/taint/dedicated": "api:NoSchedule"}
    situation.group("api", tags=taint)
    situation.pods(1, app="web")
    requests_of = Resources(cpu_millicores=1000, memory_bytes=GIB)
    tolerant = PodSpec(
        containers=(Container("main", requests=requests_of),),
        tolerations=(Toleration("dedicated", "Equal", "api", "NoSchedule"),),
    )
    situation.pods(2, app="api", spec=tolerant)
    decision = situation.run()
    assert requests(decision) == {"api": (0, 1)}
    assert codes(decision, "replicaset/shop/web") == ["NoGroupHelps"]
    assert verdict(decision, "NoGroupHelps").details["why"] == "api: takes others in this pass"


def test_a_startup_taint_of_a_real_node_is_not_on_the_next_one() -> None:
    situation = Situation(startup_taints=("cni/agent-not-ready",))
    taint = Taint("cni/agent-not-ready", "NoSchedule")
    situation.group("spot")
    situation.node("tainted", "spot", taints=(taint,))
    situation.set_desired("spot", 1)
    situation.pods(6)
    # The node still starts: it holds three of the six, so one more is needed.
    assert requests(situation.run()) == {"spot": (1, 2)}


def test_balanced_groups_share_a_scale_up_within_the_tier() -> None:
    situation = Situation(balance_similar_node_groups=True)
    for name in ("spot-nodes-a", "spot-nodes-b", "on-demand-a"):
        situation.group(name)
    situation.priorities(SPOT_FIRST)
    situation.pods(12)
    assert requests(situation.run()) == {"spot-nodes-a": (0, 2), "spot-nodes-b": (0, 2)}


def test_groups_of_another_cluster_are_never_touched() -> None:
    situation = Situation()
    situation.group("foreign")
    situation.cloud.groups["foreign"] = msgspec.structs.replace(
        situation.cloud.groups["foreign"], tags={"k8s.io/cluster-autoscaler/enabled": "true"}
    )
    situation.pods(3)
    decision = situation.run()
    assert decision.actions == ()
    assert verdict(decision, "NoGroupHelps").details["why"] == "there is no group"


def test_a_discovery_spec_that_cannot_be_read_is_told_and_nothing_is_done() -> None:
    situation = Situation(discovery=("asg:tag=",))
    situation.group("spot")
    situation.pods(3)
    decision = situation.run()
    assert decision.actions == ()
    assert codes(decision, "policy/discovery") == ["DiscoveryUnreadable"]


def test_pods_that_wait_no_more_are_told_once() -> None:
    situation = Situation()
    situation.group("spot")
    (pod,) = situation.pods(1)
    situation.run()
    situation.remove_pod(pod.uid)
    assert codes(situation.run(seconds=10), "replicaset/shop/web") == ["NoLongerWaiting"]
    assert codes(situation.run(seconds=10), "replicaset/shop/web") == []


def test_with_too_many_broken_nodes_nothing_is_done() -> None:
    situation = Situation()
    situation.group("spot", nodes=5)
    situation.now_ms += 3_600_000
    for number in range(4):
        broken = situation.cluster.nodes[f"spot-{number}"].ready
        situation.change_node(
            f"spot-{number}", ready=type(broken)("Unknown", situation.now_ms - 60_000)
        )
    situation.pods(30)
    decision = situation.run()
    assert decision.actions == ()
    assert verdict(decision, "ClusterUnhealthy").details == {"unready": 4, "nodes": 5}
    for number in range(4):
        situation.change_node(f"spot-{number}", ready=type(broken)("True", situation.now_ms))
    decision = situation.run(seconds=10)
    assert requests(decision)
    assert codes(decision, "cluster/nodes") == ["ClusterHealthy"]
