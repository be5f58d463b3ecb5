"""The seed tree: every component and entity draws from a stream of its own.

A draw is a stateless hash of (seed, component, entity, number), so that a draw more in one
component leaves every other as it was, and two policies are compared on the same night.
"""

from __future__ import annotations

from hashlib import blake2b

_DENOMINATOR = 1 << 64
PARTS_PER_MILLION = 1_000_000


class SeedTree:
    """The root of all chance in one run; `seed` is any integer."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._components: dict[str, bytes] = {}

    def draw(self, component: str, entity: str, number: int = 0) -> int:
        """Return 64 random bits for the number-th draw of an entity."""
        key = self._components.get(component)
        if key is None:
            text = f"{self.seed}/{component}".encode()
            key = self._components[component] = blake2b(text, digest_size=16).digest()
        text = f"{entity}/{number}".encode()
        return int.from_bytes(blake2b(text, digest_size=8, key=key).digest(), "big")

    def below(self, limit: int, component: str, entity: str, number: int = 0) -> int:
        """Return an integer in [0, limit), evenly spread.

        Raises:
            ValueError: limit is not positive.
        """
        if limit <= 0:
            raise ValueError(f"limit must be positive, not {limit}")
        return self.draw(component, entity, number) * limit // _DENOMINATOR

    def happens(self, parts_per_million: int, component: str, entity: str, number: int = 0) -> bool:
        """Return whether something of this probability happens."""
        return self.below(PARTS_PER_MILLION, component, entity, number) < parts_per_million
