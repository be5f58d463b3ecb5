"""What is to be played: a scenario, the seeds, the faults that may come, and the bounds."""

from __future__ import annotations

from pathlib import Path

import msgspec

from kingtide.rehearsal.gameday.selection import Selection
from kingtide.twin.invariants.bounds import Bounds


class Plan(msgspec.Struct, frozen=True):
    """A game day that is ready to play. `path` is what the user named, for the replay command."""

    name: str
    path: Path
    scenario: Path
    first_seed: int
    seeds: int
    selection: Selection
    bounds: Bounds
    reach: tuple[str, ...]
    reach_from: int
    priority_classes: tuple[str, ...]
    """The highest first."""
