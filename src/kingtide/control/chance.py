"""Chance as an argument: a stateless choice from seed, controller and key."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

import msgspec

T = TypeVar("T")


class Chance(msgspec.Struct, frozen=True):
    """A source of choices without state: the same seed, controller and key always choose alike.

    Callers put what makes a choice new (the time, an attempt number) into the key.
    """

    seed: int
    controller: str

    def pick(self, key: str, options: Sequence[T]) -> T:
        """Return one of the options, each with (all but) equal probability.

        Raises:
            ValueError: there is nothing to choose from.
        """
        if not options:
            raise ValueError("nothing to pick from")
        text = f"{self.seed}/{self.controller}/{key}".encode()
        return options[int.from_bytes(blake2b(text, digest_size=8).digest(), "big") % len(options)]
