"""Times in annotations: `2026-12-24T18:00:00Z`, `2026-12-24 18:00`, `2026-12-24`, all UTC.

An offset other than Z (`2026-12-24T18:00:00+01:00`) is our own addition.
"""

from __future__ import annotations

import re

from whenever import Instant, OffsetDateTime

_FORMS = (
    re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})T(\d{1,2}):(\d{1,2}):(\d{1,2})Z", re.ASCII),
    re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})[T ](\d{1,2}):(\d{1,2})", re.ASCII),
    re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII),
)
_WITH_OFFSET = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d", re.ASCII)


class BadTimestamp(ValueError):
    """A time that cannot be read; the message says what to write."""


def read_timestamp(text: str) -> int:
    """Return a time as Unix milliseconds.

    Raises:
        BadTimestamp: it is none.
    """
    try:
        if _WITH_OFFSET.fullmatch(text) is not None:
            return OffsetDateTime.parse_iso(text).timestamp(unit="millisecond")
        for form in _FORMS:
            match = form.fullmatch(text)
            if match is not None:
                numbers = [int(number) for number in match.groups()]
                return Instant.from_utc(*numbers).timestamp(unit="millisecond")
    except ValueError as error:
        raise BadTimestamp(f"{text!r} is no time ({error}); {_EXAMPLE}") from error
    raise BadTimestamp(f"{text!r} is no time; {_EXAMPLE}")


_EXAMPLE = "write for example 2026-12-24T18:00:00Z or 2026-12-24"
