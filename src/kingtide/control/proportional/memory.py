"""What a sizing by the cluster's size remembers; losing it costs one repeated report."""

from __future__ import annotations

import msgspec

from kingtide.control.proportional.cluster_size import Tally


class SizingMemory(msgspec.Struct, frozen=True):
    """The nodes counted so far, up to `cursor`, and the gist of the last verdict."""

    cursor: int = 0
    tally: Tally = Tally()
    said: tuple[str, ...] = ()
