"""Namespaces, by what their annotations say of everything in them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Namespace(msgspec.Struct, frozen=True, gc=False):
    """A namespace."""

    name: str
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}
    resource_version: int = 0

    @property
    def key(self) -> str:
        """Its name: namespaces stand in none."""
        return self.name
