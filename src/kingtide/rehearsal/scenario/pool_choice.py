"""Which capacity pools a scenario means, as the cluster's groups know them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.aws.autoscaling import CapacityPool, Lifecycle
from kingtide.aws.instance_types import INSTANCE_TYPES
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import Path
from kingtide.rehearsal.scenario.cloud_model import PoolChoice
from kingtide.rehearsal.scenario.notes import Noter

_LIFECYCLES: Mapping[str, tuple[Lifecycle, ...]] = {
    "spot": ("spot",),
    "on-demand": ("on-demand",),
    "any": ("spot", "on-demand"),
}


class PoolNames(msgspec.Struct, frozen=True):
    """What pools of a cluster can be called: types its groups use, its zones, its region."""

    types: tuple[str, ...]
    zones: tuple[str, ...]
    region: str

    def zone(self, written: str) -> str:
        """Return a zone's name, which may be written by its letter."""
        return f"{self.region}{written}" if len(written) == 1 else written


def chosen_pools(
    choice: PoolChoice, lifecycle: str, path: Path, names: PoolNames, noter: Noter
) -> tuple[CapacityPool, ...]:
    """Return the pools of a choice, noting types and zones that are not used."""
    types, zones = _types(choice, path, names, noter), _zones(choice, path, names, noter)
    return tuple(
        CapacityPool(name, zone, market)
        for market in _LIFECYCLES[lifecycle]
        for name in types
        for zone in zones
    )


def check_zone(written: str, path: Path, names: PoolNames, noter: Noter) -> str | None:
    """Return the name of a zone; None, and a note, where the cluster is not in it."""
    name = names.zone(written)
    if name in names.zones:
        return name
    wrong = f"the cluster is not in zone {name!r}"
    noter.note(path, wrong, did_you_mean(name, names.zones, what="zones"))
    return None


def _types(choice: PoolChoice, path: Path, names: PoolNames, noter: Noter) -> list[str]:
    used = names.types
    if choice.types is None:
        return list(used)
    found: dict[str, None] = {}
    for index, written in enumerate(choice.types):
        at = (*path, "types", index)
        if written.endswith(".*"):
            matching = [name for name in used if name.startswith(written[:-1])]
            if not matching:
                advice = did_you_mean(written, sorted({f"{n.split('.')[0]}.*" for n in used}))
                noter.note(at, f"no group of the cluster uses {written}", advice)
            found |= dict.fromkeys(matching)
        elif written not in INSTANCE_TYPES:
            advice = did_you_mean(written, INSTANCE_TYPES, what="instance types")
            noter.note(at, f"there is no instance type {written!r}", advice)
        elif written not in used:
            advice = did_you_mean(written, used, what="types used")
            noter.note(at, f"no group of the cluster uses {written}", advice)
        else:
            found[written] = None
    return list(found)


def _zones(choice: PoolChoice, path: Path, names: PoolNames, noter: Noter) -> list[str]:
    if choice.zones is None:
        return list(names.zones)
    found = (
        check_zone(written, (*path, "zones", index), names, noter)
        for index, written in enumerate(choice.zones)
    )
    return list(dict.fromkeys(zone for zone in found if zone is not None))
