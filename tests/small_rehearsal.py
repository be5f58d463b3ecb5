"""A small fleet and scenario on disk, for tests that read, change or run one."""

from __future__ import annotations

from pathlib import Path

FLEET = """\
apiVersion: fleet.kingtide.dev/v1alpha1
kind: Fleet
metadata: {name: small}
spec: {dnsZone: k8s.foo.bar, stages: [prod]}
"""
STAGE = """\
apiVersion: fleet.kingtide.dev/v1alpha1
kind: Stage
metadata: {name: prod}
spec: {maxParallel: 1, soak: 1h}
"""
BASE = """\
apiVersion: fleet.kingtide.dev/v1alpha1
kind: ClusterClass
metadata: {name: base}
spec:
  priorityClasses: {low: -5, default: 0, high: 5, overprovisioning: -10}
  hpa: {downscaleStabilization: 30m}
  autoscaler: {expander: priority, maxNodeProvisionTime: 5m}
  nodeGroups:
    workers:
      spot: {sizes: {4x: {instances: 4x-cpu16, min: 1, max: 20}}}
      onDemandFallback: {sizes: {4x: {min: 0, max: 10}}}
"""
CLUSTER = """\
apiVersion: fleet.kingtide.dev/v1alpha1
kind: Cluster
metadata: {name: prod}
spec:
  class: base
  stage: prod
  region: eu-west-1
  zones: [a, b]
  nodeGroups:
    api:
      dedicated: true
      onDemand: {sizes: {2x: {instances: [c5.2xlarge, m5.2xlarge], min: 1, max: 4}}}
  overprovisioning:
    workers: {ladder: [[0, 1], [64, 2]], pod: {cpu: 3, memory: 4Gi}}
"""
TYPES = "- c5.4xlarge\n- m5.4xlarge\n"
DEMAND = "time,cores\n20:00:00,4\n20:10:00,20\n20:20:00,6\n"
SCENARIO = """\
apiVersion: fleet.kingtide.dev/v1alpha1
kind: Rehearsal
metadata: {name: small}
spec:
  fleet: fleet
  cluster: prod
  start: 2020-10-07 20:00
  timezone: Europe/Paris
  duration: 20m
  warmUp: 2m
  seed: 7
  initialNodes: {spot-nodes-workers-4x: 2}
  policies:
    hpa: {target: 0.7}
    nodeAutoscaling: {scaleDown: {unneededTime: 5m}}
  applications:
    web:
      priorityClass: high
      requests: {cpu: 1, memory: 1Gi}
      limits: {cpu: 2, memory: 1Gi}
      startup: {readyAfter: 5s, cpu: 200m}
      hpa: {min: 6, max: 60}
      demand: {csv: demand.csv, column: cores}
    worker:
      namespace: jobs
      priorityClass: low
      requests: {cpu: 2, memory: 2Gi}
      replicas: 6
      usage: 1500m
  daemonSets:
    logs: {requests: {cpu: 500m, memory: 256Mi}}
  cloud:
    outages: [{lifecycle: spot, from: "20:15", until: "20:18"}]
  latencies: {node.boot: 20s}
  expect: ["pending.high.max_seconds <= 10min"]
"""

FILES = {
    "fleet/fleet.yaml": FLEET,
    "fleet/stages/prod.yaml": STAGE,
    "fleet/classes/base.yaml": BASE,
    "fleet/clusters/prod.yaml": CLUSTER,
    "fleet/snippets/instance-types/4x-cpu16.yaml": TYPES,
    "demand.csv": DEMAND,
    "rehearsal.yaml": SCENARIO,
}


def write_small(folder: Path, **changed: str) -> Path:
    """Write everything below a folder and return the scenario's path.

    `changed` replaces texts: keys are the constants' names in lower case (`scenario`, `cluster`).
    """
    names = {text: name.lower() for name, text in globals().items() if isinstance(text, str)}
    for path, text in FILES.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(changed.get(names[text], text))
    return folder / "rehearsal.yaml"


def with_lines(text: str, *replaced: tuple[str, str]) -> str:
    """Return a text with parts replaced, each of which must be there exactly once."""
    for old, new in replaced:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text
