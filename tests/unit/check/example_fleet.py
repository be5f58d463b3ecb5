"""The good fleet over which the rules' examples are laid, and how an example becomes a fleet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from textwrap import indent

from kingtide.check.crd_schema import read_crds
from kingtide.check.rule import Example
from kingtide.check.view import FleetView, view_of
from kingtide.fleet.documents.mistakes import Findings
from kingtide.fleet.manifests import FOLDER, ManifestFile, read_manifests
from kingtide.fleet.repository import read_fleet_as_far
from kingtide.fleet.unread_files import why_unread

API = "apiVersion: fleet.kingtide.dev/v1alpha1"

GOOD_FLEET: Mapping[str, str] = {
    "fleet.yaml": f"""\
{API}
kind: Fleet
metadata: {{name: acme}}
spec:
  stateStore: s3://acme-kops-state
  dnsZone: k8s.foo.bar
  kubernetesVersion: 1.35.7
  image: ubuntu/images/hvm-ssd-gp3/ubuntu-resolute-26.04-amd64-server-20260404
  stages: [prod]
  tags: {{team: platform}}
""",
    "stages/prod.yaml": f"""\
{API}
kind: Stage
metadata: {{name: prod}}
spec: {{maxParallel: 1, soak: 24h}}
""",
    "snippets/instance-types/4x-cpu16.yaml": """\
- c5.4xlarge
- c5d.4xlarge
- c6i.4xlarge
- c7i.4xlarge
- c5n.4xlarge
- m5.4xlarge
- m5a.4xlarge
- m5d.4xlarge
- m6a.4xlarge
- m6i.4xlarge
- r5.4xlarge
- r6i.4xlarge
""",
    "snippets/instance-types/8x-cpu32.yaml": """\
- c6i.8xlarge
- c7i.8xlarge
- m5.8xlarge
- m5a.8xlarge
- m5d.8xlarge
- m6a.8xlarge
- m6i.8xlarge
- r5.8xlarge
- r5a.8xlarge
- r5d.8xlarge
- r6i.8xlarge
""",
    "classes/base.yaml": f"""\
{API}
kind: ClusterClass
metadata: {{name: base}}
spec:
  stage: prod
  account: "111111111111"
  region: eu-west-1
  zones: [a, b, c]
  network: {{cidr: 10.0.0.0/16, pods: calico}}
  controlPlane: {{instanceType: m5.xlarge, perZone: true}}
  dns: {{nodeLocal: true, ndots: 1}}
  hpa: {{downscaleStabilization: 30m}}
  rollingUpdate: {{maxSurge: 10%}}
  autoscaler: {{expander: priority, maxNodeProvisionTime: 4m}}
  priorityClasses: {{high: 5, default: 0, low: -5, overprovisioning: -10}}
  nodeGroups:
    workers:
      spot:
        allocationStrategy: price-capacity-optimized
        sizes:
          4x: {{instances: 4x-cpu16, min: 1, max: 100}}
          8x: {{instances: 8x-cpu32, min: 0, max: 50}}
      onDemandFallback: {{sizes: {{4x: {{max: 100}}, 8x: {{max: 50}}}}}}
      hpa: {{target: 60%, min: 2, max: 200, peakRise: 50%}}
  overprovisioning:
    workers: {{ladder: [[0, 2], [160, 4], [480, 12]], pod: {{cpu: 8, memory: 12Gi}}}}
  daemonSets:
    logs: {{requests: {{cpu: 300m, memory: 512Mi}}, limits: {{cpu: 300m, memory: 512Mi}}}}
    metrics: {{requests: {{cpu: 200m, memory: 256Mi}}, limits: {{cpu: 200m, memory: 256Mi}}}}
""",
}
"""A fleet of one cluster in which no rule finds anything; clusters/prod.yaml is each example's."""


def example_files(example: Example) -> Mapping[str, str]:
    """Return the files of an example's fleet by path, clusters/prod.yaml among them."""
    spec = indent(example.spec.strip("\n"), "  ")
    cluster = f"{API}\nkind: Cluster\nmetadata: {{name: prod}}\nspec:\n  class: base\n{spec}\n"
    files = {**GOOD_FLEET, "clusters/prod.yaml": cluster, **example.files}
    return {path: text for path, text in files.items() if text}


def example_view(example: Example) -> FleetView:
    """Return an example's fleet, to be checked."""
    files = {PurePosixPath(path): text.encode() for path, text in example_files(example).items()}
    unread = {str(path): path for path in files if why_unread(path) is not None}
    files = {path: text for path, text in files.items() if str(path) not in unread}
    fleet = {path: text for path, text in files.items() if path.parts[0] != FOLDER}
    manifest_files = [
        ManifestFile(path, str(path), text, path.parts[1] if len(path.parts) > 2 else None)
        for path, text in files.items()
        if path.parts[0] == FOLDER
    ]
    findings = Findings()
    repository = read_fleet_as_far(fleet, str, findings)
    manifests = read_manifests(manifest_files, findings)
    paths = {file.shown: file.path for file in manifest_files}
    crds = {name: text.encode() for name, text in example.crds.items()}
    schemas = read_crds(crds) if crds else None
    return view_of(
        repository, findings.as_error().all, manifests, paths, crds=schemas, unread=unread
    )
