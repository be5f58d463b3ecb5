"""A small fleet to compile, and its parts to change in a test."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import pytest

from kingtide.compile.compilation import compile_cluster
from kingtide.compile.compiled_cluster import CompiledCluster
from kingtide.compile.document import Document
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.fleet.repository import FleetRepository, read_fleet

FLEET: dict[str, Any] = {
    "stateStore": "s3://acme-kops-state",
    "dnsZone": "k8s.example.com",
    "kubernetesVersion": "1.35.7",
    "image": "ubuntu-26.04",
    "tags": {"team": "platform"},
}
CLUSTER: dict[str, Any] = {
    "account": "111111111111",
    "region": "eu-west-3",
    "zones": ["a", "b", "c"],
    "network": {"cidr": "10.0.0.0/16", "pods": "cilium"},
    "controlPlane": {"instanceType": "m5.large"},
    "priorityClasses": {"default": 0, "overprovisioning": -10},
    "nodeGroups": {
        "workers": {
            "spot": {"sizes": {"4x": {"instances": ["c5.4xlarge", "m5.4xlarge"], "max": 9}}},
            "onDemandFallback": {"sizes": {"4x": {"max": 7}}},
        }
    },
}

WIDE: dict[str, Any] = {
    **CLUSTER,
    "kubernetesVersion": "1.35.7",
    "tags": {"team": "platform", "cost-center": "42"},
    "network": {
        "cidr": "10.0.0.0/16",
        "id": "vpc-0123456789abcdef0",
        "pods": "calico",
        "podCidr": "100.96.0.0/11",
        "subnets": {
            "a": {"nodesId": "subnet-0123456789abcdef0", "egress": "nat-0123456789abcdef0"},
            "b": {"nodes": "10.0.128.0/18", "utility": "10.0.16.0/24"},
        },
        "apiAccess": ["203.0.113.0/24", "10.0.0.0/8"],
        "sshAccess": ["10.0.0.0/8"],
    },
    "controlPlane": {
        "instanceType": "m6i.xlarge",
        "perZone": True,
        "rootVolume": {"size": "64Gi", "type": "gp3"},
    },
    "dns": {"nodeLocal": True, "ndots": 1, "domain": "prod.local"},
    "hpa": {
        "target": "60%",
        "syncPeriod": "10s",
        "downscaleStabilization": "30m0s",
        "tolerance": 0.05,
        "cpuInitializationPeriod": "2m",
        "initialReadinessDelay": "15s",
    },
    "iam": {
        "authenticator": [
            {
                "arn": "arn:aws:iam::111111111111:role/platform",
                "username": "platform:{{SessionName}}",
                "groups": ["system:masters"],
            },
            {"arn": "arn:aws:iam::111111111111:user/break-glass", "username": "break-glass"},
        ],
        "serviceAccounts": [
            {
                "namespace": "shop",
                "name": "uploads",
                "statements": [{"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": ["*"]}],
            },
            {
                "namespace": "kube-system",
                "name": "cluster-autoscaler",
                "policyArns": ["arn:aws:iam::111111111111:policy/cluster-autoscaler"],
            },
        ],
        "issuerBucket": "s3://acme-oidc/",
        "permissionsBoundary": "arn:aws:iam::111111111111:policy/boundary",
    },
    "rollingUpdate": {"maxSurge": "10%", "maxUnavailable": 0},
    "autoscaler": {
        "expander": ["priority", "least-waste"],
        "maxNodeProvisionTime": "5m0s",
        "scaleDown": {"unneededTime": "20m", "utilizationThreshold": 0.6, "enabled": True},
        "capacityFailureDetection": "activities",
    },
    "priorityClasses": {"low": -5, "default": 0, "high": 5, "overprovisioning": -10},
    "nodeGroups": {
        "admin": {
            "dedicated": True,
            "onDemand": {"sizes": {"2x": {"instances": ["c5.2xlarge"], "min": 2, "max": 6}}},
        },
        "workers": {
            "spot": {
                "allocationStrategy": "price-capacity-optimized",
                "sizes": {
                    "4x": {"instances": ["c5.4xlarge", "m5.4xlarge"], "min": 1, "max": 9},
                    "8x": {"instances": ["c6i.8xlarge", "m5.8xlarge"], "max": 5},
                },
            },
            "onDemandFallback": {"sizes": {"4x": {"max": 7}, "8x": {"max": 4}}},
            "hpa": {"target": "70%", "min": 2, "max": 200},
            "priorityClass": "low",
            "daemonSetOverhead": {"cpu": "300m", "memory": "512Mi"},
        },
        "api": {
            "dedicated": True,
            "zones": ["a", "b"],
            "spot": {"sizes": {"8x": {"instances": ["c6i.8xlarge"], "max": 60}}},
            "labels": {"disk": "fast"},
            "rootVolume": {"size": "100Gi", "type": "gp3"},
            "rollingUpdate": {"maxSurge": "25%"},
            "dns": {"policy": "Default", "ndots": 2},
            "downscale": {"timezone": "UTC", "uptime": ["Mon-Sun 06:00-23:00"]},
        },
    },
    "overprovisioning": {
        "workers": {"ladder": [[0, 1], [64, 3]], "pod": {"cpu": "7500m", "memory": "12Gi"}},
        "api": {"linear": {"coresPerReplica": 64, "min": 1, "max": 8}},
    },
    "daemonSets": {
        "node-exporter": {
            "namespace": "monitoring",
            "requests": {"cpu": "100m", "memory": "64Mi"},
            "limits": {"cpu": "100m", "memory": "64Mi"},
        },
        "log-shipper": {"requests": {"cpu": "200m", "memory": "256Mi"}, "nodeGroup": "workers"},
    },
    "namespaces": {
        "shop": {"labels": {"tier": "front"}, "annotations": {"owner": "shop"}},
        "api": {"nodeGroup": "api"},
        "kube-system": {"labels": {"tier": "system"}},
        "ci": {},
    },
    "downscale": {
        "timezone": "Europe/Paris",
        "uptime": ["Mon-Fri 07:30-20:00", "Sat 10:00-12:00"],
        "exclude": {"namespaces": ["ci"]},
    },
}
"""A cluster that says something in every field from which anything is generated."""


def cluster_with(**changes: Any) -> dict[str, Any]:
    """Return the small cluster's spec with some of its fields replaced; None takes one away."""
    spec = {**copy.deepcopy(CLUSTER), **changes}
    return {key: value for key, value in spec.items() if value is not None}


def fleet_of(
    cluster: Mapping[str, Any],
    fleet: Mapping[str, Any] = FLEET,
    labels: Mapping[str, str] | None = None,
    more: Mapping[str, object] | None = None,
) -> FleetRepository:
    """Return the fleet of one cluster, `small`, and of further files by path."""
    head = {"apiVersion": "fleet.kingtide.dev/v1alpha1"}
    named = {"name": "small", "labels": dict(labels or {})}
    files = {
        "fleet.yaml": {**head, "kind": "Fleet", "metadata": {"name": "acme"}, "spec": fleet},
        "clusters/small.yaml": {**head, "kind": "Cluster", "metadata": named, "spec": cluster},
        **(more or {}),
    }
    texts = {PurePosixPath(path): json.dumps(it, indent=1).encode() for path, it in files.items()}
    return read_fleet(texts, str)


def compiled(**changes: Any) -> CompiledCluster:
    """Return what the small cluster compiles to with some of its fields replaced."""
    return compile_cluster(fleet_of(cluster_with(**changes)), "small")


def mistakes(**changes: Any) -> list[str]:
    """Return what is told of the small cluster with some of its fields replaced."""
    with pytest.raises(Mistakes) as caught:
        compiled(**changes)
    return [str(mistake) for mistake in caught.value.all]


def spec_of(document: Document) -> dict[str, Any]:
    """Return a document's spec."""
    found = document.body["spec"]
    assert isinstance(found, dict)
    return found


def only(documents: tuple[Document, ...], kind: str, name: str) -> Document:
    """Return the document of a kind and name."""
    (found,) = (it for it in documents if it.kind == kind and it.name == name)
    return found
