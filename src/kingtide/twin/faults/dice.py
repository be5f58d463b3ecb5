"""One kind's own chance: a kind more or less in a game day leaves all others as they were."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from kingtide.twin.faults.scope import Scope
from kingtide.twin.seed import SeedTree

T = TypeVar("T")

SHORTEST_MS = 30_000
"""A fault that is over before the slowest control loop (a scan of 10 s, an HPA's sync of 15 s)
comes round twice is not met by it."""


class Dice:
    """Draws for one kind of faults: each question (`what`, `number`) has an answer of its own.

    `intensity_percent` is 1 to 100: how much of what could go wrong in this kind does.
    """

    def __init__(self, seeds: SeedTree, kind: str, intensity_percent: int) -> None:
        self.intensity_percent = intensity_percent
        self._seeds = seeds
        self._component = f"faults/{kind}"

    def below(self, limit: int, what: str, number: int = 0) -> int:
        """Return an integer in [0, limit)."""
        return self._seeds.below(limit, self._component, what, number)

    def pick(self, options: Sequence[T], what: str, number: int = 0) -> T:
        """Return one of the options."""
        return options[self.below(len(options), what, number)]

    def sample(self, options: Sequence[T], share_percent: int, what: str) -> tuple[T, ...]:
        """Return this share of the options, at least one, in their order."""
        wanted = max(1, len(options) * share_percent // 100)
        order = sorted(range(len(options)), key=lambda i: self.below(1 << 30, f"{what}/sample", i))
        return tuple(options[i] for i in sorted(order[:wanted]))

    def count(self, most: int) -> int:
        """Return how many faults of the kind there are: 1 to `most`, by intensity."""
        return 1 + self.below(max(1, most * self.intensity_percent // 100), "count")

    def span(self, scope: Scope, longest_ms: int, number: int) -> tuple[int, int]:
        """Return begin and end of the number-th fault, up to `longest_ms` long.

        Every fault has ended when the scope ends: what follows must be able to heal.
        """
        longest_ms = max(SHORTEST_MS, min(longest_ms, scope.length_ms // 2))
        lasts_ms = SHORTEST_MS + self.below(longest_ms - SHORTEST_MS + 1, "lasts", number)
        latest_ms = max(1, scope.length_ms - lasts_ms)
        from_ms = scope.start_ms + self.below(latest_ms, "begins", number)
        # Whole seconds, so that what is told is what happens.
        from_ms -= (from_ms - scope.start_ms) % 1000
        return from_ms, from_ms + lasts_ms - lasts_ms % 1000
