"""What is wrong in annotations that a user is about to write, told before they count."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.controllers.downscaling import names
from kingtide.controllers.downscaling.dialect import Dialect
from kingtide.controllers.downscaling.policy_check import empty_hours
from kingtide.controllers.downscaling.size import read_amount
from kingtide.controllers.downscaling.time_spec import BadTimeSpec, read_time_spec
from kingtide.controllers.downscaling.timestamps import BadTimestamp, read_timestamp

_SPECS = (names.UPTIME, names.DOWNTIME, names.UPSCALE_PERIOD, names.DOWNSCALE_PERIOD)
_FORCES = (names.FORCE_UPTIME, names.FORCE_DOWNTIME)
_TIMES = (names.EXCLUDE_UNTIL, names.WAKE_UNTIL)
_NUMBERS = (names.DOWNTIME_REPLICAS, names.GRACE_PERIOD)

_WRITTEN_BY_HAND = (*_SPECS, *_FORCES, *_TIMES, *_NUMBERS, names.EXCLUDE)
_KNOWN = (*_WRITTEN_BY_HAND, names.ORIGINAL_REPLICAS, names.ORIGINAL_PAUSE_REPLICAS)


def annotation_mistakes(annotations: Mapping[str, str], dialect: Dialect) -> Mapping[str, str]:
    """Return what is wrong by the annotation's key, with what to write; others are not looked at.

    A part of a specification is refused even where a compatible reader would notice it only some
    night.
    """
    strict = Dialect(zone=dialect.zone, days=dialect.days)
    found: dict[str, str] = {}
    for key, text in annotations.items():
        wrong = _wrong(key, text, strict)
        if wrong is not None:
            found[key] = wrong
    return found


def _wrong(key: str, text: str, dialect: Dialect) -> str | None:
    if key.startswith("downscaler/") and key not in _KNOWN:
        own = sorted(it for it in _WRITTEN_BY_HAND if it.startswith("downscaler/"))
        short = ", ".join(it.partition("/")[2] for it in own)
        return f"nothing reads this annotation; write one of downscaler/ with {short}"
    if key in _FORCES and text.lower() in ("true", "false"):
        return None
    try:
        if key in _SPECS or key in _FORCES:
            read_time_spec(text, dialect)
            if empty_hours(text, dialect):
                return f"{text!r} holds hours that never come; write 00:00-24:00 for a whole day"
        elif key in _TIMES:
            read_timestamp(text)
        elif key in _NUMBERS:
            amount = read_amount(text)
            if amount is None or amount.pods is None or amount.amount.endswith("%"):
                return f"{text!r} is no number; write for example 0"
    except (BadTimeSpec, BadTimestamp) as error:
        return str(error)
    return None
