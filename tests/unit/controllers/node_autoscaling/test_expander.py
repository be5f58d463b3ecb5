"""Which of the groups that could help is asked."""

from __future__ import annotations

from fractions import Fraction

from kingtide.control.chance import Chance
from kingtide.controllers.node_autoscaling.expander import Option, expand
from kingtide.controllers.node_autoscaling.priorities import read_priorities

CHANCE = Chance(1, "node_autoscaling")
NO_PRIORITIES = read_priorities(None)


def option(group: str, *, pods: int = 1, waste: str = "0") -> Option:
    return Option(group, nodes=1, pods=pods, wasted_cpu=Fraction(waste))


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
