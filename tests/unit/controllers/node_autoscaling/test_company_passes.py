"""Whole passes with pods that mind other pods: ports, hard spreading, (anti-)affinity."""

from __future__ import annotations

from typing import Any

import pytest

from kingtide.control.action import AddTaint
from kingtide.control.company import Company
from kingtide.fleet.policies.node_autoscaling import ScaleDownPolicy
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import HOSTNAME_LABEL, ZONE_LABEL
from kingtide.kube.pods import (
    Container,
    HostPort,
    PodAffinityTerm,
    PodSpec,
    TopologySpreadConstraint,
)
from kingtide.kube.resources import Resources
from tests.unit.controllers.node_autoscaling.situation import (
    GIB,
    Situation,
    codes,
    of_kind,
    requests,
    verdict,
)

ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
WEB = LabelSelector(match_labels=(("app", "web"),))


def spec(**rules: Any) -> PodSpec:
    ports = rules.pop("host_ports", ())
    requested = Resources(cpu_millicores=100, memory_bytes=GIB // 8)
    return PodSpec(containers=(Container("main", requests=requested, host_ports=ports),), **rules)


def spread(key: str) -> PodSpec:
    return spec(topology_spread=(TopologySpreadConstraint(1, key, "DoNotSchedule", WEB),))


PORT = spec(host_ports=(HostPort(8080),))
APART = spec(required_pod_anti_affinity=(PodAffinityTerm(HOSTNAME_LABEL, WEB),))
EVEN_BY_HOST = spread(HOSTNAME_LABEL)


def situation_with(nodes: int, **settings: Any) -> Situation:
    """Nodes over three zones, each with its host name."""
    situation = Situation(**settings)
    situation.group("spot", zones=ZONES)
    for number in range(nodes):
        zone = ZONES[number % 3]
        name = f"spot-{number}"
        situation.node(name, "spot", labels={HOSTNAME_LABEL: name, ZONE_LABEL: zone})
        situation.launch("spot", f"i-{name}", zone=zone)
    situation.set_desired("spot", nodes)
    return situation


@pytest.mark.parametrize(
    "pod", [pytest.param(PORT, id="host port"), pytest.param(APART, id="anti-affinity")]
)
def test_pods_that_cannot_share_a_node_get_one_each(pod: PodSpec) -> None:
    situation = situation_with(1)
    situation.pods(1, on="spot-0", spec=pod)
    situation.pods(3, spec=pod)
    assert requests(situation.run()) == {"spot": (1, 4)}


def test_a_port_that_is_free_on_a_node_that_is_there_needs_no_new_one() -> None:
    situation = situation_with(2)
    situation.pods(1, on="spot-0", spec=PORT)
    situation.pods(1, spec=PORT)
    decision = situation.run()
    assert requests(decision) == {}
    assert codes(decision, "replicaset/shop/web") == ["FitOnExistingNodes"]


def test_nodes_on_their_way_take_one_pod_each_too() -> None:
    situation = situation_with(0)
    situation.pods(2, spec=APART)
    assert requests(situation.run()) == {"spot": (0, 2)}
    situation.set_desired("spot", 2)
    assert requests(situation.run(seconds=10)) == {}
    situation.launch("spot", "i-1", "Pending")
    situation.pods(1, spec=APART)
    assert requests(situation.run(seconds=10)) == {"spot": (2, 3)}


def test_pods_that_mind_nobody_fill_the_nodes_that_the_others_need() -> None:
    situation = situation_with(0)
    situation.pods(2, spec=APART)
    situation.pods(6, cpu=1000, app="plain")
    assert requests(situation.run()) == {"spot": (0, 2)}


def test_a_pod_that_others_keep_away_is_not_placed_beside_them() -> None:
    situation = situation_with(1)
    situation.pods(1, on="spot-0", app="loner", spec=APART)
    situation.pods(1, app="web", spec=spec())  # selected by the loner's anti-affinity
    assert requests(situation.run()) == {"spot": (1, 2)}


def test_pods_that_want_company_which_is_nowhere_get_no_nodes() -> None:
    want = LabelSelector(match_labels=(("app", "cache"),))
    near = spec(required_pod_affinity=(PodAffinityTerm(ZONE_LABEL, want),))
    situation = situation_with(0)
    situation.pods(2, spec=near)
    decision = situation.run()
    assert requests(decision) == {}
    assert verdict(decision, "PodsDoNotFit").details["detail"] == "other pods keep them away"


def test_spreading_over_zones_counts_on_the_zones_in_which_nodes_will_come() -> None:
    situation = situation_with(3)
    for number in range(3):
        situation.pods(1, on=f"spot-{number}", cpu=4000, app="filler")
    situation.pods(6, spec=spread(ZONE_LABEL))
    # One node a zone: in the first zone alone there would be a place for one pod.
    assert requests(situation.run()) == {"spot": (3, 6)}


def test_a_zone_that_auto_scaling_could_not_serve_is_not_counted_on() -> None:
    situation = situation_with(0)
    for number, zone in enumerate((*ZONES[:2], *ZONES[:2])):
        name = f"spot-{number}"
        situation.node(name, "spot", labels={HOSTNAME_LABEL: name, ZONE_LABEL: zone})
        situation.launch("spot", f"i-{name}", zone=zone)
    situation.node("far", None, labels={HOSTNAME_LABEL: "far", ZONE_LABEL: ZONES[2]})
    situation.change_node("far", unschedulable=True)  # the third zone is a domain without room
    situation.set_desired("spot", 4)
    situation.pods(3, spec=spread(ZONE_LABEL))
    decision = situation.run()
    assert requests(decision) == {}, "no node that may come helps the third pod"


def test_a_node_goes_although_its_pods_spread_over_hosts() -> None:
    down = ScaleDownPolicy(unneeded_seconds=60, delay_after_add_seconds=0)
    situation = situation_with(3, scale_down=down)
    for number in range(3):
        situation.pods(1, on=f"spot-{number}", spec=EVEN_BY_HOST)
    situation.run()
    assert len(of_kind(situation.run(seconds=61), AddTaint)) == 1


@pytest.mark.parametrize(
    "pod", [pytest.param(PORT, id="host port"), pytest.param(APART, id="anti-affinity")]
)
def test_a_node_stays_whose_pods_other_pods_keep_from_every_other_node(pod: PodSpec) -> None:
    down = ScaleDownPolicy(unneeded_seconds=60, delay_after_add_seconds=0)
    situation = situation_with(3, scale_down=down)
    for number in range(3):
        situation.pods(1, on=f"spot-{number}", spec=pod)
    decision = situation.run()
    found = [it.subject for it in decision.report.verdicts if it.code == "NoPlaceToMovePods"]
    assert len(found) == 3
    assert of_kind(situation.run(seconds=61), AddTaint) == []


def test_two_nodes_do_not_count_on_the_same_free_port() -> None:
    down = ScaleDownPolicy(unneeded_seconds=60, delay_after_add_seconds=0, max_drain_parallelism=9)
    situation = situation_with(3, scale_down=down)
    situation.pods(1, on="spot-0", spec=PORT)
    situation.pods(1, on="spot-1", spec=PORT)
    situation.run()
    assert len(of_kind(situation.run(seconds=61), AddTaint)) == 1


def test_shapes_without_rules_never_ask_for_company() -> None:
    situation = situation_with(2)
    situation.pods(2, on="spot-0")
    (pod,) = situation.pods(1)
    company = Company(situation.cluster.node_table)
    assert not company.minds(situation.cluster.shapes.intern(pod))
