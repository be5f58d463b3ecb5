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
