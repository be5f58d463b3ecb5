"""What the scheduler remembers: pods of nodes that come and go, nominations, preemption."""

from __future__ import annotations

import pytest

from kingtide.controlplane.scheduling.cache import SchedulerCache
from kingtide.controlplane.scheduling.eligibility import (
    NOT_ELIGIBLE_NEVER,
    NOT_ELIGIBLE_TERMINATING,
)
from kingtide.controlplane.scheduling.failure import NO_VICTIMS, NOT_HELPFUL
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import HOSTNAME_LABEL, ZONE_LABEL
from kingtide.kube.pods import Pod, PodAffinityTerm, TopologySpreadConstraint
from kingtide.kube.taints import Taint
from kingtide.kube.workloads import PodDisruptionBudget, Service
from tests.unit.controlplane.scheduling.situations import cache_of, node, pod, requesting

WEB = LabelSelector((("app", "web"),))


def low(name: str, cpu: int = 4_000, *, priority: int = 0, started_ms: int = 0) -> Pod:
    return pod(name, requesting(cpu, priority=priority), app=name[0], started_ms=started_ms)


def urgent(cpu: int = 3_000, priority: int = 1_000) -> Pod:
    return pod("urgent", requesting(cpu, priority=priority))


def requested_cpu(cache: SchedulerCache, name: str) -> int:
    row = cache.table.row_of(name)
    assert row is not None
    return cache.table.requested(row).cpu_millicores


def test_pods_seen_before_their_node_count_once_it_is_known() -> None:
    cache = cache_of(placed={"a": (low("p"),)})
    cache.set_node(node("a"))
    assert requested_cpu(cache, "a") == 4_000


def test_pods_of_a_node_that_went_count_again_when_it_comes_back() -> None:
    cache = cache_of(node("a"), placed={"a": (low("p"), low("q"))})
    cache.remove_node("a")
    cache.displace("q")
    assert cache.pick(low("r")) is None
    cache.set_node(node("a", cpu=8_000))
    assert requested_cpu(cache, "a") == 4_000
    assert set(cache.pods_on("a")) == {"p"}


def test_a_pod_placed_elsewhere_leaves_its_first_node() -> None:
    cache = cache_of(node("a"), node("b"), placed={"a": (low("p"),)})
    cache.place(low("p"), "b")
    assert (requested_cpu(cache, "a"), requested_cpu(cache, "b")) == (0, 4_000)
    cache.displace("p")
    cache.displace("p")
    assert requested_cpu(cache, "b") == 0


def test_a_terminating_pod_holds_its_room_but_is_no_company() -> None:
    away = TopologySpreadConstraint(1, HOSTNAME_LABEL, "DoNotSchedule", WEB)
    spec = requesting(100, topology_spread=(away,))
    cache = cache_of(node("a"), node("b"), placed={"a": (pod("old", spec, app="web"),)})
    cache.place(pod("x", requesting(3_000)), "b")
    assert cache.pick(pod("new", spec, app="web")) == "b"
    cache.mark_terminating("old")
    cache.mark_terminating("old")
    assert cache.pick(pod("new", spec, app="web")) == "a"
    assert requested_cpu(cache, "a") == 100


def test_a_nominated_pod_keeps_its_room_from_equal_and_lower_priority() -> None:
    cache = cache_of(node("a"))
    cache.nominate(urgent(), "a")
    assert cache.pick(low("p", 2_000)) is None
    assert cache.diagnose(low("p", 2_000)).reasons == {"Insufficient cpu": 1}
    assert cache.pick(low("equal", 2_000, priority=1_000)) is None
    assert cache.pick(low("higher", 2_000, priority=1_001)) == "a"
    assert cache.pick(urgent()) == "a"
    cache.clear_nomination("urgent")
    assert cache.pick(low("p", 2_000)) == "a"


def test_the_nominated_node_comes_before_a_better_one() -> None:
    cache = cache_of(node("a"), node("b"), placed={"a": (low("p", 500),)})
    cache.nominate(urgent(), "a")
    assert cache.pick(urgent()) == "a"
    cache.place(urgent(), "a")
    assert cache.nominated_node("urgent") is None


@pytest.mark.parametrize(
    ("placed", "node_name", "victims"),
    [
        pytest.param(
            {"a": (low("p", priority=100),), "b": (low("q", priority=50),)},
            "b",
            ("q",),
            id="lowest highest priority",
        ),
        pytest.param(
            {"a": (low("p", 2_000), low("q", 2_000)), "b": (low("r"),)},
            "b",
            ("r",),
            id="fewest victims",
        ),
        pytest.param(
            {"a": (low("p", started_ms=5),), "b": (low("q", started_ms=9),)},
            "b",
            ("q",),
            id="latest start",
        ),
        pytest.param({"a": (low("p"),), "b": (low("q"),)}, "a", ("p",), id="first of the list"),
        pytest.param(
            {
                "a": (low("p", 1_000), low("q", 2_500, started_ms=3)),
                "b": (low("u", priority=1_000),),
            },
            "a",
            ("q",),
            id="who can stay, stays",
        ),
    ],
)
def test_preemption_hurts_least(
    placed: dict[str, tuple[Pod, ...]], node_name: str, victims: tuple[str, ...]
) -> None:
    cache = cache_of(node("a"), node("b"), placed=placed)
    found = cache.preempt(urgent(), 100, ())
    assert found is not None
    assert (found.node_name, found.victims) == (node_name, victims)


def test_a_budget_protects_a_pod_before_its_priority_does() -> None:
    guarded, other = low("guarded", 2_000), low("other", 2_000, priority=500)
    cache = cache_of(node("a"), placed={"a": (guarded, other)})
    budget = PodDisruptionBudget("default", "b", LabelSelector((("app", "g"),)), 0)
    found = cache.preempt(urgent(2_000), 100, (budget,))
    assert found is not None
    assert found.victims == ("other",)
    unlimited = PodDisruptionBudget("default", "b", LabelSelector(), 0)
    found = cache.preempt(urgent(2_000), 100, (unlimited,))
    assert found is not None
    assert found.victims == ("guarded",)


def test_higher_priority_outranks_earlier_nominations_on_its_node() -> None:
    cache = cache_of(node("a"), placed={"a": (low("p"),)})
    cache.nominate(pod("waiting", requesting(3_000, priority=10)), "a")
    found = cache.preempt(urgent(), 0, ())
    assert found is not None
    assert found.outranked == ("waiting",)
    cache.mark_terminating("p")
    found = cache.preempt(urgent(), 0, ())
    assert found is not None
    assert found.outranked == ()


def test_a_pod_waits_while_its_victims_terminate() -> None:
    cache = cache_of(node("a"), node("b"), placed={"a": (low("p"),), "b": (low("q"),)})
    found = cache.preempt(urgent(), 0, ())
    assert found is not None
    cache.nominate(urgent(), found.node_name)
    assert cache.ineligibility(urgent()) == ""
    cache.mark_terminating("q")  # no victim: it goes for a reason of its own
    assert cache.ineligibility(urgent()) == ""
    cache.mark_terminating("p")
    assert cache.ineligibility(urgent()) == NOT_ELIGIBLE_TERMINATING
    assert cache.preempt(urgent(), 0, ()) is None
    cache.set_node(node("a", taints=(Taint("gone", "NoSchedule"),)))
    assert cache.ineligibility(urgent()) == ""


def test_preemption_policy_never_is_told() -> None:
    cache = cache_of(node("a"), placed={"a": (low("p"),)})
    meek = pod("meek", requesting(3_000, priority=1_000, preemption_policy="Never"))
    assert cache.preempt(meek, 0, ()) is None
    assert cache.diagnose_preemption(meek).preemption_note == NOT_ELIGIBLE_NEVER


def test_what_preemption_finds_on_every_node_is_counted() -> None:
    cache = cache_of(
        node("small", cpu=1_000),
        node("equals"),
        node("full"),
        node("tainted", taints=(Taint("x", "NoSchedule"),)),
        placed={
            "equals": (low("e", priority=1_000),),
            "full": (low("l", 1_000), low("h", 2_000, priority=2_000)),
        },
    )
    failure = cache.diagnose_preemption(urgent())
    assert failure.reasons == {"Insufficient cpu": 3, "node(s) had untolerated taint(s)": 1}
    assert failure.preemption == {NOT_HELPFUL: 2, NO_VICTIMS: 1, "Insufficient cpu": 1}
    assert cache.preempt(urgent(), 0, ()) is None


def test_a_namespaces_labels_are_taken_over_for_pods_that_run_already() -> None:
    term = PodAffinityTerm(ZONE_LABEL, WEB, namespace_selector=LabelSelector((("team", "shop"),)))
    wanted = pod("p", requesting(100, required_pod_affinity=(term,)))
    there = pod("w", app="web", namespace="shop")
    cache = cache_of(node("a", zone="a"), node("b", zone="b"), placed={"b": (there,)})
    assert cache.pick(wanted) is None
    cache.set_namespace("shop", {"team": "shop"})
    assert cache.pick(wanted) == "b"


def test_services_make_their_pods_spread() -> None:
    cache = cache_of(node("a", 8_000, zone="a"), node("b", zone="b"))
    cache.place(pod("w1", app="web"), "a")
    assert cache.pick(pod("w2", app="web")) == "a"  # the larger node has more left
    cache.set_service(Service("default", "web", (("app", "web"),)))
    assert cache.pick(pod("w2", app="web")) == "b"


def test_an_empty_cluster_refuses_politely() -> None:
    cache = SchedulerCache()
    assert cache.pick(low("p")) is None
    assert cache.preempt(urgent(), 0, ()) is None
    assert cache.diagnose_preemption(urgent()).message == "no nodes available to schedule pods"
