"""Durations as Go writes them, in which Kubernetes' annotations and flags state time."""

from __future__ import annotations

import re
from decimal import Decimal

_UNIT_MS = {
    "ns": Decimal("0.000001"),
    "us": Decimal("0.001"),
    "µs": Decimal("0.001"),
    "μs": Decimal("0.001"),
    "ms": Decimal(1),
    "s": Decimal(1000),
    "m": Decimal(60_000),
    "h": Decimal(3_600_000),
}
_PART = r"(\d{1,18}\.?\d{0,18}|\.\d{1,18})(ns|us|µs|μs|ms|s|m|h)"
_DURATION = re.compile(rf"([+-]?)((?:{_PART})+)")


def parse_duration_ms(text: str) -> int | None:
    """Return a Go duration (`1h30m`, `25m`, `1.5s`) in milliseconds, cut off; None when it is none.

    Source: https://pkg.go.dev/time#ParseDuration
    """
    if text in ("0", "+0", "-0"):
        return 0
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    total = sum(
        (Decimal(number) * _UNIT_MS[unit] for number, unit in re.findall(_PART, match[2])),
        Decimal(0),
    )
    return -int(total) if match[1] == "-" else int(total)


def format_duration(seconds: int) -> str:
    """Return seconds as Go prints a duration (`30m0s`, `1h0m0s`, `15s`); not for negative ones.

    Source: https://pkg.go.dev/time#Duration.String
    """
    hours, minutes = seconds // 3600, seconds // 60 % 60
    if hours:
        return f"{hours}h{minutes}m{seconds % 60}s"
    return f"{minutes}m{seconds % 60}s" if minutes else f"{seconds % 60}s"
