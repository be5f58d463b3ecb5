"""What a figure is: its name, unit, title and how it is measured."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from kingtide.rehearsal.measurements import Measurements
from kingtide.rehearsal.record import Unit

Measure = Callable[[Measurements], float | None]


class FigureSpec(msgspec.Struct, frozen=True):
    """One figure that a run will have."""

    name: str
    unit: Unit
    title: str
    measure: Measure
