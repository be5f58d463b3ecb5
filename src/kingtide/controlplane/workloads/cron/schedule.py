"""The next time at which a zone's clocks show a time to run at.

What the clocks skip in spring is not run, what they show twice in autumn is run twice.

Source: https://github.com/robfig/cron/blob/v3.0.1/spec.go, SpecSchedule.Next.
"""

from __future__ import annotations

from bisect import bisect_left

from whenever import Instant, PlainDateTime, TimeZoneNotFoundError, ZonedDateTime

from kingtide.controlplane.workloads.cron.fields import CronSchedule, UnreadableSchedule

_MINUTE_MS = 60_000
# Source: as above; a schedule such as the 30th of February never comes.
_GIVE_UP_AFTER_YEARS = 5


def next_run_ms(schedule: CronSchedule, after_ms: int, time_zone: str | None = None) -> int | None:
    """Return the first run after an instant, in Unix milliseconds; None when there is none.

    `time_zone` None is UTC, in which kube-controller-manager runs where nobody says otherwise.

    Raises:
        UnreadableSchedule: there is no such time zone.
    """
    at_ms = (after_ms // _MINUTE_MS + 1) * _MINUTE_MS
    zone = time_zone or "UTC"
    now = _shown(at_ms, zone)
    last_year = now.year + _GIVE_UP_AFTER_YEARS
    while now.year <= last_year:
        weekday = now.date().day_of_week().value % 7  # Sunday is 7 in ISO 8601 and 0 in cron
        if not schedule.has_day(now.month, now.day, weekday):
            now = _next_midnight(now, zone)
            continue
        wait = _minutes_to_wait(schedule, now.hour, now.minute)
        if wait == 0:
            return now.timestamp(unit="millisecond")
        now = now.add(minutes=wait)
    return None


def _minutes_to_wait(schedule: CronSchedule, hour: int, minute: int) -> int:
    """Return minutes to the next that may match, at most to the end of the hour; 0 for this one.

    Further is not looked at once, because the clocks may have changed by then.
    """
    to_next_hour = 60 - minute
    if hour not in schedule.hours.values:
        return to_next_hour
    minutes = schedule.minutes.values
    place = bisect_left(minutes, minute)
    return to_next_hour if place == len(minutes) else minutes[place] - minute


def _next_midnight(now: ZonedDateTime, zone: str) -> ZonedDateTime:
    """Return when the next day begins, which need not be at midnight where the clocks skip it."""
    day = now.date().add(days=1)
    return PlainDateTime(day.year, day.month, day.day).assume_tz(zone, disambiguation="compatible")


def _shown(at_ms: int, zone: str) -> ZonedDateTime:
    try:
        return Instant.from_timestamp(at_ms, unit="millisecond").to_tz(zone)
    except (TimeZoneNotFoundError, ValueError) as error:
        raise UnreadableSchedule(
            f"there is no time zone {zone!r}; write for example Europe/Paris or UTC"
        ) from error
