"""The five fields of a cron schedule, as Kubernetes' parser reads them.

No library is used here, because none reads them so. Tried against the table of robfig/cron's own
tests: cronsim 2.8 fires once when the clock goes back, fires at three for what the clock skips, and
refuses `?`; croniter 7.0 fires for what is skipped too. Kubernetes skips it, and fires twice when
the clock goes back.

Source: https://github.com/robfig/cron/blob/v3.0.1/parser.go (ParseStandard) and spec.go;
https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax (v1.36).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_DIGITS = re.compile(r"[0-9]{1,4}")

_DESCRIPTORS: Mapping[str, str] = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


class UnreadableSchedule(ValueError):
    """A schedule that Kubernetes' parser does not accept, or that is not supported here."""


class Field(msgspec.Struct, frozen=True, gc=False):
    """The values of one field, ascending; `is_star` where it was written as `*` or `?`."""

    values: tuple[int, ...]
    is_star: bool = False


class CronSchedule(msgspec.Struct, frozen=True, gc=False):
    """When a clock shows a time to run at. Days of the week count from Sunday, which is 0."""

    minutes: Field
    hours: Field
    days: Field
    months: Field
    weekdays: Field

    def has_day(self, month: int, day: int, weekday: int) -> bool:
        """Return whether a day is one to run on.

        Where both days of month and days of week are given, either is enough.
        """
        if month not in self.months.values:
            return False
        by_month, by_week = day in self.days.values, weekday in self.weekdays.values
        if self.days.is_star or self.weekdays.is_star:
            return by_month and by_week
        return by_month or by_week


def parse_schedule(text: str) -> CronSchedule:
    """Return a schedule of five fields or a name such as `@hourly`.

    Raises:
        UnreadableSchedule: it is neither; the message says where and what to write.
    """
    if "TZ=" in text:
        raise UnreadableSchedule(
            f"{text!r} names a time zone, which the API refuses; write it as timeZone"
        )
    if text.startswith("@every"):
        raise UnreadableSchedule(f"{text!r} is not supported; write five fields")
    words = _DESCRIPTORS.get(text, text).split()
    if text.startswith("@") and text not in _DESCRIPTORS:
        known = ", ".join(_DESCRIPTORS)
        raise UnreadableSchedule(f"{text!r} is no schedule; write five fields or one of {known}")
    if len(words) != 5:
        raise UnreadableSchedule(
            f"{text!r} has {len(words)} fields; write minute, hour, day of month, month and day of"
            " week, for example `*/5 * * * *`"
        )
    return CronSchedule(
        minutes=_field("minute", words[0], 0, 59),
        hours=_field("hour", words[1], 0, 23),
        days=_field("day of month", words[2], 1, 31),
        months=_field("month", words[3], 1, 12, _MONTHS),
        weekdays=_field("day of week", words[4], 0, 6, _DAYS),
    )


def _field(what: str, text: str, low: int, high: int, names: tuple[str, ...] = ()) -> Field:
    values: dict[int, None] = {}
    is_star = False
    for part in text.split(","):
        if not part:
            continue  # Go's FieldsFunc drops what is empty between commas
        span, star = _part(what, part, low, high, names)
        is_star = is_star or star
        values.update(dict.fromkeys(span))
    if not values:
        raise UnreadableSchedule(f"{what} {text!r} is empty; write a number, a range or *")
    return Field(tuple(sorted(values)), is_star)


def _part(what: str, text: str, low: int, high: int, names: tuple[str, ...]) -> tuple[range, bool]:
    """Return what one part between commas stands for, and whether it counts as a star.

    A star with a step is none. A single number with a step runs up to the highest value.
    """
    spoken, slash, step_text = text.partition("/")
    first, dash, last = spoken.partition("-")
    step = _number(what, step_text, ()) if slash else 1
    if step == 0:
        raise UnreadableSchedule(f"{what} {text!r} has a step of 0; write 1 or more")
    if first in ("*", "?"):
        if dash:
            raise UnreadableSchedule(f"{what} {text!r} is no range; write two numbers")
        return range(low, high + 1, step), step == 1
    begin = _number(what, first, names, low)
    end = _number(what, last, names, low) if dash else high if slash else begin
    if begin < low or end > high or begin > end:
        raise UnreadableSchedule(
            f"{what} {text!r} is not within {low} to {high}, the lower number first"
        )
    return range(begin, end + 1, step), False


def _number(what: str, text: str, names: tuple[str, ...], low: int = 0) -> int:
    if text.lower() in names:
        return names.index(text.lower()) + low
    if _DIGITS.fullmatch(text) is None:
        raise UnreadableSchedule(f"{what} {text!r} is not a number; write one, a range or *")
    return int(text)
