"""Resource lists (`cpu: 500m`), to and from amounts in the smallest units."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from kingtide.kube.quantities import format_bytes, format_cpu, parse_bytes, parse_cpu_millicores
from kingtide.kube.resources import NO_RESOURCES, Resources

_NAMED = frozenset({"cpu", "memory", "ephemeral-storage", "pods"})
Amount = str | int | float


def resources_of(written: Mapping[str, Amount] | None) -> Resources:
    """Return the amounts of a resource list, no amounts for None.

    Raises:
        QuantityError: an amount is no quantity.
    """
    if not written:
        return NO_RESOURCES
    return _resources(tuple((name, str(amount)) for name, amount in written.items()))


@lru_cache(maxsize=4096)
def _resources(written: tuple[tuple[str, str], ...]) -> Resources:
    """Return the amounts of a list; a fleet has few different ones and many of each."""
    amounts = dict(written)
    return Resources(
        cpu_millicores=parse_cpu_millicores(amounts.get("cpu", "0")),
        memory_bytes=parse_bytes(amounts.get("memory", "0")),
        ephemeral_storage_bytes=parse_bytes(amounts.get("ephemeral-storage", "0")),
        pods=parse_bytes(amounts.get("pods", "0")),
        extended=tuple(
            sorted((name, parse_bytes(it)) for name, it in amounts.items() if name not in _NAMED)
        ),
    )


def resources_body(amounts: Resources) -> dict[str, str]:
    """Return amounts as a resource list; amounts of 0 are left out."""
    body: dict[str, str] = {}
    if amounts.cpu_millicores:
        body["cpu"] = format_cpu(amounts.cpu_millicores)
    if amounts.ephemeral_storage_bytes:
        body["ephemeral-storage"] = format_bytes(amounts.ephemeral_storage_bytes)
    if amounts.memory_bytes:
        body["memory"] = format_bytes(amounts.memory_bytes)
    if amounts.pods:
        body["pods"] = str(amounts.pods)
    body.update((name, str(amount)) for name, amount in amounts.extended)
    return body
