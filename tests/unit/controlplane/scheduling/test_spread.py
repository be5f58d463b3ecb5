"""Topology spread: where hard constraints let a pod go, and what soft ones are worth."""

from __future__ import annotations

import math

import msgspec
import pytest

from kingtide.controlplane.scheduling import profile
from kingtide.controlplane.scheduling.cache import SchedulerCache
from kingtide.controlplane.scheduling.spread import KEY_MISSING, SKEW_TOO_HIGH
from kingtide.kube.labels import LabelSelector, NodeSelectorTerm, Requirement
from kingtide.kube.nodes import HOSTNAME_LABEL, ZONE_LABEL
from kingtide.kube.pods import OwnerReference, Pod, TopologySpreadConstraint
from kingtide.kube.taints import Taint
from tests.unit.controlplane.scheduling.situations import cache_of, node, pod, requesting

WEB = LabelSelector((("app", "web"),))
BY_ZONE = TopologySpreadConstraint(1, ZONE_LABEL, "DoNotSchedule", WEB)
NOT_C = NodeSelectorTerm((Requirement(ZONE_LABEL, "NotIn", ("c",)),))


def web(name: str, constraint: TopologySpreadConstraint = BY_ZONE, **fields: object) -> Pod:
    return pod(name, requesting(100, 64, topology_spread=(constraint,), **fields), app="web")


def three_zones(counts: str, *, c_is_tainted: bool = False) -> SchedulerCache:
    """Return zones a, b and c with so many pods each, as digits."""
    taints = (Taint("x", "NoSchedule"),) if c_is_tainted else ()
    cache = cache_of(
        node("a", zone="a"), node("b", zone="b"), node("c", zone="c", taints=taints), node("lost")
    )
    for zone, count in zip("abc", counts, strict=True):
        for number in range(int(count)):
            cache.place(web(f"{zone}{number}"), zone)
    return cache


@pytest.mark.parametrize(
    ("counts", "change", "allowed"),
    [
        pytest.param("000", {}, "abc", id="empty"),
        pytest.param("100", {}, "bc", id="one ahead"),
        pytest.param("111", {}, "abc", id="even"),
        pytest.param("210", {}, "c", id="two ahead"),
        pytest.param("210", {"max_skew": 2}, "bc", id="wider skew"),
        pytest.param("222", {"min_domains": 4}, "", id="too few domains count as one more, empty"),
        pytest.param("222", {"min_domains": 3}, "abc", id="enough domains"),
        pytest.param("311", {"selector": None}, "abc", id="selecting nobody"),
        pytest.param(
            "311", {"selector": LabelSelector((("app", "x"),))}, "abc", id="selecting others"
        ),
    ],
)
def test_a_zone_may_be_ahead_of_the_emptiest_by_the_skew(
    counts: str, change: dict[str, object], allowed: str
) -> None:
    cache = three_zones(counts)
    wanted = web("new", msgspec.structs.replace(BY_ZONE, **change))
    shape = cache.shapes.intern(wanted)
    rows = cache.placement.feasible_rows(shape).tolist()
    assert [cache.table.name_at(row) for row in rows] == list(allowed)
    lost = cache.table.row_of("lost")
    assert lost is not None
    assert cache.placement.refusals(shape, lost) == (KEY_MISSING,)
    refused = 3 - len(allowed)
    reasons = {SKEW_TOO_HIGH: refused} if refused else {}
    assert cache.diagnose(wanted).reasons == {**reasons, KEY_MISSING: 1}


@pytest.mark.parametrize(
    ("policies", "excluded", "tainted", "allowed"),
    [
        pytest.param({}, True, False, "ab", id="affinity honoured: c is no domain"),
        pytest.param(
            {"node_affinity_policy": "Ignore"}, True, False, "", id="affinity ignored: c is behind"
        ),
        pytest.param({}, False, True, "", id="taints ignored: c is behind"),
        pytest.param(
            {"node_taints_policy": "Honor"}, False, True, "ab", id="taints honoured: c is no domain"
        ),
    ],
)
def test_policies_say_which_nodes_count(
    policies: dict[str, object], excluded: bool, tainted: bool, allowed: str
) -> None:
    cache = three_zones("110", c_is_tainted=tainted)
    fields = {"required_node_affinity": (NOT_C,)} if excluded else {}
    wanted = web("new", msgspec.structs.replace(BY_ZONE, **policies), **fields)
    rows = cache.placement.feasible_rows(cache.shapes.intern(wanted)).tolist()
    assert [cache.table.name_at(row) for row in rows] == list(allowed)


def test_pods_of_other_namespaces_do_not_count() -> None:
    cache = three_zones("000")
    cache.place(pod("x", app="web", namespace="other"), "a")
    assert cache.pick(web("new")) == "b"  # the emptier node; zone a would be allowed too
    assert len(cache.placement.feasible_rows(cache.shapes.intern(web("new")))) == 3


def test_soft_constraints_score_by_count_weight_and_slack() -> None:
    """The formula of podtopologyspread/scoring.go (v1.36), written out for two constraints."""
    cache = three_zones("200")
    cache.set_node(node("a2", zone="a"))
    soft = (
        TopologySpreadConstraint(3, HOSTNAME_LABEL, "ScheduleAnyway", WEB),
        TopologySpreadConstraint(5, ZONE_LABEL, "ScheduleAnyway", WEB),
    )
    wanted = pod("new", requesting(100, 64, topology_spread=soft), app="web")
    shape = cache.shapes.intern(wanted)
    rows = profile.feasible_rows(cache.table, shape)
    scores = {
        cache.table.name_at(row): found["PodTopologySpread"]
        for row, found in profile.plugin_scores(cache.table, shape, rows).items()
    }
    by_host, by_zone = math.log(4 + 2), math.log(3 + 2)
    raw = {
        "a": round(2 * by_host + 2 + 2 * by_zone + 4),
        "a2": round(0 * by_host + 2 + 2 * by_zone + 4),
        "b": 6,
        "c": 6,
    }
    expected = {name: 2 * (100 * (raw["a"] + 6 - value) // raw["a"]) for name, value in raw.items()}
    assert scores == {**expected, "lost": 0}  # without a zone it is not scored at all


def test_default_spreading_scores_nodes_without_a_zone() -> None:
    cache = three_zones("100")
    cache.set_owner("ReplicaSet", "default", "web", WEB)
    shape = cache.shapes.intern(pod("new", app="web", owner=OwnerReference("ReplicaSet", "web")))
    rows = profile.feasible_rows(cache.table, shape)
    scores = profile.plugin_scores(cache.table, shape, rows)
    lost = cache.table.row_of("lost")
    assert lost is not None
    assert scores[lost]["PodTopologySpread"] > max(
        found["PodTopologySpread"] for row, found in scores.items() if row != lost
    )
