"""The same evening without disturbances, in one process."""

from __future__ import annotations

from disturbances.processes import SCENARIO
from kingtide.rehearsal.prepare import prepare
from kingtide.rehearsal.run import Run
from kingtide.rehearsal.scenario.read import Options

MARGIN_PERCENT = 25
MARGIN_NODES = 3
"""More nodes than undisturbed that are no sign of a claim answered twice: who was cut off gives
nodes back later, and a back-off that a crash forgot asks once more."""

STEP_MS = 3_000
"""As often as nodes are counted in a disturbed evening at its usual speed."""


def most_nodes_undisturbed(seed: int) -> int:
    """Return how many nodes there may be at once: the undisturbed evening's, and a margin."""
    prepared = prepare(SCENARIO / "rehearsal.yaml", Options(seed, (), None, None))
    run, now_ms = Run(prepared), prepared.definition.start_ms
    run.begin()
    most = 0
    while now_ms < prepared.definition.end_ms:
        now_ms += STEP_MS
        run.advance(now_ms)
        most = max(most, len(run.world.store.nodes))
    return most * (100 + MARGIN_PERCENT) // 100 + MARGIN_NODES
