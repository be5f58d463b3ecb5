"""Times of the API: RFC 3339 in UTC, whole seconds or with a fraction (`MicroTime` of leases)."""

from __future__ import annotations

from whenever import Instant


def time_ms(text: str | None) -> int | None:
    """Return a time in milliseconds since the Unix epoch, None for none.

    Raises:
        ValueError: it is no time.
    """
    return None if text is None else Instant.parse_iso(text).timestamp(unit="millisecond")


def time_text(at_ms: int) -> str:
    """Return a time as the API writes it: whole seconds, which is all that objects keep."""
    return Instant.from_timestamp(at_ms // 1000).format_iso(unit="second")


def micro_time_text(at_ms: int) -> str:
    """Return a time as leases and events write it, with six digits of a second."""
    return f"{time_text(at_ms)[:-1]}.{at_ms % 1000:03d}000Z"
