"""Times as `kubectl get` shows them: how long ago, in one or two units.

Source: apimachinery/pkg/util/duration HumanDuration (v0.36),
https://github.com/kubernetes/apimachinery/blob/v0.36.0/pkg/util/duration/duration.go.
"""

from __future__ import annotations

from kingtide.kube.wire.times import time_ms
from kingtide.twin.apiserver.entries import Entry

UNKNOWN = "<unknown>"
_MINUTE, _HOUR, _DAY, _YEAR = 60, 3_600, 86_400, 365 * 86_400


def human_duration(milliseconds: int) -> str:
    """Return a duration with about two digits that matter: 119s, 5m12s, 3h40m, 6d2h, 3y40d."""
    seconds = milliseconds // 1000
    if seconds < -1:
        return "<invalid>"
    if seconds < 0:
        return "0s"
    minutes, hours, days = seconds // _MINUTE, seconds // _HOUR, seconds // _DAY
    if seconds < 2 * _MINUTE:
        return f"{seconds}s"
    if minutes < 10:
        return _two(minutes, "m", seconds % _MINUTE, "s")
    if hours < 3:
        return f"{minutes}m"
    if hours < 8:
        return _two(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if hours < 192:
        return _two(days, "d", hours % 24, "h")
    if days < 2 * 365:
        return f"{days}d"
    if days < 8 * 365:
        return _two(days // 365, "y", days % 365, "d")
    return f"{seconds // _YEAR}y"


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large}{large_unit}" + (f"{small}{small_unit}" if small else "")


def age(entry: Entry, now_ms: int) -> str:
    """Return how long ago an object was created."""
    created_ms = getattr(entry.value, "created_ms", 0)
    if created_ms:
        return human_duration(now_ms - created_ms)
    return since(entry.body()["metadata"].get("creationTimestamp"), now_ms)


def since(text: str | None, now_ms: int) -> str:
    """Return how long ago a time of the API was, `<unknown>` for none."""
    at_ms = time_ms(text)
    return UNKNOWN if at_ms is None else human_duration(now_ms - at_ms)
