"""Run a prepared scenario in the twin and record it, up to its end or up to where it is stopped."""

from __future__ import annotations

import platform
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from kingtide import __version__
from kingtide.control.decision_entry import DecisionEntry
from kingtide.rehearsal.derived_series import below_demand
from kingtide.rehearsal.expectations import evaluate
from kingtide.rehearsal.figures import applications, catalogue, measured
from kingtide.rehearsal.followers import Followers
from kingtide.rehearsal.measurements import baseline, measure
from kingtide.rehearsal.prepare import Prepared
from kingtide.rehearsal.record import Event, RunRecord, Series
from kingtide.rehearsal.request_figures import request_series
from kingtide.rehearsal.run_notes import notes
from kingtide.rehearsal.scarcity_figures import scarcity_notes
from kingtide.rehearsal.series_titles import described
from kingtide.twin.world import World

Progress = Callable[[int], None]
"""Called with the virtual time in Unix milliseconds, often enough for a clock."""

# A warm-up has no steps of its own; this often its progress is told.
_WARM_UP_STEP_MS = 60_000

MAX_STEPS = 50_000
"""Of a run without an end: a week at twelve seconds a step, as much as a page can draw."""


class NothingRecorded(Exception):
    """The run was stopped before recording began."""


class Run:
    """One run of a scenario."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self._world = World(prepared.definition)
        self._followed = Followers(self._world)
        self._times_ms: list[int] = []
        self._values: dict[str, list[float]] = {}
        self._begun = time.perf_counter()
        self._since = baseline(self._world)

    def stop(self) -> None:
        """Ask the run to end after the event in hand; safe to call from a signal handler."""
        self._world.engine.stop()

    @property
    def world(self) -> World:
        """The world, for whoever shows it while it runs."""
        return self._world

    def record(self, progress: Progress = lambda _: None) -> RunRecord:
        """Run to the end, or to where it is stopped, and return the record.

        Raises:
            NothingRecorded: it was stopped during the warm-up.
        """
        self.begin(progress)
        for at_ms in self._steps():
            if not self._step_to(at_ms):
                break
            progress(at_ms)
        return self.finish(self._prepared.definition.end_ms)

    def begin(self, progress: Progress = lambda _: None) -> None:
        """Run the warm-up and begin to record.

        Raises:
            NothingRecorded: it was stopped during the warm-up.
        """
        self._begun = time.perf_counter()
        if not self._warm_up(progress):
            raise NothingRecorded
        self._since = baseline(self._world)
        self._observe()

    def advance(self, to_ms: int) -> bool:
        """Run to a time, also beyond the end, and record each step on the way.

        Return False when it was stopped. Of more than MAX_STEPS steps the rest is not recorded.
        """
        step_ms = 1000 * self._prepared.scenario.spec.step
        while len(self._times_ms) < MAX_STEPS and self._times_ms[-1] + step_ms <= to_ms:
            if not self._step_to(self._times_ms[-1] + step_ms):
                return False
        return self._world.run_until(to_ms)

    def advance_to_end(self) -> bool:
        """Run to the scenario's end, which is a step, as `record` does; False when stopped."""
        end_ms = self._prepared.definition.end_ms
        went = self.advance(end_ms)
        if went and self._times_ms[-1] < end_ms:
            self._observe()
        return went

    def finish(self, end_ms: int) -> RunRecord:
        """Return the record of what was run; it is partial where `end_ms` was not reached."""
        world, definition = self._world, self._prepared.definition
        scenario = self._prepared.scenario
        values = self._series_values()
        series = {name: tuple(found) for name, found in values.items()}
        run = measure(world, self._since, self._followed, series, scenario.spec.step)
        figures = measured(catalogue(definition), run)
        return RunRecord(
            name=scenario.name,
            cluster=definition.cluster_name,
            seed=definition.seed,
            timezone=scenario.clock.timezone,
            start_ms=definition.start_ms,
            end_ms=end_ms,
            reached_ms=world.engine.now_ms,
            partial=world.engine.now_ms < end_ms,
            step_seconds=scenario.spec.step,
            trace_hash=world.trace_hash,
            versions=versions(),
            times_ms=tuple(self._times_ms),
            series={name: Series(*described(name), values) for name, values in series.items()},
            figures=figures,
            events=self._events(),
            decisions=self._decisions(),
            expectations=evaluate(scenario.expectations, figures),
            notes=(*scarcity_notes(run.killed), *notes(scenario)),
            engine=_engine(world, time.perf_counter() - self._begun),
        )

    def _series_values(self) -> Mapping[str, Sequence[float]]:
        """Return every series: as observed, and as follows from it."""
        found = applications(self._prepared.definition)
        of_requests, sums = request_series(found, self._values)
        kept = {name: values for name, values in self._values.items() if name not in sums}
        return {**kept, **below_demand(found, kept), **of_requests}

    def _step_to(self, at_ms: int) -> bool:
        if not self._world.run_until(at_ms):
            return False
        self._observe()
        return True

    def _warm_up(self, progress: Progress) -> bool:
        world, start_ms = self._world, self._prepared.definition.start_ms
        for at_ms in range(world.engine.now_ms, start_ms, _WARM_UP_STEP_MS):
            if not world.run_until(at_ms):
                return False
            progress(at_ms)
        return world.run_until(start_ms)

    def _steps(self) -> Iterator[int]:
        definition = self._prepared.definition
        step_ms = 1000 * self._prepared.scenario.spec.step
        yield from range(definition.start_ms + step_ms, definition.end_ms, step_ms)
        yield definition.end_ms

    def _observe(self) -> None:
        self._times_ms.append(self._world.engine.now_ms)
        observed = self._world.observe()
        self._followed.zones.look(observed)
        for name, value in observed.items():
            self._values.setdefault(name, []).append(value)

    def _events(self) -> tuple[Event, ...]:
        return tuple(
            Event(m.at_ms, m.kind, m.subject, m.message, m.severity)
            for m in self._world.journal.marks
        )

    def _decisions(self) -> tuple[DecisionEntry, ...]:
        return tuple(
            DecisionEntry(d.at_ms, d.controller, d.report, d.actions, d.outcomes)
            for d in self._world.journal.decisions
        )


def versions() -> Mapping[str, str]:
    """Return what the result depends on besides scenario and seed."""
    return {"kingtide": __version__, "python": platform.python_version()}


def _engine(world: World, wall_seconds: float) -> Mapping[str, float]:
    definition = world.definition
    virtual = (world.engine.now_ms - definition.start_ms + definition.warm_up_ms) / 1000
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "wall_seconds": wall_seconds,
        "virtual_seconds": virtual,
        "events": world.engine.events_run,
        # Linux tells kibibytes, macOS bytes.
        "peak_bytes": peak if sys.platform == "darwin" else peak * 1024,
    }
