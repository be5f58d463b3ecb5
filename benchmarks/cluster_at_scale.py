"""A large cluster as files that `kingtide up` and `kingtide run` read: a scenario and a fleet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
import yaml

NODE_GROUPS = ("workers", "media", "search")
"""Each becomes four Auto Scaling groups: two sizes, spot and on demand."""
DAEMON_SETS = 2
APPLICATIONS = 50
APPLICATIONS_PER_NAMESPACE = 5
USABLE_MILLICORES = 13_000
"""Of sixteen cores, after what the kubelet keeps and the DaemonSets take, with a tenth to spare."""
_TYPES = {
    "4x": ["c5.4xlarge", "c5d.4xlarge", "c6i.4xlarge", "m5.4xlarge", "m5d.4xlarge", "m6i.4xlarge"],
    "8x": ["c6i.8xlarge", "m5.8xlarge", "m5d.8xlarge", "m6i.8xlarge", "r5.8xlarge", "r6i.8xlarge"],
}
CLUSTER = "prod"


class Size(msgspec.Struct, frozen=True):
    """How large: pods are all there are at the start, DaemonSets' included."""

    nodes: int
    pods: int


def write_cluster(folder: Path, size: Size) -> Path:
    """Write the scenario's folder, with the fleet in `fleet`, and return it."""
    files = {
        "rehearsal.yaml": _document("Rehearsal", "at-scale", _scenario(size)),
        "fleet/fleet.yaml": _document("Fleet", "at-scale", _fleet()),
        "fleet/stages/prod.yaml": _document("Stage", "prod", {"maxParallel": 1}),
        "fleet/classes/base.yaml": _document("ClusterClass", "base", _class(size)),
        f"fleet/clusters/{CLUSTER}.yaml": _document("Cluster", CLUSTER, _cluster()),
        **{f"fleet/snippets/instance-types/{name}.yaml": it for name, it in _TYPES.items()},
    }
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(content, sort_keys=False))
    return folder


def _document(kind: str, name: str, spec: object) -> dict[str, object]:
    head = {"apiVersion": "fleet.kingtide.dev/v1alpha1", "kind": kind}
    return {**head, "metadata": {"name": name}, "spec": spec}


def _fleet() -> Mapping[str, object]:
    return {"dnsZone": "k8s.example.com", "kubernetesVersion": "1.35.7", "stages": ["prod"]}


def _cluster() -> Mapping[str, object]:
    return {
        "class": "base",
        "stage": "prod",
        "region": "eu-west-3",
        "zones": ["a", "b", "c"],
        "overprovisioning": {it: {"ladder": [[16, 1], [4000, 5]]} for it in NODE_GROUPS},
    }


def _class(size: Size) -> Mapping[str, object]:
    sizes = {it: {"instances": it, "min": 0, "max": size.nodes} for it in _TYPES}
    group = {"spot": {"sizes": sizes}, "onDemandFallback": {"sizes": sizes}}
    return {
        "priorityClasses": {"high": 5, "default": 0, "low": -5, "overprovisioning": -10},
        "hpa": {"downscaleStabilization": "30m"},
        # A pod counts from its first moment on: what is measured is what the process adds.
        "autoscaler": {"expander": "priority", "newPodAge": "0s"},
        "nodeGroups": dict.fromkeys(NODE_GROUPS, group),
    }


def _scenario(size: Size) -> Mapping[str, object]:
    each = (size.pods - DAEMON_SETS * size.nodes) // APPLICATIONS
    cpu = f"{USABLE_MILLICORES * size.nodes // (each * APPLICATIONS)}m"
    nodes = {f"spot-nodes-{it}-4x": size.nodes // len(NODE_GROUPS) for it in NODE_GROUPS}
    nodes[f"spot-nodes-{NODE_GROUPS[0]}-4x"] += size.nodes % len(NODE_GROUPS)
    little = {"cpu": "300m", "memory": "256Mi"}
    return {
        "fleet": "fleet",
        "cluster": CLUSTER,
        "start": "2020-10-07 20:00",
        "end": "22:00",
        "timezone": "Europe/Paris",
        "warmUp": "3m",
        "seed": 1,
        "initialNodes": nodes,
        "applications": {
            f"app-{number:02d}": {
                "namespace": f"team-{number // APPLICATIONS_PER_NAMESPACE}",
                "priorityClass": ("high", "default", "low")[number % 3],
                "requests": {"cpu": cpu, "memory": "512Mi"},
                "limits": {"cpu": cpu, "memory": "512Mi"},
                "replicas": each,
                "usage": cpu,
            }
            for number in range(APPLICATIONS)
        },
        "daemonSets": {
            f"daemon-{number}": {"requests": little, "limits": little}
            for number in range(DAEMON_SETS)
        },
    }
