"""Lists of instance types: their names, and what stands in for types of which nothing is known."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from kingtide.aws.instance_types import INSTANCE_TYPES

_SIZES = (
    "nano", "micro", "small", "medium", "large", "xlarge", "2xlarge", "3xlarge", "4xlarge",
    "6xlarge", "8xlarge", "9xlarge", "10xlarge", "12xlarge", "16xlarge", "18xlarge", "24xlarge",
)  # fmt: skip
"""Sizes by how much they are; metal and those beyond are like nothing else."""


class TypeLists:
    """Names lists of instance types, the same list always the same."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, ...], str] = {}

    def name(self, types: Sequence[str]) -> str:
        """Return the name of a list: its first type's size and CPUs, `4x-cpu16`."""
        key = tuple(types)
        if key not in self._names:
            stem = f"{size_of(key[0])}-cpu{INSTANCE_TYPES[key[0]].vcpus}"
            taken = self._names.values()
            names = (stem if n == 1 else f"{stem}-{n}" for n in range(1, len(taken) + 2))
            self._names[key] = next(it for it in names if it not in taken)
        return self._names[key]

    @property
    def lists(self) -> Mapping[str, tuple[str, ...]]:
        """Every list by its name."""
        return {name: types for types, name in self._names.items()}


def size_of(instance_type: str) -> str:
    """Return the size that a type's name says: `4x` of c5.4xlarge, `large` of m5.large."""
    size = instance_type.partition(".")[2].lower()
    return re.sub(r"[^a-z0-9]+", "-", size.replace("xlarge", "x" if size != "xlarge" else "1x"))


def stand_in(instance_type: str) -> str | None:
    """Return a known type like one of which nothing is known; None where none is like it.

    It is of the same kind (compute, memory, general; a t is general with credits) and the same
    size, else the next larger one that is known.
    """
    if instance_type in INSTANCE_TYPES:
        return instance_type
    family, _, size = instance_type.partition(".")
    kinds = ("t", "m") if family[:1] == "t" else (family[:1],)
    for larger in _SIZES[_SIZES.index(size) :] if size in _SIZES else ():
        for kind in kinds:
            for known, other in INSTANCE_TYPES.items():
                named = known.startswith(kind) and known.endswith(f".{larger}")
                if named and other.arch == "amd64":
                    return known
    return None
