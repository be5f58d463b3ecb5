"""One measured run of an evening, in a process of its own so that its memory is its own."""

from __future__ import annotations

import resource
import sys
import time

import msgspec

from benchmarks.evening import evening
from kingtide.twin.world import World

STEP_MS = 5_000
"""A rehearsal looks at its series this often, and so does the benchmark."""


class Workload(msgspec.Struct, frozen=True):
    """What is run: an evening of this size."""

    title: str
    nodes: int
    pods: int
    hours: int
    runs: int = 3


class Measurement(msgspec.Struct, frozen=True):
    """What one run cost; `peak_mib` is the process' maximum resident set."""

    wall_seconds: float
    virtual_seconds: int
    events: int
    peak_mib: int
    trace_hash: str
    counts: dict[str, int]


def rehearse(workload: Workload) -> World:
    """Run an evening to its end, observed as a rehearsal observes it."""
    definition = evening(nodes=workload.nodes, pods=workload.pods, hours=workload.hours)
    world = World(definition)
    for now_ms in range(definition.start_ms, definition.end_ms + 1, STEP_MS):
        world.run_until(now_ms)
        world.observe()
    return world


def measure(workload: Workload) -> Measurement:
    """Time one run from definition to last observation."""
    began = time.perf_counter()
    world = rehearse(workload)
    wall_seconds = time.perf_counter() - began
    return Measurement(
        wall_seconds=round(wall_seconds, 3),
        virtual_seconds=(world.definition.end_ms - world.definition.start_ms) // 1000,
        events=world.engine.events_run,
        peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        trace_hash=world.trace_hash,
        counts=_counts(world),
    )


def _counts(world: World) -> dict[str, int]:
    counts = {
        "nodes at the end": len(world.store.nodes),
        "pods at the end": len(world.store.pods),
        "object writes": world.store.revision,
        "scheduling attempts": world.scheduler.attempts,
        "preemptions": world.scheduler.preemptions,
        "HPA evaluations": world.autoscalers.evaluations,
        "pod starts": len(world.availability.pod_starts),
    }
    for loop in world.loops:
        counts[f"{loop.name} passes"] = loop.passes
    return counts


if __name__ == "__main__":
    sys.stdout.buffer.write(
        msgspec.json.encode(measure(msgspec.json.decode(sys.argv[1], type=Workload)))
    )
