"""What a kops Cluster says, in the words of a fleet's cluster.

Only what comes out the same is taken over: everything else stays for a patch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from kingtide.fleet.documents.tree import Plain
from kingtide.fleet.fields import dns_label, number_or_percentage, whole_seconds
from kingtide.migration.kops_documents import KopsCluster
from kingtide.migration.parts import Part, at, count_at, map_at, maps_at, text_at, texts_at

_REGION = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d)([a-z])")
_VOLUME_TYPES = ("standard", "gp2", "gp3", "io1", "io2")
_HPA = {
    "downscaleStabilization": "horizontalPodAutoscalerDownscaleStabilization",
    "syncPeriod": "horizontalPodAutoscalerSyncPeriod",
    "cpuInitializationPeriod": "horizontalPodAutoscalerCpuInitializationPeriod",
    "initialReadinessDelay": "horizontalPodAutoscalerInitialReadinessDelay",
}


def cluster_fields(cluster: KopsCluster, pod_networks: Collection[str]) -> Part:
    """Return the fields of a cluster but its groups of nodes; empty ones are left out.

    `pod_networks` are the networks that a fleet can name.
    """
    spec = cluster.document.spec
    fields: Part = {
        "kubernetesVersion": _version(spec),
        "image": _image(cluster),
        "tags": _texts_of(map_at(spec, "cloudLabels")),
        "region": region_of(cluster),
        "zones": [*zone_letters(cluster)],
        "network": _network(cluster, pod_networks),
        "controlPlane": _control_plane(cluster),
        "dns": _dns(spec),
        "hpa": _taken(map_at(spec, "kubeControllerManager"), _HPA, whole_seconds),
        "iam": _iam(cluster),
        "rollingUpdate": rolling_update(spec),
    }
    return without_empty(fields)


def without_empty(fields: Part) -> Part:
    """Return fields without those that say nothing."""
    return {key: value for key, value in fields.items() if value not in (None, {}, [], "")}


def zones_of_subnets(cluster: KopsCluster) -> dict[str, str]:
    """Return the zone of every subnet by the subnet's name; a subnet may be named as its zone."""
    found: dict[str, str] = {}
    for subnet in maps_at(cluster.document.spec, "subnets"):
        name = text_at(subnet, "name")
        zone = text_at(subnet, "zone") or name
        if name is not None and zone is not None and _REGION.fullmatch(zone):
            found[name] = zone
    return found


def region_of(cluster: KopsCluster) -> str | None:
    """Return the region of a cluster's zones, None where they are of none, or of several."""
    regions = {zone[:-1]: None for zone in zones_of_subnets(cluster).values()}
    return next(iter(regions)) if len(regions) == 1 else None


def zone_letters(cluster: KopsCluster) -> list[str]:
    """Return the letters of a cluster's zones, sorted."""
    return sorted({zone[-1] for zone in zones_of_subnets(cluster).values()})


def masters(cluster: KopsCluster) -> list[str]:
    """Return the names of the control plane's groups, by zone."""
    zones = zones_of_subnets(cluster)
    found = [it for it in cluster.groups if text_at(it.spec, "role") in ("Master", "ControlPlane")]
    return [
        it.name
        for it in sorted(
            found, key=lambda it: [zones.get(name, "") for name in texts_at(it.spec, "subnets")]
        )
    ]


def root_volume(spec: Part) -> Part:
    """Return the disk of a group's machines."""
    size, kind = count_at(spec, "rootVolumeSize"), text_at(spec, "rootVolumeType")
    return without_empty(
        {"size": f"{size}Gi" if size else None, "type": kind if kind in _VOLUME_TYPES else None}
    )


def rolling_update(spec: Part) -> Part:
    """Return how nodes are replaced."""
    names = {"maxSurge": "maxSurge", "maxUnavailable": "maxUnavailable"}
    return _taken(map_at(spec, "rollingUpdate"), names, number_or_percentage)


def _taken(part: Part, names: dict[str, str], check: Callable[[object], object]) -> Part:
    """Return values by our names where they are what ours take."""
    found: Part = {}
    for ours, theirs in names.items():
        value = part.get(theirs)
        try:
            check(value)
        except ValueError:
            continue
        found[ours] = value
    return found


def _texts_of(part: Part) -> Part:
    return {key: value for key, value in part.items() if isinstance(value, str)}


def _version(spec: Part) -> str | None:
    version = text_at(spec, "kubernetesVersion")
    return version.removeprefix("v") if version else None


def _image(cluster: KopsCluster) -> str | None:
    """Return the image of most groups."""
    images = [text for it in cluster.groups if (text := text_at(it.spec, "image")) is not None]
    return max(images, key=images.count) if images else None


def _control_plane(cluster: KopsCluster) -> Part:
    by_name = {it.name: it.spec for it in cluster.groups}
    groups = [by_name[name] for name in masters(cluster)]
    types = [text for it in groups if (text := text_at(it, "machineType")) is not None]
    return without_empty(
        {
            "instanceType": max(types, key=types.count) if types else None,
            "perZone": len(groups) > 1,
            "rootVolume": root_volume(groups[0]) if groups else {},
        }
    )


def _network(cluster: KopsCluster, pod_networks: Collection[str]) -> Part:
    spec = cluster.document.spec
    pods = next(iter(map_at(spec, "networking")), None)
    subnets = maps_at(spec, "subnets")
    private = any(text_at(it, "type") == "Private" for it in subnets)
    return without_empty(
        {
            "cidr": text_at(spec, "networkCIDR"),
            "id": text_at(spec, "networkID"),
            "pods": pods if pods in pod_networks else "cni",
            "podCidr": text_at(spec, "nonMasqueradeCIDR"),
            "topology": "private" if private else "public",
            "subnets": _subnets(cluster, "Private" if private else "Public"),
            "apiAccess": [*texts_at(spec, "kubernetesApiAccess")],
            "sshAccess": [*texts_at(spec, "sshAccess")],
        }
    )


def _subnets(cluster: KopsCluster, nodes: str) -> Part:
    """Return the first subnet of nodes, and of load balancers, in every zone."""
    found: Part = {}
    zones = zones_of_subnets(cluster)
    for subnet in maps_at(cluster.document.spec, "subnets"):
        zone = zones.get(text_at(subnet, "name") or "")
        kind = text_at(subnet, "type")
        if zone is None or kind not in (nodes, "Utility") or (kind, nodes) == ("Utility", "Public"):
            continue
        own = map_at(found, zone[-1])
        field = "nodes" if kind == nodes else "utility"
        if field in own or f"{field}Id" in own:
            continue
        values: Part = {field: text_at(subnet, "cidr"), f"{field}Id": text_at(subnet, "id")}
        if field == "nodes" and nodes == "Private":
            values["egress"] = text_at(subnet, "egress")
        found[zone[-1]] = {**own, **without_empty(values)}
    return {letter: found[letter] for letter in sorted(found)}


def _dns(spec: Part) -> Part:
    enabled = at(spec, "kubeDNS", "nodeLocalDNS", "enabled")
    domain = text_at(spec, "clusterDNSDomain")
    return without_empty(
        {"nodeLocal": enabled if isinstance(enabled, bool) else None, "domain": domain}
    )


def _iam(cluster: KopsCluster) -> Part:
    spec = cluster.document.spec
    store = text_at(spec, "serviceAccountIssuerDiscovery", "discoveryStore")
    ending = f"/{cluster.name}"
    bucket = store.removesuffix(ending) if store is not None and store.endswith(ending) else None
    accounts = [_service_account(it) for it in maps_at(spec, *_PERMISSIONS)]
    taken: list[Plain] = [it for it in accounts if it is not None]
    return without_empty(
        {
            "authenticator": _mappings(spec),
            "serviceAccounts": taken if bucket and len(taken) == len(accounts) else [],
            "issuerBucket": bucket,
            "permissionsBoundary": text_at(spec, "iam", "permissionsBoundary"),
        }
    )


_PERMISSIONS = ("iam", "serviceAccountExternalPermissions")


def _mappings(spec: Part) -> list[Plain]:
    found: list[Plain] = []
    for mapping in maps_at(spec, "authentication", "aws", "identityMappings"):
        arn, username = text_at(mapping, "arn"), text_at(mapping, "username")
        if arn is None or username is None:
            return []
        groups: list[Plain] = [*texts_at(mapping, "groups")]
        found.append(without_empty({"arn": arn, "username": username, "groups": groups}))
    return found


def _service_account(written: Part) -> Part | None:
    """Return a service account's role, None where it is not of managed policies alone.

    A policy written out would come back in another form of the same text.
    """
    namespace, name = text_at(written, "namespace"), text_at(written, "name")
    arns = texts_at(written, "aws", "policyARNs")
    if namespace is None or name is None or not arns or set(map_at(written, "aws")) != _ONE:
        return None
    try:
        dns_label(namespace)
        dns_label(name)
    except ValueError:
        return None
    return {"namespace": namespace, "name": name, "policyArns": [*arns]}


_ONE = {"policyARNs"}
