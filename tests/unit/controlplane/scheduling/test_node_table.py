"""Rows, amounts and who is told of changes."""

from __future__ import annotations

import pytest

from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.shape import ShapeTable
from kingtide.kube.nodes import NodeImage
from kingtide.kube.resources import Resources
from tests.unit.controlplane.scheduling.situations import GIBIBYTE, node, pod, requesting


def table() -> NodeTable:
    return NodeTable(ShapeTable())


def test_pods_are_counted_and_uncounted_exactly() -> None:
    it = table()
    row = it.upsert(node("a"))
    shape = it.shapes.intern(pod("p", requesting(300, 512)))
    empty = it.matrix.copy()
    it.add(row, shape)
    it.add(row, shape)
    assert it.requested(row) == Resources(600, GIBIBYTE, 0, 2)
    assert it.living_at(row) == {shape.index: 2}
    it.take(row, shape)
    it.terminate(row, shape)
    assert it.living_at(row) == {}
    assert [(s.index, count) for s, count in it.shapes_at(row)] == [(shape.index, 1)]
    it.take(row, shape, terminating=True)
    assert (it.matrix == empty).all()


def test_a_removed_nodes_row_is_used_again_and_starts_empty() -> None:
    it = table()
    row = it.upsert(node("a", extended=(("gpu", 2),)))
    it.add(row, it.shapes.intern(pod("p")))
    it.remove("a")
    assert "a" not in it
    assert not it.occupied[row]
    assert it.upsert(node("b")) == row
    assert it.requested(row) == Resources()
    assert list(it.shapes_at(row)) == []
    it.remove("unknown")
    with pytest.raises(KeyError, match="row 9 holds no node"):
        it.name_at(9)


def test_a_new_version_of_a_node_keeps_its_pods() -> None:
    it = table()
    row = it.upsert(node("a"))
    it.add(row, it.shapes.intern(pod("p", requesting(300, 512))))
    static_tick = it.static_tick
    assert it.upsert(node("a", cpu=8_000)) == row
    assert it.cpu_allocatable[row] == 8_000
    assert it.cpu_requested[row] == 300
    assert it.static_tick == static_tick  # nothing that selectors or taints look at
    it.upsert(node("a", cpu=8_000, unschedulable=True))
    assert it.static_tick == static_tick + 1


def test_the_table_grows_and_keeps_what_it_has() -> None:
    it = table()
    shape = it.shapes.intern(pod("p", requesting(300, 512)))
    for number in range(200):
        it.add(it.upsert(node(f"n{number}", zone="ab"[number % 2])), shape)
    assert len(it) == 200
    assert it.capacity >= 200
    assert [it.name_at(row) for row in it.rows()] == [f"n{n}" for n in range(200)]
    assert it.cpu_requested[it.occupied].tolist() == [300] * 200


def test_readers_learn_which_rows_changed() -> None:
    it = table()
    rows = [it.upsert(node(f"n{n}")) for n in range(40)]
    shape = it.shapes.intern(pod("p"))
    seen = it.tick
    it.add(rows[3], shape)
    it.touch(rows[5])
    it.add(rows[3], shape)
    assert list(it.changes_since(seen)) == [3, 5, 3]
    for row in rows[10:30]:
        it.add(row, shape)
    it.add(rows[10], shape)
    assert list(it.changes_since(seen)) == [3, 5, *range(10, 30)]
    for _ in range(10_000):
        it.touch(rows[7])
    assert list(it.changes_since(it.tick - 2)) == [7, 7]
    assert list(it.changes_since(seen)) == [3, 5, 7, *range(10, 30)]


def test_a_node_with_more_memory_than_any_machine_is_refused() -> None:
    with pytest.raises(ValueError, match=r"node a: allocatable memory \d+ bytes is not between"):
        table().upsert(node("a", memory=70_000))


def test_images_and_their_holders_are_counted_by_normalized_name() -> None:
    it = table()
    image = NodeImage(("shop/web", "shop/web:latest"), 10)
    it.upsert(node("a", images=(image,)))
    it.upsert(node("b", images=(image,)))
    assert it.image_holders == {"shop/web:latest": 2}
    it.remove("a")
    it.upsert(node("b"))
    assert it.image_holders == {}
