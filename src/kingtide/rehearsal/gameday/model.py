"""A game day's file: which rehearsal, which faults, and the bounds of its invariants."""

from __future__ import annotations

from typing import Literal

from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import PositiveCount
from kingtide.fleet.models.metadata import Metadata
from kingtide.fleet.policies.written import written_model
from kingtide.twin.invariants.bounds import Bounds

_BOUNDS = written_model(Bounds)


class GameDaySpec(Written):
    """What is played. Paths are relative to the file."""

    rehearsal: str = "rehearsal.yaml"
    """The scenario that faults are laid over."""
    seeds: PositiveCount = 200
    """How many seeds are played unless the command line says so."""
    faults: tuple[str, ...] = ()
    """Kinds of faults that may be drawn; none means all."""
    bounds: _BOUNDS | None = None  # type: ignore[valid-type]  # made from the bounds' struct
    """How long what is allowed for a while may last."""
    reach: tuple[str, ...] | None = None
    """Conditions that enough seeds must reach; None for all that exist."""
    reach_from: PositiveCount = 100
    """From so many seeds on it is a finding that a condition was never reached.

    A condition that one seed in twenty reaches is missed by a hundred seeds once in 170 game days.
    """


class GameDay(Written):
    """A game day."""

    api_version: Literal["fleet.kingtide.dev/v1alpha1"]
    kind: Literal["GameDay"]
    metadata: Metadata
    spec: GameDaySpec = GameDaySpec()
