"""Which of the faults that a seed draws happen: all, some kinds, or single ones by name.

A selection never changes what is drawn, so `ice#2` of a seed is the same fault in every game day of
one rehearsal: that is what makes a shrunk failure a command.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.twin.faults.catalogue import KINDS, DrawnFault

NONE = "none"
"""The word for no faults at all."""


class Selection(msgspec.Struct, frozen=True):
    """Kinds (`ice`) and single faults (`ice#2`) that happen; None: whatever is drawn."""

    names: tuple[str, ...] | None = None

    def of(self, drawn: Sequence[DrawnFault]) -> tuple[DrawnFault, ...]:
        """Return the chosen ones of a seed's faults."""
        if self.names is None:
            return tuple(drawn)
        return tuple(it for it in drawn if it.kind in self.names or it.name in self.names)


ALL = Selection()


def selection_of(words: Iterable[str]) -> Selection:
    """Return the selection that words mean; no words mean all.

    Raises:
        ValueError: a word is neither a kind nor a fault's name.
    """
    names = tuple(dict.fromkeys(word.strip() for word in words if word.strip()))
    if not names:
        return ALL
    if names == (NONE,):
        return Selection(())
    kinds = [kind.name for kind in KINDS]
    for name in names:
        kind, mark, number = name.partition("#")
        if kind not in kinds:
            raise ValueError(
                f"there is no kind of fault {kind!r}; {did_you_mean(kind, kinds, what='kinds')}"
            )
        if mark and not (number.isdecimal() and int(number) > 0):
            raise ValueError(f"{name!r} names no fault; write for example {kind}#1")
    return Selection(names)
