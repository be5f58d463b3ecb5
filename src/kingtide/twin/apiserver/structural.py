"""A structural schema: what a definition says of the objects of a custom kind.

Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
#specifying-a-structural-schema (v1.36).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec


class Structural(msgspec.Struct, frozen=True, eq=False):
    """What one value may be.

    `type` is empty where any is allowed; `additional` is the schema of a map's values, `items` that
    of a list's elements, None where nothing is said of them. `bounds` are limits by their name in
    OpenAPI; `groups` hold further schemas that a value is held against, by allOf, anyOf and oneOf.
    `document` is the schema as it was written.
    """

    type: str
    document: Mapping[str, Any]
    properties: Mapping[str, Structural]
    additional: Structural | None = None
    items: Structural | None = None
    required: tuple[str, ...] = ()
    enum: tuple[Any, ...] = ()
    bounds: Mapping[str, Any] = {}
    pattern: Any = None
    groups: Mapping[str, tuple[Structural, ...]] = {}
    excluded: Structural | None = None
    is_nullable: bool = False
    is_int_or_string: bool = False
    keeps_unknown: bool = False
    is_embedded: bool = False

    @property
    def default(self) -> Any:
        """What a field is that nobody wrote, None for nothing."""
        return self.document.get("default")


class ShownColumn(msgspec.Struct, frozen=True):
    """A column of a custom kind's table: `path` is a JSONPath, as `.spec.replicas`."""

    name: str
    type: str
    path: str
    is_wide: bool = False
