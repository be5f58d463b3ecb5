"""Refuses situations with fields that a claim does not understand, so that none passes by luck."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def only_known(entry: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """Return the entry when all its fields are known.

    Raises:
        AssertionError: there is a field that the claim does not read.
    """
    unknown = [name for name in entry if name not in names]
    assert not unknown, f"fields that the claim does not read: {unknown}"
    return entry
