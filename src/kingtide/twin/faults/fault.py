"""What a fault is: a value with a beginning and an end that a world can be given.

Part of what goes wrong stands in a world's definition (an outage of a pool), part is done to the
world as it runs (a machine is taken away); a fault has a method for each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kingtide.twin.definition import WorldDefinition

if TYPE_CHECKING:
    from kingtide.twin.world import World


class Fault(msgspec.Struct, frozen=True, kw_only=True, tag_field="fault"):
    """Something that goes wrong from `from_ms` until `until_ms`, milliseconds since the epoch.

    The end is when its cause is gone; what follows from it (a queue, a back-off) takes longer.
    """

    from_ms: int
    until_ms: int

    def laid_over(self, definition: WorldDefinition) -> WorldDefinition:
        """Return the definition of a world in which it happens; most faults change nothing here."""
        return definition

    def apply(self, world: World) -> None:
        """Have it happen in a world that has not run yet; most schedule their begin and end."""

    def told(self) -> str:
        """Return what goes wrong in a few words, without its times: no more than its kind here."""
        return str(self.__struct_config__.tag)
