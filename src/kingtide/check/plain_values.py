"""Typed looks into a document's plain values: what is absent or of another kind is nothing.

A value of the wrong kind is told once, by the rule over kinds; the other rules see nothing there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network

from kingtide.fleet.documents.tree import Path, Plain

AddressRange = IPv4Network | IPv6Network


def value_at(body: Plain, path: Path) -> Plain:
    """Return the value at a path; None when the path leads nowhere."""
    found = body
    for step in path:
        if isinstance(found, dict) and isinstance(step, str):
            found = found.get(step)
        elif isinstance(found, list) and isinstance(step, int) and 0 <= step < len(found):
            found = found[step]
        else:
            return None
    return found


def text_at(body: Plain, *path: str | int) -> str:
    """Return the text at a path; empty for none."""
    found = value_at(body, path)
    return found if isinstance(found, str) else ""


def number_at(body: Plain, *path: str | int) -> int | None:
    """Return the whole number at a path; None for none."""
    found = value_at(body, path)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def is_on(body: Plain, *path: str | int) -> bool:
    """Return whether the value at a path is true."""
    return value_at(body, path) is True


def map_at(body: Plain, *path: str | int) -> Mapping[str, Plain]:
    """Return the map at a path; an empty one for none."""
    found = value_at(body, path)
    return found if isinstance(found, dict) else {}


def items_at(body: Plain, *path: str | int) -> Sequence[Plain]:
    """Return the list at a path; an empty one for none."""
    found = value_at(body, path)
    return found if isinstance(found, list) else ()


def texts_at(body: Plain, *path: str | int) -> tuple[tuple[int, str], ...]:
    """Return the texts of the list at a path, each with its index."""
    found = enumerate(items_at(body, *path))
    return tuple((index, item) for index, item in found if isinstance(item, str))


def range_of(text: str) -> AddressRange | None:
    """Return a range of addresses (`10.0.0.0/16`); None for what is none."""
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def overlap(one: AddressRange, other: AddressRange) -> bool:
    """Return whether two ranges of addresses share one."""
    if isinstance(one, IPv4Network) and isinstance(other, IPv4Network):
        return one.overlaps(other)
    if isinstance(one, IPv6Network) and isinstance(other, IPv6Network):
        return one.overlaps(other)
    return False


def inside(inner: AddressRange, outer: AddressRange) -> bool:
    """Return whether a range of addresses lies wholly inside another."""
    if isinstance(inner, IPv4Network) and isinstance(outer, IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(inner, IPv6Network) and isinstance(outer, IPv6Network):
        return inner.subnet_of(outer)
    return False
