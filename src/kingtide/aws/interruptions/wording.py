"""What the fields of AWS' messages may say: instance ids and times."""

from __future__ import annotations

import re

from whenever import Instant

MAX_TEXT_CHARACTERS = 255
"""Longest name of a group, hook or code that is taken over; AWS' own limit for names."""

_INSTANCE_ID = re.compile(r"i-(?:[0-9a-f]{8}|[0-9a-f]{17})")
"""Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html."""


class UnreadableField(ValueError):
    """A field of a message says nothing that can be understood."""


def instance_id(text: str) -> str:
    """Return an instance id.

    Raises:
        UnreadableField: it is none.
    """
    if _INSTANCE_ID.fullmatch(text) is None:
        raise UnreadableField(f"{_shown(text)} is no instance id")
    return text


def name(text: str) -> str:
    """Return a name that is not empty and not too long.

    Raises:
        UnreadableField: it is.
    """
    if not 0 < len(text) <= MAX_TEXT_CHARACTERS:
        raise UnreadableField(f"{_shown(text)} is empty or too long for a name")
    return text


def iso_ms(text: str) -> int:
    """Return the time of `2026-01-01T00:00:00Z` in milliseconds.

    Raises:
        UnreadableField: it is no such time.
    """
    try:
        return Instant.parse_iso(text).timestamp(unit="millisecond")
    except ValueError as error:
        raise UnreadableField(f"{_shown(text)} is no time (ISO 8601)") from error


def rfc_2822_ms(text: str) -> int:
    """Return the time of `Sat, 05 Jun 2027 15:10:09 GMT` (the day may be left out).

    Raises:
        UnreadableField: it is no such time.
    """
    try:
        return Instant.parse_rfc2822(text).timestamp(unit="millisecond")
    except ValueError as error:
        raise UnreadableField(f"{_shown(text)} is no time (RFC 2822)") from error


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:60]}...")
