"""In which zones of a region AWS offers an instance type, where that is known.

Zones' letters are those of one account; in another one AWS may have mapped them to other zones
(https://docs.aws.amazon.com/ram/latest/userguide/working-with-az-ids.html).

Source: EC2 DescribeInstanceTypeOfferings by availability zone for eu-west-1 and eu-west-3, read in
November 2026
(https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypeOfferings.html).
"""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.aws.instance_types import INSTANCE_TYPES

_ZONES: Mapping[str, tuple[str, ...]] = {
    "eu-west-1": ("a", "b", "c"),
    "eu-west-3": ("a", "b", "c"),
}
"""The regions of which offerings are known, with their zones."""

_NOWHERE: Mapping[str, tuple[str, ...]] = {
    "eu-west-1": (),
    "eu-west-3": ("c4", "c6a", "m3", "m4", "m5n", "r6a"),
}
"""Families that a region does not offer at all."""

_IN_SOME: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "eu-west-1": {},
    "eu-west-3": {"c5a": ("a", "c"), "c5d.12xlarge": ()},
}
"""Families, or single types, that are offered in some zones only; everything else is in all."""


def zones_offering(instance_type: str, region: str) -> tuple[str, ...] | None:
    """Return the zones of a region that offer a type, by full name; None where that is not known.

    Nothing is known of other regions than those above, nor of types without figures.
    """
    zones = _ZONES.get(region)
    if zones is None or instance_type not in INSTANCE_TYPES:
        return None
    family = instance_type.partition(".")[0]
    if family in _NOWHERE[region]:
        return ()
    some = _IN_SOME[region]
    letters = some.get(instance_type, some.get(family, zones))
    return tuple(f"{region}{letter}" for letter in letters)
