"""Which fields of kops' documents are known here, and of what kind their values are.

kops reads documents leniently: a field that it does not know is dropped in silence. Here are the
fields that are generated, those that the rules of this folder look at, and what kops' pages on
clusters and instance groups describe; the whole truth are kops' CRDs (`--kops-crds`). A field of
kind `Kind.ANY` is known, and nothing is said of what stands in it.

Source: https://kops.sigs.k8s.io/cluster_spec/ and https://kops.sigs.k8s.io/instance_groups/ (1.35).
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches

import msgspec

from kingtide.fleet.documents.tree import Path, Plain


class Kind(enum.Enum):
    """The kind of a field's value, by how it is told to a user."""

    TEXT = "a text"
    NUMBER = "a whole number"
    SWITCH = "true or false"
    AMOUNT = "a number or a percentage"
    TEXTS = "a list of texts"
    TEXT_MAP = "a map of texts"
    ANY = "anything"


class Each(msgspec.Struct, frozen=True):
    """A list of maps of these fields."""

    fields: Mapping[str, Known]


Known = Kind | Each | Mapping[str, "Known"]

T, N, S, A = Kind.TEXT, Kind.NUMBER, Kind.SWITCH, Kind.AMOUNT
ANY, TEXTS, TEXT_MAP = Kind.ANY, Kind.TEXTS, Kind.TEXT_MAP

_METADATA: Known = {
    "name": T,
    "labels": TEXT_MAP,
    "annotations": TEXT_MAP,
    "creationTimestamp": ANY,
}
_ROLLING: Known = {"maxSurge": A, "maxUnavailable": A, "drainAndTerminate": S}
_WARM_POOL: Known = {"minSize": N, "maxSize": N, "enableLifecycleHook": S}
_ADDON_IMAGE: Mapping[str, Known] = {
    "enabled": S,
    "image": T,
    "memoryRequest": ANY,
    "cpuRequest": ANY,
}

INSTANCE_GROUP: Known = {
    "apiVersion": T,
    "kind": T,
    "metadata": _METADATA,
    "spec": {
        **dict.fromkeys(("role", "image", "machineType", "maxPrice", "manager", "tenancy"), T),
        **dict.fromkeys(("minSize", "maxSize", "autoscalePriority"), N),
        **dict.fromkeys(("rootVolumeSize", "rootVolumeIops", "rootVolumeThroughput"), N),
        **dict.fromkeys(("rootVolumeType", "rootVolumeEncryptionKey", "maxInstanceLifetime"), T),
        **dict.fromkeys(("updatePolicy", "cpuCredits", "securityGroupOverride"), T),
        **dict.fromkeys(("autoscale", "capacityRebalance", "associatePublicIp"), S),
        **dict.fromkeys(("rootVolumeEncryption", "rootVolumeOptimization"), S),
        **dict.fromkeys(("rootVolumeDeleteOnTermination", "compressUserData"), S),
        **dict.fromkeys(("detailedInstanceMonitoring", "instanceProtection"), S),
        **dict.fromkeys(("subnets", "zones", "taints", "suspendProcesses"), TEXTS),
        **dict.fromkeys(("additionalSecurityGroups", "sysctlParameters", "packages"), TEXTS),
        **dict.fromkeys(("nodeLabels", "cloudLabels"), TEXT_MAP),
        **dict.fromkeys(("kubelet", "iam", "containerd", "hooks", "fileAssets", "volumes"), ANY),
        **dict.fromkeys(("volumeMounts", "additionalUserData", "externalLoadBalancers"), ANY),
        **dict.fromkeys(("instanceInterruptionBehavior", "spotDurationInMinutes"), ANY),
        "instanceMetadata": {"httpTokens": T, "httpPutResponseHopLimit": N},
        "mixedInstancesPolicy": {
            "instances": TEXTS,
            "instanceRequirements": ANY,
            "onDemandAboveBase": N,
            "onDemandAllocationStrategy": T,
            "onDemandBase": N,
            "spotAllocationStrategy": T,
            "spotInstancePools": N,
        },
        "rollingUpdate": _ROLLING,
        "warmPool": _WARM_POOL,
    },
}
"""The fields of an InstanceGroup."""

CLUSTER: Known = {
    "apiVersion": T,
    "kind": T,
    "metadata": _METADATA,
    "spec": {
        **dict.fromkeys(("channel", "cloudProvider", "clusterDNSDomain", "configBase"), T),
        **dict.fromkeys(("configStore", "keyStore", "secretStore", "containerRuntime"), T),
        **dict.fromkeys(("dnsZone", "kubernetesVersion", "masterInternalName"), T),
        **dict.fromkeys(("masterPublicName", "networkCIDR", "networkID", "project"), T),
        **dict.fromkeys(("nonMasqueradeCIDR", "podCIDR", "serviceClusterIPRange"), T),
        **dict.fromkeys(("sshKeyName", "updatePolicy"), T),
        **dict.fromkeys(("encryptionConfig", "isolateMasters", "useHostCertificates"), S),
        **dict.fromkeys(("additionalNetworkCIDRs", "additionalSans", "nodePortAccess"), TEXTS),
        **dict.fromkeys(
            ("kubernetesApiAccess", "sshAccess", "packages", "sysctlParameters"), TEXTS
        ),
        **dict.fromkeys(("cloudLabels", "additionalPolicies"), TEXT_MAP),
        **dict.fromkeys(("assets", "authorization", "cloudConfig", "containerd", "hooks"), ANY),
        **dict.fromkeys(("cloudControllerManager", "egressProxy", "externalDns"), ANY),
        **dict.fromkeys(("externalPolicies", "fileAssets", "karpenter", "kubeAPIServer"), ANY),
        **dict.fromkeys(("kubeProxy", "kubeScheduler", "kubelet", "masterKubelet", "ntp"), ANY),
        **dict.fromkeys(("docker", "gossipConfig", "dnsControllerGossipConfig", "target"), ANY),
        **dict.fromkeys(("nodeAuthorization", "networking", "topology", "api"), ANY),
        "addons": Each({"manifest": T}),
        "authentication": ANY,
        "awsLoadBalancerController": ANY,
        "certManager": ANY,
        "clusterAutoscaler": ANY,
        "etcdClusters": Each(
            {
                "name": T,
                "version": T,
                "provider": T,
                "cpuRequest": ANY,
                "memoryRequest": ANY,
                "backups": ANY,
                "manager": ANY,
                "etcdMembers": Each(
                    {
                        **dict.fromkeys(("name", "instanceGroup", "volumeType", "kmsKeyId"), T),
                        **dict.fromkeys(("volumeSize", "volumeIops", "volumeThroughput"), N),
                        "encryptedVolume": S,
                    }
                ),
            }
        ),
        "iam": {
            "allowContainerRegistry": S,
            "legacy": S,
            "permissionsBoundary": T,
            "serviceAccountExternalPermissions": Each(
                {
                    "name": T,
                    "namespace": T,
                    "aws": {"inlinePolicy": T, "policyARNs": TEXTS},
                }
            ),
            "useServiceAccountExternalPermissions": S,
        },
        "kubeControllerManager": ANY,
        "kubeDNS": ANY,
        "metricsServer": {**_ADDON_IMAGE, "insecure": S},
        "nodeProblemDetector": ANY,
        "nodeTerminationHandler": ANY,
        "podIdentityWebhook": {"enabled": S, "replicas": N},
        "rollingUpdate": _ROLLING,
        "serviceAccountIssuerDiscovery": {
            "additionalAudiences": TEXTS,
            "discoveryStore": T,
            "enableAWSOIDCProvider": S,
        },
        "snapshotController": {"enabled": S, "installDefaultClass": S},
        "subnets": Each(
            {
                **dict.fromkeys(("name", "zone", "type", "cidr", "ipv6CIDR", "id", "egress"), T),
                **dict.fromkeys(("publicIP", "region"), T),
                "additionalRoutes": ANY,
            }
        ),
        "warmPool": _WARM_POOL,
    },
}
"""The fields of a Cluster."""


class Unknown(msgspec.Struct, frozen=True):
    """A field that is not known here; `near` is the known one that it most likely means."""

    path: Path
    near: str | None


class WrongKind(msgspec.Struct, frozen=True):
    """A value of another kind than its field's."""

    path: Path
    kind: str


def compared(value: Plain, known: Known, at: Path = ()) -> Iterator[Unknown | WrongKind]:
    """Return what of a document is not known here, or not as it is known."""
    if isinstance(known, Kind):
        if not _is_of(value, known):
            yield WrongKind(at, known.value)
    elif isinstance(known, Each):
        if not isinstance(value, list):
            yield WrongKind(at, "a list")
            return
        for index, item in enumerate(value):
            yield from compared(item, known.fields, (*at, index))
    elif not isinstance(value, dict):
        if value is not None:
            yield WrongKind(at, "a map")
    else:
        for key, below in value.items():
            if key in known:
                yield from compared(below, known[key], (*at, key))
            else:
                yield Unknown((*at, key), _spelt(key, known))


def _spelt(key: str, known: Mapping[str, Known]) -> str | None:
    """Return the known field that another one can hardly be anything else than; None for none.

    More alike than for advice alone, since what is found is refused: `maxPrise` (88 %) is,
    `serviceOIDCProvider` is not `cloudProvider` (69 %).
    """
    lowered = {name.lower(): name for name in known}
    near = get_close_matches(key.lower(), lowered, n=1, cutoff=0.8)
    return lowered[near[0]] if near else None


def _is_of(value: Plain, kind: Kind) -> bool:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    match kind:
        case Kind.TEXT:
            return isinstance(value, str)
        case Kind.NUMBER:
            return is_number
        case Kind.SWITCH:
            return isinstance(value, bool)
        case Kind.AMOUNT:
            return is_number or isinstance(value, str | Decimal)
        case Kind.TEXTS:
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
        case Kind.TEXT_MAP:
            return isinstance(value, dict) and all(isinstance(i, str) for i in value.values())
        case Kind.ANY:
            return True
