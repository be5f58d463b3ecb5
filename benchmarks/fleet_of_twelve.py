"""Twelve clusters from one class: how long reading, compiling, writing and checking take.

`python -m benchmarks.fleet_of_twelve` prints the medians of CPU time in milliseconds.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from kingtide.check.registry import RULES
from kingtide.check.run import check_fleet
from kingtide.check.view import view_of
from kingtide.compile.compilation import compile_clusters
from kingtide.fleet.repository import read_fleet

CLUSTERS, GROUPS, RUNS = 12, 3, 15
TODAY = "2026-12-31"
_HEAD = {"apiVersion": "fleet.kingtide.dev/v1alpha1"}
_TYPES = {
    "4x": ["c5.4xlarge", "c5d.4xlarge", "c6i.4xlarge", "c7i.4xlarge", "m5.4xlarge", "m6i.4xlarge"],
    "8x": ["c6i.8xlarge", "c7i.8xlarge", "m5.8xlarge", "m5d.8xlarge", "m6i.8xlarge", "r5.8xlarge"],
}


def fleet_files() -> Mapping[PurePosixPath, bytes]:
    """Return the files of a fleet: one class, twelve clusters that each change a part of it."""
    fleet = {
        "stateStore": "s3://acme-kops-state",
        "dnsZone": "k8s.example.com",
        "kubernetesVersion": "1.35.7",
        "image": "ubuntu-26.04",
    }
    found: dict[str, object] = {
        "fleet.yaml": _document("Fleet", "acme", fleet),
        "classes/base.yaml": _document("ClusterClass", "base", _class()),
    }
    for number in range(CLUSTERS):
        own = {
            "class": "base",
            "account": f"{number:012d}",
            "region": "eu-west-1",
            "nodeGroups": {"group-0": {"spot": {"sizes": {"4x": {"max": 20 + number}}}}},
        }
        found[f"clusters/prod-{number}.yaml"] = _document("Cluster", f"prod-{number}", own)
    for size, types in _TYPES.items():
        found[f"snippets/instance-types/{size}.yaml"] = types
    return {PurePosixPath(path): json.dumps(it, indent=1).encode() for path, it in found.items()}


def main() -> None:
    """Print what each step costs."""
    files = fleet_files()
    fleet = read_fleet(files, str)
    compiled = compile_clusters(fleet, fleet.clusters)
    written = [one.files() for one in compiled]
    size = sum(len(text) for one in written for text in one.values())
    documents = sum(len(one.kops) + len(one.objects) for one in compiled)
    print(f"{CLUSTERS} clusters, {documents} documents, {size:,} bytes; CPU time, median of {RUNS}")
    steps: Mapping[str, Callable[[], object]] = {
        "read": lambda: read_fleet(files, str),
        "compile": lambda: compile_clusters(fleet, fleet.clusters),
        "write": lambda: [one.files() for one in compiled],
        # Compiles once more, since rules look at what comes out.
        "check": lambda: check_fleet(view_of(fleet, ()), RULES, TODAY),
    }
    for name, step in steps.items():
        print(f"{name:<8} {_milliseconds(step):7.1f} ms")


def _milliseconds(step: Callable[[], object]) -> float:
    taken = []
    for _ in range(RUNS):
        began = time.process_time()
        step()
        taken.append((time.process_time() - began) * 1000)
    return statistics.median(taken)


def _class() -> dict[str, object]:
    group = {
        "spot": {"sizes": {size: {"instances": size, "max": 20} for size in _TYPES}},
        "onDemandFallback": {"sizes": {size: {"max": 10} for size in _TYPES}},
        "hpa": {"target": "60%", "min": 2, "max": 200},
    }
    names = [f"group-{number}" for number in range(GROUPS)]
    return {
        "zones": ["a", "b", "c"],
        "network": {"cidr": "10.0.0.0/16", "pods": "cilium"},
        "controlPlane": {"instanceType": "m6i.xlarge", "perZone": True},
        "dns": {"nodeLocal": True, "ndots": 1},
        "hpa": {"downscaleStabilization": "30m"},
        "priorityClasses": {"low": -5, "default": 0, "high": 5, "overprovisioning": -10},
        "nodeGroups": {name: {**group, "dedicated": name == "group-1"} for name in names},
        "overprovisioning": {name: {"ladder": [[0, 1], [64, 3]]} for name in names},
        "namespaces": {f"{name}-apps": {"nodeGroup": name} for name in names},
    }


def _document(kind: str, name: str, spec: object) -> dict[str, object]:
    return {**_HEAD, "kind": kind, "metadata": {"name": name}, "spec": spec}


if __name__ == "__main__":
    main()
