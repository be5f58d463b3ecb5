"""A scenario's clock: when it starts and ends, and what its local times mean."""

from __future__ import annotations

import msgspec

from kingtide.rehearsal.scenario.local_time import (
    crosses_midnight,
    date_clock_text,
    every_day_ms,
    instant_ms,
    nearest_ms,
    next_after_ms,
    time_text,
)
from kingtide.rehearsal.scenario.model import RehearsalSpec
from kingtide.rehearsal.scenario.notes import Noter

# Longer than any season of peaks; beyond it most likely a date is wrong.
MAX_DURATION_MS = 31 * 24 * 3_600_000
# Scale-down, the slowest thing to settle, waits for tens of minutes.
MAX_WARM_UP_MS = 24 * 3_600_000
# A peak that runs past midnight is over by noon; an `end` further off, with no date, is far more
# often one that was mistyped to before the start.
MAX_PAST_MIDNIGHT_MS = 12 * 3_600_000
# A month at the default step, and more than any screen has pixels.
MAX_STEPS = 200_000


class ScenarioClock(msgspec.Struct, frozen=True):
    """Start, end and zone of a rehearsal, in Unix milliseconds."""

    start_ms: int
    end_ms: int
    warm_up_ms: int
    timezone: str

    def next_ms(self, text: str) -> int:
        """Return when a local time first comes, from the start on.

        Raises:
            ValueError: the zone's clocks show it never, or twice, on that day.
        """
        return next_after_ms(text, self.start_ms, self.timezone)

    def every_day_ms(self, text: str) -> list[int]:
        """Return a local time on every day of the rehearsal and one on both sides.

        Raises:
            ValueError: a date's time that the zone's clocks show never, or twice.
        """
        return every_day_ms(text, self.start_ms - self.warm_up_ms, self.end_ms, self.timezone)

    def nearest_ms(self, text: str, to_ms: int) -> int:
        """Return a local time's occurrence nearest to an instant.

        Raises:
            ValueError: the zone's clocks show it never, or twice, on that day.
        """
        return nearest_ms(text, to_ms, self.timezone)


def read_clock(spec: RehearsalSpec, until: str | None, noter: Noter) -> ScenarioClock | None:
    """Return the scenario's clock, None when its times are wrong; `until` ends it earlier."""
    try:
        start_ms = instant_ms(spec.start, spec.timezone)
    except ValueError as error:
        noter.note_error(("spec", "start"), error)
        return None
    end_ms = _end_ms(spec, start_ms, noter)
    if end_ms is None:
        return None
    if until is not None:
        try:
            until_ms = next_after_ms(time_text(until), start_ms, spec.timezone)
        except ValueError as error:
            noter.note_option("--until", error)
            return None
        if not start_ms < until_ms <= end_ms:
            wrong = f"{until} is not between the start {spec.start} and the end"
            noter.note_option("--until", ValueError(f"{wrong}; write a time within the rehearsal"))
            return None
        end_ms = until_ms
    if spec.warm_up > MAX_WARM_UP_MS:
        noter.note(("spec", "warmUp"), "is more than a day", "write for example 10m")
    if end_ms - start_ms > MAX_STEPS * 1000 * spec.step:
        steps = (end_ms - start_ms) // (1000 * spec.step)
        noter.note(("spec", "step"), f"makes {steps:,} values a series", "write a longer step")
    return ScenarioClock(start_ms, end_ms, spec.warm_up, spec.timezone)


def _end_ms(spec: RehearsalSpec, start_ms: int, noter: Noter) -> int | None:
    if (spec.duration is None) == (spec.end is None):
        found = "neither duration nor end" if spec.end is None else "a duration and an end"
        wrong, both = f"there is {found}", (("spec", "end"),)
        advice = "write one of them, for example `duration: 40m`"
        noter.note(("spec", "duration"), wrong, advice, involves=both)
        return None
    if spec.duration is not None:
        path, end_ms = ("spec", "duration"), start_ms + spec.duration
    else:
        path = ("spec", "end")
        try:
            end_ms = next_after_ms(spec.end or "", start_ms, spec.timezone)
        except ValueError as error:
            noter.note_error(path, error)
            return None
        overnight = crosses_midnight(spec.end or "", start_ms, spec.timezone)
        if overnight and end_ms - start_ms > MAX_PAST_MIDNIGHT_MS:
            wrong = f"the end {spec.end} is before the start {spec.start}"
            shown = date_clock_text(end_ms, spec.timezone).removesuffix(":00")
            noter.note(path, wrong, f"write a later time, or a date if meant: `end: {shown}`")
            return None
        if end_ms <= start_ms:
            wrong = f"the end {spec.end} is not after the start {spec.start}"
            noter.note(path, wrong, "write a later time, or `duration:`")
            return None
    if end_ms - start_ms > MAX_DURATION_MS:
        noter.note(path, "is more than 31 days after the start", "write a shorter rehearsal")
        return None
    return end_ms
