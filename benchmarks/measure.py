"""One measured run of an evening, in a process of its own so that its memory is its own."""

from __future__ import annotations

import resource
import sys
import time

import msgspec

from benchmarks.evening import evening
from benchmarks.subsystems import Share, Stopwatch
from kingtide.twin.invariants.bounds import Bounds
from kingtide.twin.invariants.watching import Watched
from kingtide.twin.world import World

STEP_MS = 5_000
"""A rehearsal looks at its series this often, and so does the benchmark."""


class Workload(msgspec.Struct, frozen=True):
    """What is run: an evening of this size, under every invariant or observed as a rehearsal is."""

    title: str
    nodes: int
    pods: int
    hours: int
    runs: int = 3
    under_invariants: bool = False
    by_subsystem: bool = False
    """Whether each event is timed; that costs time itself."""


class Measurement(msgspec.Struct, frozen=True):
    """What one run cost; `peak_mib` is the process' maximum resident set."""

    cpu_seconds: float
    wall_seconds: float
    virtual_seconds: int
    events: int
    peak_mib: int
    trace_hash: str
    counts: dict[str, int]
    shares: tuple[Share, ...] = ()


def measure(workload: Workload) -> Measurement:
    """Time one run from definition to last observation."""
    began, wall_began = time.process_time(), time.perf_counter()
    stopwatch = Stopwatch() if workload.by_subsystem else None
    definition = evening(nodes=workload.nodes, pods=workload.pods, hours=workload.hours)
    world = World(definition)
    if stopwatch is not None:
        stopwatch.lap("build the world")
        world.engine.run_by(stopwatch.meter)
    watched = Watched(world, Bounds()) if workload.under_invariants else None
    if watched is not None:
        watched.run_until(definition.end_ms)
        watched.end()
    else:
        for now_ms in range(definition.start_ms, definition.end_ms + 1, STEP_MS):
            world.run_until(now_ms)
            if stopwatch is None:
                world.observe()
            else:
                stopwatch.time("observe all series", world.observe)
    cpu_seconds = time.process_time() - began
    return Measurement(
        cpu_seconds=round(cpu_seconds, 3),
        wall_seconds=round(time.perf_counter() - wall_began, 3),
        virtual_seconds=(definition.end_ms - definition.start_ms) // 1000,
        events=world.engine.events_run,
        peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        trace_hash=world.trace_hash,
        counts=_counts(world, watched),
        shares=() if stopwatch is None else stopwatch.shares(cpu_seconds),
    )


def _counts(world: World, watched: Watched | None) -> dict[str, int]:
    autoscalers, metrics = world.autoscalers, world.metrics
    counts = {
        "nodes at the end": len(world.store.nodes),
        "pods at the end": len(world.store.pods),
        "object writes": world.store.revision,
        "pod starts": len(world.availability.pod_starts),
        "scheduling attempts": world.scheduler.attempts,
        "preemptions": world.scheduler.preemptions,
        "HPA evaluations": autoscalers.evaluations,
        "of these not as the one before": autoscalers.worked_out,
        "instants of load computed": metrics.instants_computed,
        "invariant sweeps": 0 if watched is None else watched.sweeps,
    }
    for loop in world.loops:
        counts[f"passes of {loop.name}"] = loop.passes
    return counts


if __name__ == "__main__":
    sys.stdout.buffer.write(
        msgspec.json.encode(measure(msgspec.json.decode(sys.argv[1], type=Workload)))
    )
