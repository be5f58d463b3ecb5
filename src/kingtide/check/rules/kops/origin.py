"""Where in the fleet's files a field of a generated kops document comes from.

From the last patch that touches it, or from the field of the fleet that is compiled to it, or at
least from the cluster's file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kingtide.check.kops_documents import CONTROL_PLANE, role_of
from kingtide.compile.document import Document
from kingtide.compile.patches.apply import matches
from kingtide.fleet.documents.tree import Map, Node, Path, Scalar, Sequence, node_at
from kingtide.fleet.models.cluster import ClusterSpec

OF_CLUSTER: Mapping[Path, Path] = {
    ("metadata", "name"): (),
    ("spec", "additionalNetworkCIDRs"): ("network",),
    ("spec", "authentication", "aws", "identityMappings"): ("iam", "authenticator"),
    ("spec", "authentication"): ("iam", "authenticator"),
    ("spec", "cloudLabels"): ("tags",),
    ("spec", "etcdClusters"): ("controlPlane",),
    ("spec", "hooks"): ("dns", "dnsmasq"),
    ("spec", "iam", "permissionsBoundary"): ("iam", "permissionsBoundary"),
    ("spec", "iam", "serviceAccountExternalPermissions"): ("iam", "serviceAccounts"),
    ("spec", "iam"): ("iam",),
    ("spec", "kubeControllerManager"): ("hpa",),
    ("spec", "kubeDNS", "nodeLocalDNS"): ("dns", "nodeLocal"),
    ("spec", "kubeDNS"): ("dns",),
    ("spec", "kubelet", "clusterDNS"): ("dns", "dnsmasq"),
    ("spec", "kubernetesApiAccess"): ("network", "apiAccess"),
    ("spec", "kubernetesVersion"): ("kubernetesVersion",),
    ("spec", "networkCIDR"): ("network", "cidr"),
    ("spec", "networkID"): ("network", "id"),
    ("spec", "networking"): ("network", "pods"),
    ("spec", "nonMasqueradeCIDR"): ("network", "podCidr"),
    ("spec", "rollingUpdate"): ("rollingUpdate",),
    ("spec", "serviceAccountIssuerDiscovery"): ("iam", "issuerBucket"),
    ("spec", "sshAccess"): ("network", "sshAccess"),
    ("spec", "subnets"): ("network", "subnets"),
    ("spec", "topology"): ("network", "topology"),
}
"""Fields of a Cluster, and the fields of a fleet's cluster that they are compiled from."""
_OF_SIZE: Mapping[Path, Path] = {
    ("spec", "machineType"): ("instances",),
    ("spec", "maxSize"): ("max",),
    ("spec", "minSize"): ("min",),
    ("spec", "mixedInstancesPolicy"): ("instances",),
}
"""Fields of an InstanceGroup that come from one size of an application group."""
_OF_GROUP: Mapping[Path, Path] = {
    ("spec", "mixedInstancesPolicy", "spotAllocationStrategy"): ("spot", "allocationStrategy"),
    ("spec", "nodeLabels"): ("labels",),
    ("spec", "rollingUpdate"): ("rollingUpdate",),
    ("spec", "rootVolumeSize"): ("rootVolume", "size"),
    ("spec", "rootVolumeType"): ("rootVolume", "type"),
    ("spec", "subnets"): ("zones",),
    ("spec", "taints"): ("dedicated",),
}
"""Fields of an InstanceGroup that come from its application group."""
_OF_ANY_GROUP: Mapping[Path, Path] = {
    ("spec", "image"): ("image",),
    ("spec", "rollingUpdate"): ("rollingUpdate",),
    ("spec", "subnets"): ("zones",),
}
"""Fields of an InstanceGroup that come from the cluster."""

_ITEM_BY_ITEM = (("iam", "authenticator"), ("iam", "serviceAccounts"), ("zones",))
"""Lists of a fleet each of whose items is compiled to one item of a list."""


def origin(spec: ClusterSpec, node: Node, document: Document, path: Path) -> Path:
    """Return the path in a cluster's merged spec that made a field of a document.

    It may name a field that nobody wrote; empty for the cluster as a whole.
    """
    patch = _patched(spec, node, document, path)
    if patch is not None:
        return patch
    if document.kind == "Cluster":
        return _translated(path, OF_CLUSTER) or ()
    if role_of(document) == CONTROL_PLANE:
        return _translated(path, _OF_ANY_GROUP) or ("controlPlane",)
    size = _size(spec, document.name)
    for above, table in ((size[:2], _OF_GROUP), (size, _OF_SIZE), ((), _OF_ANY_GROUP)):
        found = _translated(path, table)
        if found is not None and size and node_at(node, (*above, *found)) is not None:
            return (*above, *found)
    return size


def _translated(path: Path, table: Mapping[Path, Path]) -> Path | None:
    """Return a path by the longest beginning of it that a table knows."""
    for length in range(len(path), 0, -1):
        found = table.get(path[:length])
        if found is not None:
            return (*found, *path[length : length + 1]) if found in _ITEM_BY_ITEM else found
    return None


def _size(spec: ClusterSpec, name: str) -> Path:
    """Return the path of the size that an InstanceGroup is compiled from; empty for none."""
    for group_name, group in spec.node_groups.items():
        for field, prefix, sizes in (
            ("spot", "spot-nodes", group.spot),
            ("onDemand", "on-demand", group.on_demand),
            ("onDemandFallback", "on-demand", group.on_demand_fallback),
        ):
            for size in sizes.sizes if sizes is not None else ():
                if name == f"{prefix}-{group_name}-{size}":
                    return ("nodeGroups", group_name, field, "sizes", size)
    return ()


def _patched(spec: ClusterSpec, node: Node, document: Document, path: Path) -> Path | None:
    """Return the path of the last patch that touches a field, as deep as it can be told."""
    for index in reversed(range(len(spec.kops.patches))):
        at: Path = ("kops", "patches", index)
        patch = node_at(node, at)
        if patch is not None and matches(spec.kops.patches[index].target, document):
            for below in _touching(patch, path):
                return (*at, *below)
    return None


def _touching(patch: Node, path: Path) -> Iterator[Path]:
    merge = node_at(patch, ("merge",))
    if merge is not None:
        touched = _merged(merge, path)
        if touched is not None:
            yield ("merge", *touched)
    operations = node_at(patch, ("json6902",))
    if isinstance(operations, Sequence):
        for index in reversed(range(len(operations.items))):
            pointer = _text(operations.items[index], ("path",))
            if pointer is not None and _meets(_steps(pointer), path):
                yield ("json6902", index)


def _merged(merge: Node, path: Path) -> Path | None:
    """Return how far a merged part reaches towards a field; None where it leaves it alone."""
    at: list[str | int] = []
    for step in path:
        if isinstance(merge, Map):
            below = merge.get(step) if isinstance(step, str) else None
        elif isinstance(merge, Sequence):
            held = isinstance(step, int) and step < len(merge.items)
            below = merge.items[step] if held and isinstance(step, int) else None
        else:
            break
        if below is None:
            return tuple(at) if isinstance(merge, Sequence) else None
        at.append(step)
        merge = below
    return tuple(at)


def _steps(pointer: str) -> tuple[str, ...]:
    """Return the steps of a JSON Pointer (RFC 6901)."""
    return tuple(
        step.replace("~1", "/").replace("~0", "~") for step in pointer.lstrip("/").split("/")
    )


def _meets(steps: tuple[str, ...], path: Path) -> bool:
    """Return whether a pointer names a field, something in it or something above it."""
    return all(
        step == str(other) or (step == "-" and isinstance(other, int))
        for step, other in zip(steps, path, strict=False)
    )


def _text(node: Node, path: Path) -> str | None:
    found = node_at(node, path)
    return found.value if isinstance(found, Scalar) and isinstance(found.value, str) else None
