"""The kinds of documents that rehearsals read."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.fleet.schema.kinds import Kind
from kingtide.rehearsal.comparison.model import Comparison
from kingtide.rehearsal.gameday.model import GameDay
from kingtide.rehearsal.scenario.latency_model import LatencyFile
from kingtide.rehearsal.scenario.model import Rehearsal

REHEARSAL_KINDS: Mapping[str, Kind] = {
    # One that extends another, or is extended, may leave anything to the other.
    "Rehearsal": Kind(Rehearsal, "rehearsal.yaml, rehearsals/*.yaml", overlay=True, partial=True),
    "Latencies": Kind(LatencyFile, "any file that a rehearsal names"),
    "Comparison": Kind(Comparison, "comparison.yaml"),
    "GameDay": Kind(GameDay, "gameday.yaml"),
}
"""Every kind beside the fleet's."""
