"""Waivers: a check that is known not to hold somewhere, with a reason and an end."""

from __future__ import annotations

import datetime
import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from kingtide.fleet.documents.written import Written

_CODE = re.compile(r"KT[0-9]{3}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def check_code(value: str) -> str:
    """Return the code of a check as written.

    Raises:
        ValueError: it is none.
    """
    if not _CODE.fullmatch(value):
        raise ValueError(f"{value!r} is not the code of a check; write for example KT203")
    return value


def calendar_date(value: object) -> str:
    """Return a date as `2026-12-31`.

    Raises:
        ValueError: it is none.
    """
    wrong = f"{value!r} is not a date; write for example 2026-12-31"
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError(wrong)
    try:
        datetime.date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(wrong) from error
    return value


def some_words(value: str) -> str:
    """Return a text that says something.

    Raises:
        ValueError: it is empty.
    """
    if not value.strip():
        raise ValueError("says nothing; write why this is right here")
    return value


CheckCode = Annotated[
    str,
    AfterValidator(check_code),
    WithJsonSchema({"type": "string", "pattern": f"^{_CODE.pattern}$", "examples": ["KT203"]}),
]
CalendarDate = Annotated[
    str,
    BeforeValidator(calendar_date),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-12-31"]}),
]


class Waiver(Written):
    """One finding of `kingtide check` that is accepted until a date."""

    check: CheckCode
    """The check's code, for example KT203."""
    path: str = ""
    """Only findings at or below this field (`spec.nodeGroups.api`); empty for the whole file."""
    file: str = ""
    """Only findings in files whose path below the fleet's folder matches this pattern
    (`snippets/*`); empty for the file that holds the waiver. Only fleet.yaml may name others."""
    reason: Annotated[str, AfterValidator(some_words)]
    """Why it is right here."""
    until: CalendarDate
    """The last day on which it counts."""
