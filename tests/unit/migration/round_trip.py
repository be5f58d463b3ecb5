"""Import manifests, compile what was proposed, patch it: what comes out should be what went in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from kingtide.compile.compilation import compile_cluster
from kingtide.compile.kops.networking import POD_NETWORKS
from kingtide.fleet.documents.tree import Plain
from kingtide.fleet.repository import FleetRepository, read_fleet
from kingtide.migration.kops_dialect import Source
from kingtide.migration.kops_documents import Manifests, read_manifests
from kingtide.migration.parts import Part, map_at
from kingtide.migration.proposal import Patched, Proposal, fleet_files, patched, propose, shown


class Imported:
    """Everything that importing some manifests gives."""

    def __init__(self, *texts: str, state_store: str | None = None) -> None:
        sources = [Source("", f"m{at}.yaml", text) for at, text in enumerate(texts, start=1)]
        self.manifests: Manifests = read_manifests(sources)
        self.proposal: Proposal = propose(
            self.manifests, POD_NETWORKS, name="fleet", state_store=state_store
        )
        bare = read_fleet(fleet_files(self.proposal, {}), shown)
        self.patched: dict[str, Patched] = {}
        for one in self.proposal.clusters:
            compiled = [it.body for it in compile_cluster(bare, one.name).kops]
            self.patched[one.name] = patched(one, compiled)
        self.files: dict[PurePosixPath, bytes] = fleet_files(self.proposal, self.patched)
        self.fleet: FleetRepository = read_fleet(self.files, shown)

    def text(self, path: str) -> str:
        """Return a file of the proposed fleet."""
        return self.files[PurePosixPath(path)].decode()

    def documents(self, cluster: str) -> dict[tuple[str, str], Part]:
        """Return what a cluster of the fleet that was read back compiles to, patches and all."""
        bodies = [it.body for it in compile_cluster(self.fleet, cluster).kops]
        return {(str(it["kind"]), str(map_at(it, "metadata")["name"])): it for it in bodies}


def applied(document: Part, merge: Mapping[str, Plain]) -> Part:
    """Return a document with a part merged into it (RFC 7386)."""
    found = dict(document)
    for key, value in merge.items():
        below = found.get(key)
        if value is None:
            found.pop(key, None)
        elif isinstance(value, dict):
            found[key] = applied(below if isinstance(below, dict) else {}, value)
        else:
            found[key] = value
    return found


def comparable(document: Part) -> Part:
    """Return an imported document without what is told to be left out, subnets by name."""
    metadata = {k: v for k, v in map_at(document, "metadata").items() if k != "creationTimestamp"}
    spec = dict(map_at(document, "spec"))
    subnets = spec.get("subnets")
    if document["kind"] == "Cluster" and isinstance(subnets, list):
        spec["subnets"] = sorted(subnets, key=lambda it: str(map_at(it).get("name", it)))
    return {**document, "metadata": metadata, "spec": spec}
