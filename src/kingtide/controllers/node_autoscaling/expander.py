"""Which of the groups that could help is asked: a chain of rules, then chance among equals.

Source: https://github.com/kubernetes-sigs/cluster-autoscaler/tree/33c3f97b/pkg/expander
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TypeVar

import msgspec

from kingtide.control.chance import Chance
from kingtide.controllers.node_autoscaling.priorities import Priorities, highest_tier
from kingtide.fleet.policies.node_autoscaling import ExpanderName

T = TypeVar("T")

Filter = Callable[[Sequence[T]], Sequence[T]]
Fallback = Callable[[Sequence[T]], T | None]


class Option(msgspec.Struct, frozen=True, gc=False):
    """A group that could help, with how many nodes it would get for how many pods.

    `wasted_cpu` and `wasted_memory` are the unused shares of the new nodes.
    """

    group: str
    nodes: int
    pods: int
    wasted_cpu: Fraction = Fraction(0)
    wasted_memory: Fraction = Fraction(0)


class Choice(msgspec.Struct, frozen=True):
    """The chosen option, None when there was none.

    `finalists` are the equal ones among which chance chose, empty if it had not to.
    """

    option: Option | None
    finalists: tuple[str, ...] = ()


def choose(options: Sequence[T], filters: Sequence[Filter[T]], fall_back: Fallback[T]) -> T | None:
    """Return what is left after one filter after the other; the fallback decides among several."""
    for keep in filters:
        options = keep(options)
        if len(options) == 1:
            return options[0]
    return fall_back(options)


def expand(
    options: Sequence[Option],
    chain: Sequence[ExpanderName],
    priorities: Priorities,
    chance: Chance,
    key: str,
) -> Choice:
    """Return the option to take; `key` makes this choice a new one (it holds the time)."""
    finalists: Sequence[Option] = ()

    def by_chance(left: Sequence[Option]) -> Option | None:
        nonlocal finalists
        finalists = left
        # Sorted, so that the choice does not hang on the order in which groups were described.
        ordered = sorted(left, key=lambda option: option.group)
        return chance.pick(key, ordered) if ordered else None

    filters = [_filter(name, priorities) for name in chain if name != "random"]
    chosen = choose(options, filters, by_chance)
    return Choice(chosen, tuple(option.group for option in finalists))


def in_highest_tier(options: Sequence[Option], priorities: Priorities) -> Sequence[Option]:
    """Return the options whose groups stand in the highest tier present."""
    kept = highest_tier([option.group for option in options], priorities)
    return [option for option in options if option.group in kept]


def least_waste(options: Sequence[Option]) -> Sequence[Option]:
    """Return the options that leave the least of CPU and memory unused, summed as shares."""
    best = min((it.wasted_cpu + it.wasted_memory for it in options), default=Fraction(0))
    return [it for it in options if it.wasted_cpu + it.wasted_memory == best]


def most_pods(options: Sequence[Option]) -> Sequence[Option]:
    """Return the options that find a place for the most pods."""
    best = max((it.pods for it in options), default=0)
    return [it for it in options if it.pods == best]


def _filter(name: ExpanderName, priorities: Priorities) -> Filter[Option]:
    match name:
        case "priority":
            return lambda options: in_highest_tier(options, priorities)
        case "least-waste":
            return least_waste
        case "most-pods":
            return most_pods
        case "random":
            return lambda options: options
