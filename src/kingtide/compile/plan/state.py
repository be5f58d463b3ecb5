"""A fleet as one side of a plan: every cluster's documents, wherever they come from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec

from kingtide.compile.document import Body, Document
from kingtide.compile.yaml_text import yaml_stream, yaml_text


class ClusterState(msgspec.Struct, frozen=True):
    """One cluster's documents.

    `typical` is how many instances an InstanceGroup has on an ordinary evening, for those that say
    so. `workloads` are manifests that run in the cluster without being generated: what is asked
    when nodes are drained. `tools` are Helm values by tool, compared and put nowhere; None where
    nobody knows them. `rank` is the place of its stage in the order of promotion.
    """

    name: str
    full_name: str
    kops: tuple[Document, ...]
    objects: tuple[Document, ...] = ()
    typical: Mapping[str, int] = {}
    workloads: tuple[Document, ...] = ()
    tools: Mapping[str, Body] | None = None
    rank: int = 0

    @property
    def kops_text(self) -> str:
        """The kops documents as one YAML stream."""
        return yaml_stream(it.body for it in self.kops)

    @property
    def objects_text(self) -> str:
        """The Kubernetes objects as one YAML stream."""
        return yaml_stream(it.body for it in self.objects)

    @property
    def known_tools(self) -> list[tuple[str, Body]]:
        """Helm values by tool, sorted."""
        return sorted((self.tools or {}).items(), key=lambda it: it[0])


class FleetState(msgspec.Struct, frozen=True):
    """All clusters by name, and where they were read (`git 1f3a90c`, `fleet/`).

    `state_store` is where kops keeps its state, empty where nobody said.
    """

    said_by: str
    clusters: Mapping[str, ClusterState]
    state_store: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of everything that is compared, in hexadecimal."""
        found = hashlib.sha256()
        for name in sorted(self.clusters):
            cluster = self.clusters[name]
            values = (f"{it}\n{yaml_text(body)}" for it, body in cluster.known_tools)
            for text in (name, cluster.full_name, cluster.kops_text, cluster.objects_text, *values):
                content = text.encode()
                # Lengths, so that no two fleets come to the same stream of bytes.
                found.update(f"{len(content)}:".encode())
                found.update(content)
        return found.hexdigest()
