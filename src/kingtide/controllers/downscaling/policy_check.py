"""What is wrong in a policy's own texts, found when it is read and not in the first night."""

from __future__ import annotations

import re

import msgspec

from kingtide.controllers.downscaling.dialect import Dialect
from kingtide.controllers.downscaling.holidays import MAX_HOLIDAYS, BadHoliday, read_holiday
from kingtide.controllers.downscaling.time_spec import BadTimeSpec, read_time_spec
from kingtide.controllers.downscaling.windows import Recurring
from kingtide.fleet.policies.downscaling import DownscalingPolicy

_SPECS = ("uptime", "downtime", "upscale_period", "downscale_period", "holiday_uptime")
_PATTERNS = ("excluded_namespaces", "matching_labels", "excluded_labels")


class PolicyMistake(msgspec.Struct, frozen=True):
    """A field of the policy (its own name) and what is wrong with it, with what to write."""

    field: str
    wrong: str


def policy_mistakes(policy: DownscalingPolicy) -> tuple[PolicyMistake, ...]:
    """Return everything that is wrong in a policy's texts, none when it can be followed."""
    # Even a compatible reader shall not begin with a policy that it will refuse at some instant.
    strict = Dialect(zone=policy.default_timezone, days=policy.default_week_frame)
    found = [*_bad_defaults(policy), *_bad_specs(policy, strict), *_bad_patterns(policy)]
    count = len(policy.holidays)
    if count > MAX_HOLIDAYS:
        advice = (
            f"at most {MAX_HOLIDAYS}; write days that follow one another as 2026-12-24/2026-12-26"
        )
        return (*found, PolicyMistake("holidays", f"{count} entries are too many, {advice}"))
    for holiday in policy.holidays:
        try:
            read_holiday(holiday, policy.default_timezone)
        except BadHoliday as error:
            found.append(PolicyMistake("holidays", str(error)))
    return tuple(found)


def empty_hours(text: str, dialect: Dialect) -> bool:
    """Return whether a part of a specification can never match, as `00:00-00:00` cannot."""
    try:
        parts = read_time_spec(text, dialect).parts
    except BadTimeSpec:
        return False
    return any(
        isinstance(part, Recurring)
        and not part.runs_overnight
        and part.start_minute >= part.end_minute
        for part in parts
    )


def _bad_defaults(policy: DownscalingPolicy) -> list[PolicyMistake]:
    found = []
    for field, text in (
        ("default_timezone", f"Mon-Mon 00:00-24:00 {policy.default_timezone}"),
        ("default_week_frame", f"{policy.default_week_frame} 00:00-24:00 UTC"),
    ):
        if getattr(policy, field):
            try:
                read_time_spec(text, Dialect())
            except BadTimeSpec as error:
                found.append(PolicyMistake(field, str(error)))
    return found


def _bad_specs(policy: DownscalingPolicy, strict: Dialect) -> list[PolicyMistake]:
    found = []
    for field in _SPECS:
        text: str = getattr(policy, field)
        try:
            read_time_spec(text, strict)
        except BadTimeSpec as error:
            found.append(PolicyMistake(field, str(error)))
        else:
            if empty_hours(text, strict):
                wrong = f"{text!r} holds hours that never come; write 00:00-24:00 for a whole day"
                found.append(PolicyMistake(field, wrong))
    return found


def _bad_patterns(policy: DownscalingPolicy) -> list[PolicyMistake]:
    found = []
    for field in _PATTERNS:
        for pattern in getattr(policy, field):
            try:
                re.compile(pattern)
            except re.error as error:
                wrong = f"{pattern!r} is no regular expression: {error}; write for example team-.*"
                found.append(PolicyMistake(field, wrong))
    return found
