"""Answers in pages: so many of a list, and a token that says where the next page begins."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Generic, TypeVar

import msgspec

from kingtide.twin.apiserver.aws.refused import AwsRefusal

T = TypeVar("T")

_MARK = "twin:"


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page; `next_token` None on the last."""

    items: Sequence[T]
    next_token: str | None


def page(found: Sequence[T], token: str, size: int) -> Page[T]:
    """Return the page that a token stands for, the first one without.

    Raises:
        AwsRefusal: no such token was given out.
    """
    start = _start(token) if token else 0
    end = start + max(1, size)
    after = None
    if end < len(found):
        after = urlsafe_b64encode(f"{_MARK}{end}".encode()).decode()
    return Page(found[start:end], after)


def _start(token: str) -> int:
    try:
        text = urlsafe_b64decode(token.encode()).decode()
    except ValueError:
        text = ""
    number = text.removeprefix(_MARK)
    if not text.startswith(_MARK) or not number.isdecimal() or len(number) > 9:
        raise AwsRefusal("InvalidNextToken", "The NextToken value is not valid.")
    return int(number)
