"""Which of the groups that could help is asked."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kingtide.control.chance import Chance
from kingtide.controllers.node_autoscaling.expander import Option, expand
from kingtide.controllers.node_autoscaling.priorities import read_priorities
from kingtide.fleet.policies.node_autoscaling import ExpanderName

CHANCE = Chance(1, "node_autoscaling")
NO_PRIORITIES = read_priorities(None)


def option(group: str, *, pods: int = 1, waste: str = "0", cost: int | None = None) -> Option:
    of_cost = None if cost is None else Fraction(cost)
    return Option(group, nodes=1, pods=pods, wasted_cpu=Fraction(waste), cost=of_cost)


def test_without_options_nothing_is_chosen() -> None:
    assert expand([], ("priority",), NO_PRIORITIES, CHANCE, "k").option is None


def test_least_waste_takes_the_fullest_nodes() -> None:
    options = [option("a", waste="1/2"), option("b", waste="1/3"), option("c", waste="2/3")]
    choice = expand(options, ("least-waste",), NO_PRIORITIES, CHANCE, "k")
    assert choice.option is options[1]
    assert choice.finalists == ()


def test_most_pods_takes_the_group_that_helps_most() -> None:
    options = [option("a", pods=3), option("b", pods=5)]
    assert expand(options, ("most-pods",), NO_PRIORITIES, CHANCE, "k").option is options[1]


def test_a_later_expander_decides_what_an_earlier_one_leaves_equal() -> None:
    priorities = read_priorities("20: [spot]\n10: [on-demand]")
    options = [
        option("on-demand", waste="0"),
        option("spot-a", waste="1/2"),
        option("spot-b", waste="1/4"),
    ]
    choice = expand(options, ("priority", "least-waste"), priorities, CHANCE, "k")
    assert choice.option is options[2]


def test_chance_does_not_hang_on_the_order_of_the_groups() -> None:
    options = [option(name) for name in ("a", "b", "c", "d")]
    for key in map(str, range(50)):
        forth = expand(options, ("random",), NO_PRIORITIES, CHANCE, key)
        back = expand(options[::-1], ("random",), NO_PRIORITIES, CHANCE, key)
        assert forth.option is back.option


def test_every_equal_group_is_chosen_now_and_then() -> None:
    options = [option(name) for name in ("a", "b", "c")]
    chosen = [expand(options, ("random",), NO_PRIORITIES, CHANCE, str(n)).option for n in range(60)]
    assert {it.group for it in chosen if it is not None} == {"a", "b", "c"}


def test_price_takes_the_lowest_cost_and_leaves_unknown_ones_for_last() -> None:
    options = [option("a"), option("b", cost=3), option("c", cost=2)]
    choice = expand(options, ("price",), NO_PRIORITIES, CHANCE, "k")
    assert choice.option is options[2]
    assert choice.decided_by == "price"


def test_price_without_any_price_leaves_all() -> None:
    options = [option("a", pods=1), option("b", pods=2)]
    choice = expand(options, ("price", "most-pods"), NO_PRIORITIES, CHANCE, "k")
    assert choice.option is options[1]


def test_random_ends_the_chain_wherever_it_stands() -> None:
    options = [option("a", pods=1), option("b", pods=2)]
    chosen = {
        it.group
        for key in map(str, range(40))
        if (it := expand(options, ("random", "most-pods"), NO_PRIORITIES, CHANCE, key).option)
    }
    assert chosen == {"a", "b"}


@pytest.mark.parametrize(
    ("chain", "chosen"),
    [
        pytest.param(("priority", "price"), "spot-dear", id="tier first"),
        pytest.param(("price", "priority"), "other-cheap", id="price first"),
        pytest.param(("most-pods", "price"), "other-wide", id="most pods first"),
        pytest.param(("least-waste", "most-pods"), "spot-dear", id="waste first"),
    ],
)
def test_expanders_chain_in_any_order(chain: tuple[ExpanderName, ...], chosen: str) -> None:
    options = [
        option("spot-dear", pods=1, waste="0", cost=3),
        option("other-cheap", pods=1, waste="1/2", cost=1),
        option("other-wide", pods=9, waste="1/2", cost=2),
    ]
    choice = expand(options, chain, read_priorities("20: [^spot]\n10: [.*]"), CHANCE, "k")
    assert choice.option is not None
    assert choice.option.group == chosen
    assert choice.decided_by == chain[0]
