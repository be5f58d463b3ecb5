"""What of a world can fail: the names that faults are drawn from, and the time they have."""

from __future__ import annotations

import msgspec

from kingtide.aws.autoscaling import CapacityPool
from kingtide.twin.definition import WorldDefinition


class Scope(msgspec.Struct, frozen=True):
    """Names in the order of the definition; faults begin after `start_ms` and end by `end_ms`.

    `fronts` are the applications through which other ones get their traffic, `served` all with a
    demand (`namespace/name`).
    """

    start_ms: int
    end_ms: int
    zones: tuple[str, ...]
    groups: tuple[str, ...]
    pools: tuple[CapacityPool, ...]
    fronts: tuple[str, ...]
    served: tuple[str, ...]

    @property
    def length_ms(self) -> int:
        """The time in which faults happen."""
        return self.end_ms - self.start_ms


def scope_of(definition: WorldDefinition) -> Scope:
    """Return what can fail in a world while it is recorded."""
    groups = tuple(it.group for it in definition.node_groups)
    pools = {
        CapacityPool(kind, zone, lifecycle): None
        for group in groups
        for kind in group.instance_types
        for zone in group.zones
        for lifecycle in (("spot", "on-demand") if group.lifecycle == "spot" else ("on-demand",))
    }
    return Scope(
        start_ms=definition.start_ms,
        end_ms=definition.end_ms,
        zones=tuple({zone: None for group in groups for zone in group.zones}),
        groups=tuple(group.name for group in groups),
        pools=tuple(pools),
        fronts=tuple(
            {a.depends_on: None for a in definition.applications if a.depends_on is not None}
        ),
        served=tuple(a.key for a in definition.applications if a.demand),
    )
