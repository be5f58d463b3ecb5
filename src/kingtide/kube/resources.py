"""Amounts of node resources, as integers in the smallest unit that Kubernetes counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

_Rule = Callable[[int, int], int]


class Resources(msgspec.Struct, frozen=True, gc=False):
    """What a pod asks for or a node offers.

    `cpu_millicores`, `memory_bytes` and `ephemeral_storage_bytes` are non-negative; `pods` is only
    set on nodes; `extended` holds other resources (`nvidia.com/gpu`) as sorted (name, amount)
    pairs.
    """

    cpu_millicores: int = 0
    memory_bytes: int = 0
    ephemeral_storage_bytes: int = 0
    pods: int = 0
    extended: tuple[tuple[str, int], ...] = ()

    def __add__(self, other: Resources) -> Resources:
        return _combine(self, other, lambda a, b: a + b)

    def __sub__(self, other: Resources) -> Resources:
        return _combine(self, other, lambda a, b: a - b)

    def at_least(self, other: Resources) -> Resources:
        """Return the larger amount of each resource, as init containers are counted."""
        return _combine(self, other, max)


def _combine(a: Resources, b: Resources, rule: _Rule) -> Resources:
    extended: tuple[tuple[str, int], ...] = ()
    if a.extended or b.extended:
        left, right = dict(a.extended), dict(b.extended)
        names = sorted({**left, **right})
        extended = tuple((name, rule(left.get(name, 0), right.get(name, 0))) for name in names)
    return Resources(
        cpu_millicores=rule(a.cpu_millicores, b.cpu_millicores),
        memory_bytes=rule(a.memory_bytes, b.memory_bytes),
        ephemeral_storage_bytes=rule(a.ephemeral_storage_bytes, b.ephemeral_storage_bytes),
        pods=rule(a.pods, b.pods),
        extended=extended,
    )


def total(amounts: Iterable[Resources]) -> Resources:
    """Return the sum of amounts, `Resources()` for none."""
    result = Resources()
    for amount in amounts:
        result = result + amount
    return result


NO_RESOURCES = Resources()
