"""How a type's fields merge: which lists are maps by a key, and what is only ever whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

Strategy = Literal["merge", "replace", "retainKeys", "merge,retainKeys"]


class Rule(msgspec.Struct, frozen=True):
    """How one field merges.

    `keys` tell a list's elements apart for server-side apply, none for a list that is atomic;
    `merge_key` and `strategy` say the same to a strategic merge patch, which knows one key only.
    """

    keys: tuple[str, ...] = ()
    is_set: bool = False
    is_atomic_map: bool = False
    merge_key: str = ""
    strategy: Strategy = "replace"

    @property
    def merges(self) -> bool:
        """Whether a strategic merge patch merges the list's elements."""
        return self.strategy.startswith("merge")


NO_RULE = Rule(strategy="merge")
"""A field that nothing is said of: a map merges, a list and a single value replace."""


class Schema:
    """A type. Made empty and filled, since types may hold themselves.

    `fields` are a struct's own; of what is no struct, `each` is the type of a map's values or of a
    list's elements, None where that is a single value or not known. A struct that `is_atomic` has
    one owner for all its fields.
    """

    __slots__ = ("each", "fields", "is_atomic", "is_open", "name", "rules")

    def __init__(self, name: str = "", *, is_atomic: bool = False, is_open: bool = False) -> None:
        self.name = name
        self.is_atomic = is_atomic
        self.is_open = is_open
        """Whether any field may stand in it: nothing is known of the type."""
        self.fields: Mapping[str, Schema] = {}
        self.rules: Mapping[str, Rule] = {}
        self.each: Schema | None = None

    @property
    def is_struct(self) -> bool:
        """Whether its fields are declared."""
        return bool(self.fields)

    def field(self, name: str) -> Schema:
        """Return the type of a field, ANY where it is not known."""
        found = self.fields.get(name)
        if found is not None:
            return found
        return self.each if self.each is not None and not self.fields else ANY

    def rule(self, name: str) -> Rule:
        """Return how a field merges."""
        return self.rules.get(name, NO_RULE)

    @property
    def element(self) -> Schema:
        """The type of a list's elements, ANY where it is not known."""
        return self.each if self.each is not None else ANY


ANY = Schema(is_open=True)
"""A type that nothing is known of, as of custom resources without a schema: maps merge by key,
lists are atomic."""
