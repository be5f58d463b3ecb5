"""Installations of a fleet's cluster on which every controller runs."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import Any

from kingtide.fleet.repository import read_fleet
from kingtide.operate.installation.installation import Installation
from kingtide.roster.settings import cluster_runs

QUEUE = "https://sqs.eu-west-3.amazonaws.com/111111111111/prod-interruptions"
CLUSTER: dict[str, Any] = {
    "account": "111111111111",
    "region": "eu-west-3",
    "zones": ["a", "b"],
    "class": "large",
    "stage": "prod",
    "priorityClasses": {"default": 0, "overprovisioning": -10},
    "nodeGroups": {
        "admin": {
            "dedicated": True,
            "onDemand": {"sizes": {"1x": {"instances": ["m5.large"], "max": 3}}},
        },
        "workers": {"spot": {"sizes": {"4x": {"instances": "four", "max": 9}}}},
    },
    "overprovisioning": {"workers": {"ladder": [[16, 4]], "pod": {"cpu": 1, "memory": "1Gi"}}},
    "ondemandReclaim": {},
    "prescaling": {},
    "dnsAutoscaling": {},
    "admission": {},
    "spotInterruption": {},
    "downscale": {"timezone": "Europe/Paris", "uptime": ["Mon-Fri 08:00-20:00"]},
}
FILES: dict[str, Any] = {
    "fleet.yaml": {"kind": "Fleet", "spec": {"dnsZone": "k8s.example.com", "stages": ["prod"]}},
    "stages/prod.yaml": {"kind": "Stage", "spec": {}},
    "stages/other.yaml": {"kind": "Stage", "spec": {}},
    "classes/large.yaml": {"kind": "ClusterClass", "spec": {"tags": {"class": "large"}}},
    "classes/small.yaml": {"kind": "ClusterClass", "spec": {}},
    "clusters/prod.yaml": {"kind": "Cluster", "spec": CLUSTER},
    "policies/daemons.yaml": {
        "kind": "Policy",
        "spec": {
            "match": {"kinds": ["DaemonSet"]},
            "mutate": {"missingLimits": "copyFromRequests"},
        },
    },
    "clusters/other.yaml": {"kind": "Cluster", "spec": {**CLUSTER, "class": "small"}},
}
LISTS = {"four": ["c5.4xlarge", "m5.4xlarge"], "eight": ["c5.9xlarge"]}


def fleet_files(spec: dict[str, Any] = CLUSTER) -> dict[PurePosixPath, bytes]:
    """Return the files of a fleet whose cluster `prod` has these settings."""
    documents = {**FILES, "clusters/prod.yaml": {"kind": "Cluster", "spec": spec}}
    found = {
        PurePosixPath(path): json.dumps(
            {
                "apiVersion": "fleet.kingtide.dev/v1alpha1",
                "metadata": {"name": PurePosixPath(path).stem},
                **document,
            }
        ).encode()
        for path, document in documents.items()
    }
    lists = {f"snippets/instance-types/{name}.yaml": it for name, it in LISTS.items()}
    return found | {PurePosixPath(path): json.dumps(it).encode() for path, it in lists.items()}


def installation(
    *controllers: str, spec: dict[str, Any] = CLUSTER, **settings: Any
) -> Installation:
    """Return an installation of these controllers by their keys, without any of all."""
    files = fleet_files(spec)
    fleet = read_fleet(files, str)
    cluster = fleet.clusters["prod"]
    runs = tuple(it for it in cluster_runs(cluster) if not controllers or it.key in controllers)
    return Installation(fleet=fleet, cluster=cluster, runs=runs, files=files, **settings)
