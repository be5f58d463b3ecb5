"""A fleet proposed for kops clusters: fields where the fleet has them, patches for the rest."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import PurePosixPath

import msgspec

from kingtide.fleet.documents.mistakes import Findings
from kingtide.fleet.documents.tree import Place, Plain
from kingtide.fleet.fields import dns_label
from kingtide.migration.cluster_fields import cluster_fields, masters, region_of
from kingtide.migration.fleet_yaml import fleet_yaml
from kingtide.migration.kops_documents import KopsCluster, KopsDocument, Manifests
from kingtide.migration.node_group_fields import ImportedGroups, node_group_fields
from kingtide.migration.parts import Part, map_at, text_at
from kingtide.migration.patches import beyond, patches, shared
from kingtide.migration.type_lists import TypeLists

_API_VERSION = "fleet.kingtide.dev/v1alpha1"
_OF_ONE_CLUSTER = ("stage", "region", "zones", "kops")
"""What a class never holds: where a cluster is, and what is put right in its documents only."""
_OF_THE_FLEET = ("kubernetesVersion", "image", "tags")
_STAGING = ("dev", "int", "preprod", "qa", "staging", "test")
_STAGES: Mapping[str, Part] = {
    "staging": {"maxParallel": "100%", "soak": "30m"},
    "prod": {"maxParallel": 1},
}


class ProposedCluster(msgspec.Struct, frozen=True):
    """A cluster of the fleet; `spec` is without its patches."""

    name: str
    cluster: KopsCluster
    spec: Part
    groups: ImportedGroups


class Proposal(msgspec.Struct, frozen=True):
    """A fleet, before it is known what it compiles to."""

    fleet: Part
    clusters: tuple[ProposedCluster, ...]
    lists: Mapping[str, tuple[str, ...]]
    others: tuple[KopsDocument, ...]


class Patched(msgspec.Struct, frozen=True):
    """A cluster's patches, and what even they cannot express."""

    patches: list[Plain]
    left_out: tuple[str, ...]


def propose(
    manifests: Manifests,
    pod_networks: Collection[str],
    *,
    name: str,
    state_store: str | None = None,
) -> Proposal:
    """Return a fleet of the clusters; `state_store` where they do not say where kops keeps them.

    Raises:
        Mistakes: everything without which there is no fleet.
    """
    findings = Findings()
    lists = TypeLists()
    clusters = tuple(_cluster(it, pod_networks, lists, findings) for it in manifests.clusters)
    zones = {it.cluster.name.partition(".")[2]: it for it in reversed(clusters)}
    if len(zones) > 1:
        first, *rest = reversed(zones)
        for zone in rest:
            wrong = f"is below {zone}, and another cluster below {first}"
            advice = "import them into two fleets: a fleet has one zone"
            findings.add(zones[zone].cluster.document.place, ("metadata", "name"), wrong, advice)
    fleet: Part = {"stateStore": state_store or _store(clusters, findings)}
    findings.raise_if_any()
    fleet["dnsZone"] = next(iter(zones))
    fleet["stages"] = [it for it in _STAGES if any(c.spec["stage"] == it for c in clusters)]
    return Proposal({"name": name, "spec": fleet}, clusters, lists.lists, manifests.others)


def patched(proposed: ProposedCluster, compiled: Sequence[Part]) -> Patched:
    """Return the patches that turn what a cluster compiles to into what was imported."""
    left_out = list(proposed.groups.left_out)
    wanted = {it.name: it for it in proposed.cluster.groups}
    names = iter(masters(proposed.cluster))
    pairs: list[tuple[Part, Part]] = []
    made_names = {text_at(it, "metadata", "name") for it in compiled}
    for made in compiled:
        made_name = text_at(made, "metadata", "name") or ""
        document: KopsDocument | None
        if text_at(made, "kind") == "Cluster":
            document = proposed.cluster.document
        elif text_at(made, "spec", "role") == "Master":
            document = wanted.get(next(names, ""))
        else:
            document = proposed.groups.documents.get(made_name)
        if document is None:
            left_out.append(f"InstanceGroup {made_name} is new: the fleet cannot do without it")
            continue
        body = _comparable(document)
        if document.name != made_name and document.name in made_names:
            left_out.append(
                f"InstanceGroup {document.name}: its name, which the fleet gives to another;"
                f" it becomes {made_name}"
            )
            body = {**body, "metadata": {**map_at(body, "metadata"), "name": made_name}}
        pairs.append((made, body))
    left_out += [f"InstanceGroup {name}: the fleet has no zone for it" for name in names]
    return Patched(patches(pairs), tuple(left_out))


def fleet_files(proposal: Proposal, found: Mapping[str, Patched]) -> dict[PurePosixPath, bytes]:
    """Return the fleet's files by path below its folder; `found` are patches by cluster."""
    specs = {it.name: dict(it.spec) for it in proposal.clusters}
    shareable = [
        {key: value for key, value in it.items() if key not in _OF_ONE_CLUSTER}
        for it in specs.values()
    ]
    base = shared(shareable)
    fleet_spec = dict(map_at(proposal.fleet, "spec"))
    for key in _OF_THE_FLEET:
        if key in base:
            fleet_spec[key] = base[key]
    files = {
        PurePosixPath("fleet.yaml"): fleet_yaml(
            _document("Fleet", str(proposal.fleet["name"]), fleet_spec)
        ),
        PurePosixPath("classes/base.yaml"): fleet_yaml(
            _document(
                "ClusterClass", "base", {k: v for k, v in base.items() if k not in _OF_THE_FLEET}
            ),
            "What every cluster shares; a cluster's own file lies over it.",
        ),
    }
    for it in proposal.clusters:
        own = beyond(base, specs[it.name])
        patching = found.get(it.name, Patched([], ()))
        if patching.patches:
            own["kops"] = {"patches": patching.patches}
        files[PurePosixPath(f"clusters/{it.name}.yaml")] = fleet_yaml(
            _document("Cluster", it.name, {"class": "base", **own}), _comment(it, patching)
        )
    for name, types in proposal.lists.items():
        path = PurePosixPath(f"snippets/instance-types/{name}.yaml")
        files[path] = fleet_yaml(list(types))
    stages = fleet_spec["stages"]
    for stage in stages if isinstance(stages, list) else ():
        path = PurePosixPath(f"stages/{stage}.yaml")
        files[path] = fleet_yaml(_document("Stage", str(stage), dict(_STAGES[str(stage)])))
    return files


def shown(path: PurePosixPath) -> str:
    """Return how messages name a file of a fleet that is not written yet."""
    return f"proposed {path}"


def _cluster(
    cluster: KopsCluster,
    pod_networks: Collection[str],
    lists: TypeLists,
    findings: Findings,
) -> ProposedCluster:
    document = cluster.document
    name, _, zone = cluster.name.partition(".")
    try:
        dns_label(name)
    except ValueError as error:
        findings.add(document.place, ("metadata", "name"), *_halves(error))
    if not zone:
        wrong, advice = f"{name!r} has no zone", f"write for example {name}.k8s.example.com"
        findings.add(document.place, ("metadata", "name"), wrong, advice)
    groups = node_group_fields(cluster, lists)
    _note_missing(cluster, groups, findings)
    stage = "staging" if any(it in _STAGING for it in name.split("-")) else "prod"
    fields = cluster_fields(cluster, pod_networks)
    return ProposedCluster(
        name, cluster, {"stage": stage, **fields, "nodeGroups": groups.fields}, groups
    )


def _note_missing(cluster: KopsCluster, groups: ImportedGroups, findings: Findings) -> None:
    """Note what a fleet cannot do without."""
    place: Place = cluster.document.place
    spec = cluster.document.spec
    if text_at(spec, "cloudProvider") != "aws":
        findings.add(place, ("spec", "cloudProvider"), "is not aws", "a fleet is on AWS")
    elif region_of(cluster) is None:
        wrong = "name no zones of one AWS region"
        findings.add(place, ("spec", "subnets"), wrong, "give each a zone such as eu-west-1a")
    if text_at(spec, "networkCIDR") is None:
        findings.add(place, ("spec", "networkCIDR"), "is missing", "write the VPC's range")
    if text_at(spec, "kubernetesVersion") is None:
        findings.add(place, ("spec", "kubernetesVersion"), "is missing", "write it")
    if not any(text_at(it.spec, "machineType") for it in _control_plane(cluster)):
        wrong = f"cluster {cluster.name} has no InstanceGroup of role Master with a machineType"
        findings.add(place, (), wrong, "name its manifest too")
    if not groups.fields:
        wrong = f"cluster {cluster.name} has no InstanceGroup of nodes that a fleet can have"
        findings.add(place, (), wrong, "; ".join(groups.left_out) or "name its manifest too")


def _control_plane(cluster: KopsCluster) -> list[KopsDocument]:
    names = masters(cluster)
    return [it for it in cluster.groups if it.name in names]


def _store(clusters: Sequence[ProposedCluster], findings: Findings) -> str | None:
    for it in clusters:
        base = text_at(it.cluster.document.spec, "configBase")
        if base is not None and base.endswith(f"/{it.cluster.name}"):
            return base.removesuffix(f"/{it.cluster.name}")
    if clusters:
        place = clusters[0].cluster.document.place
        wrong = "does not tell where kops keeps its state"
        findings.add(place, ("spec", "configBase"), wrong, "give it with --state-store s3://...")
    return None


def _comparable(document: KopsDocument) -> Part:
    """Return a document without what kops' server side adds."""
    body = {key: value for key, value in document.body.items() if key != "status"}
    metadata = map_at(body, "metadata")
    return {
        **body,
        "metadata": {key: it for key, it in metadata.items() if key != "creationTimestamp"},
    }


def _document(kind: str, name: str, spec: Part) -> Part:
    return {"apiVersion": _API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": spec}


def _comment(proposed: ProposedCluster, found: Patched) -> str:
    lines = [f"Imported from the kops cluster {proposed.cluster.name}."]
    lines += [f"Not imported: {it}." for it in found.left_out]
    lines += [f"{it}." for it in proposed.groups.notes]
    if found.patches:
        lines.append("The patches keep the kops documents as they are; each one can go by itself.")
    return "\n".join(lines)


def _halves(error: ValueError) -> tuple[str, str]:
    wrong, _, instead = str(error).partition("; ")
    return wrong, instead
