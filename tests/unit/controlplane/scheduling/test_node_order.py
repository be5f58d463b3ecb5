"""Round robin over zones: the order that decides ties."""

from __future__ import annotations

from kingtide.controlplane.scheduling.node_order import NodeOrder
from tests.unit.controlplane.scheduling.situations import node


def order_of(*zones: str) -> tuple[NodeOrder, dict[int, int]]:
    order = NodeOrder()
    precedences: dict[int, int] = {}
    for row, zone in enumerate(zones):
        precedences.update(order.add(row, node(f"n{row}", zone=zone)))
    return order, precedences


def by_precedence(precedences: dict[int, int]) -> list[int]:
    return sorted(precedences, key=lambda row: -precedences[row])


def test_nodes_are_listed_zone_by_zone_in_turns() -> None:
    order, precedences = order_of("a", "a", "b", "b", "c", "a")
    assert order.rows() == [0, 2, 4, 1, 3, 5]
    assert by_precedence(precedences) == order.rows()


def test_a_departed_node_moves_up_those_behind_it_in_its_zone() -> None:
    order, precedences = order_of("a", "a", "b", "b", "a")
    del precedences[0]
    precedences.update(order.remove(0))
    assert order.rows() == [1, 2, 4, 3]
    assert by_precedence(precedences) == order.rows()


def test_a_zone_that_lost_its_last_node_comes_back_at_the_end() -> None:
    order, precedences = order_of("a", "b", "c")
    precedences.update(order.remove(0))
    precedences.update(order.add(0, node("n0", zone="a")))
    assert order.rows() == [1, 2, 0]
    assert by_precedence(precedences) == order.rows()


def test_a_node_that_changes_its_zone_goes_to_the_end_of_the_new_one() -> None:
    order, precedences = order_of("a", "b", "b")
    precedences.update(order.add(0, node("n0", zone="b")))
    assert order.rows() == [1, 2, 0]
    assert by_precedence(precedences) == order.rows()


def test_more_zones_than_expected_are_still_told_apart() -> None:
    zones = [f"z{i}" for i in range(40)]
    order, precedences = order_of(*zones, *zones)
    assert order.rows() == list(range(80))
    assert by_precedence(precedences) == order.rows()


def test_the_same_node_again_changes_nothing() -> None:
    order, _ = order_of("a")
    assert order.add(0, node("n0", zone="a")) == []
    assert order.remove(7) == []
