"""Resource scores: the figures of a real scheduler, and arrays that agree with scalars."""

from __future__ import annotations

import random

import numpy as np
import pytest

from kingtide.controlplane.scheduling.balance import balance_percent
from kingtide.controlplane.scheduling.node_order import FIRST_PRECEDENCE, PRECEDENCE_BITS
from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.ports import conflict
from kingtide.controlplane.scheduling.preferences import (
    affinity_score,
    image_score,
    taint_score,
)
from kingtide.controlplane.scheduling.scores import (
    REFUSED,
    ShapeAmounts,
    balanced_allocation,
    least_allocated,
    resource_keys,
    resource_score,
)
from kingtide.controlplane.scheduling.shape import ShapeTable
from kingtide.kube.nodes import NodeImage
from kingtide.kube.pods import Container, HostPort, PodSpec
from tests.unit.controlplane.scheduling.situations import node, pod, requesting


@pytest.mark.parametrize(
    ("cpu", "memory", "percent"),
    [(0, 0, 100), (2_000, 8, 100), (4_000, 0, 50), (1_000, 0, 87), (9_000, 16, 100)],
    ids=["empty", "even", "all of one", "a quarter of one", "beyond is capped"],
)
def test_balance_is_half_the_difference_of_the_fractions(
    cpu: int, memory: int, percent: int
) -> None:
    assert balance_percent(cpu, 4_000, memory, 16) == percent


def test_a_node_without_memory_is_always_even() -> None:
    assert balance_percent(3_000, 4_000, 0, 0) == 100


@pytest.mark.parametrize(
    ("node_cpu", "node_memory", "cpu", "memory", "fit", "balance"),
    [
        pytest.param(16_000, 16, 500, 8_192, 73, 63, id="cpu-rich node, memory-heavy pod"),
        pytest.param(4_000, 64, 500, 8_192, 87, 75, id="memory-rich node, memory-heavy pod"),
        pytest.param(8_000, 32, 3_000, 2_048, 77, 67, id="even node, cpu-heavy pod"),
    ],
)
def test_scores_are_those_recorded(
    node_cpu: int, node_memory: int, cpu: int, memory: int, fit: int, balance: int
) -> None:
    """Source of the figures: the recorded case score-asymmetric-nodes, kube-scheduler 1.36.2."""
    table = NodeTable(ShapeTable())
    row = table.upsert(node("a", node_cpu, node_memory))
    shape = table.shapes.intern(pod("p", requesting(cpu, memory)))
    assert least_allocated(shape, table, row) == fit
    assert balanced_allocation(shape, table, row) == balance


def test_arrays_give_every_node_the_scalar_score() -> None:
    draw = random.Random(20)
    table = NodeTable(ShapeTable())
    rows = [
        table.upsert(node(f"n{i}", draw.randrange(900, 64_000), draw.randrange(1, 500)))
        for i in range(300)
    ]
    shapes = [
        table.shapes.intern(
            pod("p", requesting(draw.choice((0, draw.randrange(4_000))), draw.randrange(3_000)))
        )
        for _ in range(60)
    ]
    for _ in range(1_500):
        row, shape = draw.choice(rows), draw.choice(shapes)
        if table.has_room(row, shape):
            table.add(row, shape)
    for shape in shapes:
        keys = resource_keys(ShapeAmounts(shape), table.matrix)
        for row in rows:
            if table.has_room(row, shape):
                assert keys[row] >> PRECEDENCE_BITS == resource_score(shape, table, row)
                assert keys[row] & FIRST_PRECEDENCE == table.precedence[row]
            else:
                assert keys[row] == REFUSED
        assert (keys[~table.occupied] == REFUSED).all()


def test_percentages_in_doubles_are_exact_up_to_the_largest_memory() -> None:
    draw = random.Random(7)
    divisors = np.array([draw.randrange(1 << 40, 1 << 46) for _ in range(20_000)])
    left = np.array([draw.randrange(int(d)) for d in divisors])
    edges = np.array([(int(d) * draw.randrange(1, 100)) // 100 for d in divisors])
    for amounts in (left, edges, edges + 1):
        exact = [int(a) * 100 // int(d) for a, d in zip(amounts, divisors, strict=True)]
        assert ((amounts * 100) / divisors).astype(np.int64).tolist() == exact


@pytest.mark.parametrize(
    ("points", "most", "score"), [(0, 0, 0), (5, 10, 50), (10, 10, 100)], ids=str
)
def test_preferred_affinity_is_a_share_of_the_most(points: int, most: int, score: int) -> None:
    assert affinity_score(points, most) == score


@pytest.mark.parametrize(("taints", "most", "score"), [(0, 0, 100), (1, 3, 67), (3, 3, 0)], ids=str)
def test_avoidable_taints_cost_their_share_of_the_most(taints: int, most: int, score: int) -> None:
    assert taint_score(taints, most) == score


@pytest.mark.parametrize(
    ("size_bytes", "holders", "score"),
    [(900_000_000, 1, 26), (900_000_000, 3, 85), (20_000_000, 3, 0), (10**12, 3, 100)],
    ids=["one of three nodes", "all nodes", "too small to matter", "as large as it gets"],
)
def test_images_count_by_size_and_spread(size_bytes: int, holders: int, score: int) -> None:
    spec = PodSpec((Container("main", image="shop/web"),))
    shape = ShapeTable().intern(pod("p", spec))
    at = node("a", images=(NodeImage(("shop/web:latest",), size_bytes),))
    assert image_score(shape, at, {"shop/web:latest": holders}, 3) == score


@pytest.mark.parametrize(
    ("other", "conflicts"),
    [
        (HostPort(80), True),
        (HostPort(81), False),
        (HostPort(80, "UDP"), False),
        (HostPort(80, host_ip="10.0.0.1"), True),
        (HostPort(80, host_ip="10.0.0.2"), False),
        (HostPort(80, host_ip="0.0.0.0"), True),
    ],
    ids=["same", "port", "protocol", "address", "another address", "every address"],
)
def test_ports_conflict(other: HostPort, conflicts: bool) -> None:
    wanted = HostPort(80, host_ip="10.0.0.1")
    assert conflict((wanted,), (HostPort(1), other)) is conflicts
