"""How many nodes an attempt looks at; the incremental choice among them is the plain one."""

from __future__ import annotations

import random

import numpy as np
import pytest

from kingtide.controlplane.scheduling import profile
from kingtide.controlplane.scheduling.cache import SchedulerCache
from kingtide.controlplane.scheduling.sampling import NodeSampling
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import ZONE_LABEL
from kingtide.kube.pods import OwnerReference, PodSpec, TopologySpreadConstraint
from tests.unit.controlplane.scheduling.situations import node, pod, requesting

WEB = LabelSelector((("app", "web"),))


@pytest.mark.parametrize(
    ("percentage", "nodes", "wanted"),
    [
        pytest.param(0, 99, 99, id="small clusters are looked at whole"),
        pytest.param(0, 100, 100, id="never fewer than a hundred"),
        pytest.param(0, 1_000, 420, id="adaptive at 1,000 nodes"),
        pytest.param(0, 5_000, 500, id="adaptive at 5,000 nodes"),
        pytest.param(0, 6_000, 300, id="adaptive stops falling at 5 percent"),
        pytest.param(30, 1_000, 300, id="as set"),
        pytest.param(5, 1_000, 100, id="as set, but a hundred"),
        pytest.param(100, 1_000, 1_000, id="all"),
    ],
)
def test_enough_nodes(percentage: int, nodes: int, wanted: int) -> None:
    assert NodeSampling(percentage).wanted(nodes) == wanted


@pytest.mark.parametrize("percentage", [-1, 101])
def test_a_share_of_nodes_is_a_percentage(percentage: int) -> None:
    with pytest.raises(ValueError, match="not from 0 to 100"):
        NodeSampling(percentage)


def test_the_next_search_starts_where_the_last_ended() -> None:
    sampling = NodeSampling(50)
    order = np.arange(300)[::-1]
    everywhere = np.ones(300, dtype=np.bool_)
    assert sampling.sample(order, everywhere).tolist() == list(range(299, 149, -1))
    assert sampling.sample(order, everywhere).tolist() == list(range(149, -1, -1))
    everywhere[290:] = False  # refused nodes are looked at, too
    assert sampling.sample(order, everywhere).tolist() == list(range(289, 139, -1))
    assert sampling.next_start == 160
    few = np.zeros(300, dtype=np.bool_)
    few[7] = True
    assert sampling.sample(order, few).tolist() == [7]
    assert sampling.next_start == 160


def specs(theme: str) -> list[PodSpec]:
    fields: dict[str, object] = {}
    if theme == "zone":
        rule = TopologySpreadConstraint(1, ZONE_LABEL, "DoNotSchedule", WEB)
        fields["topology_spread"] = (rule,)
    return [requesting(cpu, cpu, **fields) for cpu in (300, 700, 1_100)]


@pytest.mark.parametrize("theme", ["resources", "system spread", "zone"])
def test_the_sample_is_scored_as_from_scratch(theme: str) -> None:
    draw = random.Random(theme)
    cache = SchedulerCache(sampling=NodeSampling(0))
    plain = NodeSampling(0)
    if theme == "system spread":
        cache.set_owner("ReplicaSet", "default", "web", WEB)
    for number in range(260):
        name = f"n{number}"
        cache.set_node(node(name, draw.choice((2_000, 4_000)), zone=draw.choice("aabc")))
    chosen: list[str] = []
    for number in range(90):
        spec = draw.choice(specs(theme))
        it = pod(f"p{number}", spec, app="web", owner=OwnerReference("ReplicaSet", "web"))
        shape = cache.shapes.intern(it)
        row = profile.pick(cache.table, shape, cache.nominations, plain)
        name = cache.pick(it) or ""
        assert name == cache.table.name_at(row)
        cache.place(it, name)
        chosen.append(name)
        if number % 9 == 0:
            cache.nominate(pod(f"waits{number}", requesting(4_000, priority=9)), f"n{number}")
        if number % 20 == 0:
            cache.remove_node(f"n{number + 100}")
    assert len({*chosen}) > 60  # samples begin at many places
