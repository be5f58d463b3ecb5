"""Namespaces, by what their annotations say of everything in them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

KINGTIDE_NAMESPACE = "kingtide-system"
"""Where the settings stand that Kingtide and users read."""
CLUSTER_ANNOTATION = "kingtide.dev/cluster"
"""On that namespace: the cluster's full name, by which a process knows that it is the one meant."""


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
