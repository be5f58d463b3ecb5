"""Namespaces, by what their annotations say of everything in them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

KINGTIDE_NAMESPACE = "kingtide-system"
"""Where the settings stand that Kingtide and users read."""
INGRESS_NAMESPACE = "kingtide-ingress"
"""Where the ingress controller's pods run: they have ports of their nodes, which no namespace of
the level baseline or restricted admits, as ours is."""
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
