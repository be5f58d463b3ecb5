"""The incremental path at the size where it groups, gathers and forgets; and what it costs."""

from __future__ import annotations

import random

from kingtide.controlplane.scheduling import placement as placement_module
from kingtide.controlplane.scheduling import profile
from kingtide.controlplane.scheduling.cache import SchedulerCache
from kingtide.kube.labels import LabelSelector, NodeSelectorTerm, Requirement
from kingtide.kube.nodes import HOSTNAME_LABEL, ZONE_LABEL, NodeImage
from kingtide.kube.pods import (
    Container,
    OwnerReference,
    PodAffinityTerm,
    PodSpec,
    PreferredNodeTerm,
    TopologySpreadConstraint,
    WeightedPodAffinityTerm,
)
from kingtide.kube.resources import Resources
from kingtide.kube.taints import Taint
from tests.unit.controlplane.scheduling.situations import cache_of, node, pod, requesting

APPS = tuple(f"app{i}" for i in range(12))


def of(app: str) -> LabelSelector:
    return LabelSelector((("app", app),))


def large_cluster(draw: random.Random, size: int) -> SchedulerCache:
    cache = SchedulerCache()
    for number in range(size):
        cache.set_node(
            node(
                f"n{number}",
                draw.choice((4_000, 8_000, 15_890)),
                draw.choice((16, 31)),
                zone=draw.choice("abc"),
                labels={"rack": f"r{number % 50}", "pool": draw.choice(("x", "y"))},
                taints=(Taint("t", "PreferNoSchedule"),) if number % 9 == 0 else (),
                images=(NodeImage(("shop/app1:1",), 800_000_000),) if number % 4 == 0 else (),
            )
        )
    for app in APPS[:6]:
        cache.set_owner("ReplicaSet", "default", app, of(app))
    return cache


def templates(draw: random.Random) -> list[PodSpec]:
    specs = []
    for number, app in enumerate(APPS):
        rules: dict[str, object] = {}
        if number % 6 == 1:
            rules["preferred_node_affinity"] = (
                PreferredNodeTerm(9, NodeSelectorTerm((Requirement("pool", "In", ("x",)),))),
            )
        if number % 6 == 2:
            rules["preferred_pod_anti_affinity"] = (
                WeightedPodAffinityTerm(50, PodAffinityTerm("rack", of(app))),
            )
        if number % 6 == 3:
            rules["required_pod_anti_affinity"] = (PodAffinityTerm(HOSTNAME_LABEL, of(app)),)
        if number >= 6 and number % 2:
            rules["topology_spread"] = (
                TopologySpreadConstraint(1, ZONE_LABEL, "DoNotSchedule", of(app)),
                TopologySpreadConstraint(1, "rack", "ScheduleAnyway", of(app)),
            )
        requests = Resources(draw.randrange(100, 1_500), draw.randrange(1, 3) << 30)
        container = Container("main", f"shop/{app}:1", requests)
        specs.append(PodSpec((container,), **rules))  # type: ignore[arg-type]  # named above
    return specs


def test_three_hundred_nodes_are_scheduled_as_from_scratch() -> None:
    draw = random.Random(3)
    cache, specs = large_cluster(draw, 300), templates(draw)
    placed: list[str] = []
    for number in range(500):
        which = draw.randrange(len(APPS))
        owner = OwnerReference("ReplicaSet", APPS[which])
        it = pod(f"p{number}", specs[which], app=APPS[which], owner=owner)
        if number % 25 == 0:  # from scratch takes its time
            shape = cache.shapes.intern(it)
            assert cache.placement.pick(shape) == profile.pick(cache.table, shape)
        name = cache.pick(it)
        if name is not None:
            cache.place(it, name)
            placed.append(it.uid)
        if number % 7 == 0 and placed:
            cache.displace(placed.pop(draw.randrange(len(placed))))
        if number % 60 == 59:
            cache.remove_node(f"n{draw.randrange(300)}")
            cache.set_node(node(f"late{number}", zone=draw.choice("abc"), labels={"rack": "r1"}))
            for index, spec in enumerate(specs):  # a node that came or went may regroup all
                probe = cache.shapes.intern(pod("probe", spec, app=APPS[index]))
                assert cache.placement.pick(probe) == profile.pick(cache.table, probe)


def test_a_pod_for_a_named_node_goes_there_or_nowhere() -> None:
    term = NodeSelectorTerm(match_fields=(Requirement("metadata.name", "In", ("b",)),))
    bound = pod("p", requesting(3_000, required_node_affinity=(term,)))
    cache = cache_of(node("a"), node("b"), node("c"))
    assert cache.pick(bound) == "b"
    cache.place(pod("x", requesting(2_000)), "b")
    assert cache.pick(bound) is None
    assert cache.diagnose(bound).reasons == {
        "Insufficient cpu": 1,
        "node(s) didn't satisfy plugin(s) [NodeAffinity]": 2,
    }
    cache.remove_node("b")
    assert cache.pick(bound) is None


def test_forgetting_columns_changes_no_answer() -> None:
    draw = random.Random(4)
    cache = large_cluster(draw, 150)
    assert placement_module._MAX_COLUMNS > 64
    for number in range(1_200):  # every pod a shape of its own: more than are kept
        it = pod(f"p{number}", requesting(100 + number, 64), app="app1")
        name = cache.pick(it)
        assert name is not None
        if number % 100 == 0:
            shape = cache.shapes.intern(it)
            row = profile.pick(cache.table, shape)
            assert cache.table.name_at(row) == name
        cache.place(it, name)
        if number % 3:
            cache.displace(it.uid)


def test_a_preemption_search_looks_closely_at_few_nodes() -> None:
    cache = SchedulerCache()
    for number in range(500):
        cache.set_node(node(f"n{number}", zone="abc"[number % 3]))
        cache.place(
            pod(f"pause{number}", requesting(3_000, priority=-10), started_ms=number), f"n{number}"
        )
        cache.place(pod(f"app{number}", requesting(1_000, priority=0)), f"n{number}")
    urgent = pod("urgent", requesting(2_000, priority=100))
    found = cache.preempt(urgent, 10_000, ())
    assert found is not None
    assert found.victims == ("pause499",)  # of equal harm, the one that started last
    assert cache.nodes_looked_at <= 3
