"""Identifiers as AWS writes them, from the seed tree."""

from __future__ import annotations

from kingtide.twin.seed import SeedTree


def uuid_of(seeds: SeedTree, component: str, entity: str) -> str:
    """Return 32 hexadecimal digits in the groups of a UUID: the same entity gets the same one."""
    high, low = (seeds.draw(component, entity, number) for number in (0, 1))
    text = f"{high:016x}{low:016x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
