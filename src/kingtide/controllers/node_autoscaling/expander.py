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

TIER_EXPANDERS: tuple[ExpanderName, ...] = ("priority", "price")
"""Expanders whose choice says more than which group: a tier that balancing must not leave."""


class Option(msgspec.Struct, frozen=True, gc=False):
    """A group that could help, with how many nodes it would get for how many pods.

    `wasted_cpu` and `wasted_memory` are the unused shares of the new nodes; `cost` is their price
    in relation to what the pods are worth (see `pricing`), None where no price is known.
    """

    group: str
    nodes: int
    pods: int
    wasted_cpu: Fraction = Fraction(0)
    wasted_memory: Fraction = Fraction(0)
    cost: Fraction | None = None


class Choice(msgspec.Struct, frozen=True):
    """The chosen option, None when there was none.

    `finalists` are the equal ones among which chance chose, empty if it had not to; `decided_by` is
    the expander that left the chosen one alone, empty where there was only one from the beginning.
    """

    option: Option | None
    finalists: tuple[str, ...] = ()
    decided_by: str = ""


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
    """Return the option to take; `key` makes this choice a new one (it holds the time).

    `random` leaves one, so nothing after it is asked.
    """
    finalists: Sequence[Option] = ()
    decided_by = ""

    def by_chance(left: Sequence[Option]) -> Option | None:
        nonlocal finalists, decided_by
        if len(left) > 1:
            finalists, decided_by = left, "random"
        # Sorted, so that the choice does not hang on the order in which groups were described.
        ordered = sorted(left, key=lambda option: option.group)
        return chance.pick(key, ordered) if ordered else None

    def told(name: ExpanderName) -> Filter[Option]:
        def keep(left: Sequence[Option]) -> Sequence[Option]:
            nonlocal decided_by
            kept = survivors(name, left, priorities)
            if len(left) > 1 and len(kept) == 1:
                decided_by = name
            return kept

        return keep

    asked = chain[: chain.index("random")] if "random" in chain else chain
    chosen = choose(options, [told(name) for name in asked], by_chance)
    return Choice(chosen, tuple(option.group for option in finalists), decided_by)


def tier_of_choice(
    options: Sequence[Option], chain: Sequence[ExpanderName], priorities: Priorities
) -> Sequence[Option]:
    """Return the options that the chain counts as the chosen one's tier."""
    for name in chain:
        if name in TIER_EXPANDERS:
            options = survivors(name, options, priorities)
    return options


def survivors(
    name: ExpanderName, options: Sequence[Option], priorities: Priorities
) -> Sequence[Option]:
    """Return the options that one expander leaves; chance is not asked here."""
    match name:
        case "priority":
            return in_highest_tier(options, priorities)
        case "price":
            return lowest_cost(options)
        case "least-waste":
            return least_waste(options)
        case "most-pods":
            return most_pods(options)
        case "random":
            return options


def in_highest_tier(options: Sequence[Option], priorities: Priorities) -> Sequence[Option]:
    """Return the options whose groups stand in the highest tier present."""
    kept = highest_tier([option.group for option in options], priorities)
    return [option for option in options if option.group in kept]


def lowest_cost(options: Sequence[Option]) -> Sequence[Option]:
    """Return the options with the lowest cost; those without a known price come last."""
    known = [it.cost for it in options if it.cost is not None]
    if not known:
        return options
    best = min(known)
    return [it for it in options if it.cost == best]


def least_waste(options: Sequence[Option]) -> Sequence[Option]:
    """Return the options that leave the least of CPU and memory unused, summed as shares."""
    best = min((it.wasted_cpu + it.wasted_memory for it in options), default=Fraction(0))
    return [it for it in options if it.wasted_cpu + it.wasted_memory == best]


def most_pods(options: Sequence[Option]) -> Sequence[Option]:
    """Return the options that find a place for the most pods."""
    best = max((it.pods for it in options), default=0)
    return [it for it in options if it.pods == best]
