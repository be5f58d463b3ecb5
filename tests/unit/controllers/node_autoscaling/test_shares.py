"""How much of a node is used, and what is said of options about which nothing is known."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from kingtide.control.chance import Chance
from kingtide.controllers.node_autoscaling.eligibility import larger_share
from kingtide.controllers.node_autoscaling.expander import Option, expand
from kingtide.controllers.node_autoscaling.priorities import highest_tier, read_priorities


@pytest.mark.parametrize(
    ("cpu", "memory", "share"),
    [
        pytest.param((1, 4), (1, 2), 0.5, id="the larger"),
        pytest.param((0, 0), (0, 0), 0.0, id="a node that offers nothing"),
        pytest.param((1, 1), (0, 0), 1.0, id="all of the little processor time it offers"),
        pytest.param((0, 0), (1, 1), 1.0, id="all of the little memory it offers"),
        pytest.param((1, 0), (0, 4), math.inf, id="used and not offered"),
    ],
)
def test_the_larger_share_counts(
    cpu: tuple[int, int], memory: tuple[int, int], share: float
) -> None:
    assert larger_share(*cpu, *memory) == share


def test_an_option_of_which_nothing_is_said_wastes_nothing() -> None:
    options = [Option("a", 1, 1), Option("c", 1, 1, Fraction(0), Fraction(0))]
    choice = expand(options, ("least-waste",), read_priorities(None), Chance(1, "x"), "k")
    assert choice.finalists == ("a", "c")


def test_groups_that_stand_in_no_tier_are_all_left_in_their_order() -> None:
    priorities = read_priorities("10: [spot]")
    assert highest_tier(["b", "a"], priorities) == ("b", "a")
    assert highest_tier(["b", "spot", "a"], priorities) == ("spot",)
