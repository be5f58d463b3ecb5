"""Small fleets for tests of plans: documents as `kingtide compile` writes them, and few of them."""

from __future__ import annotations

from kingtide.compile.document import Document
from kingtide.compile.plan.state import ClusterState, FleetState
from kingtide.fleet.documents.tree import Plain

FULL_NAME = "prod.example.org"


def cluster(**spec: Plain) -> Document:
    body: dict[str, Plain] = {
        "kubernetesVersion": "1.35.7",
        "subnets": [{"name": "eu-west-1a", "zone": "eu-west-1a", "type": "Private"}],
    }
    return document("kops.k8s.io/v1alpha2", "Cluster", FULL_NAME, spec={**body, **spec})


def group(name: str, **spec: Plain) -> Document:
    body: dict[str, Plain] = {
        "role": "Node",
        "image": "ubuntu",
        "machineType": "m5.4xlarge",
        "minSize": 1,
        "maxSize": 10,
    }
    return document("kops.k8s.io/v1alpha2", "InstanceGroup", name, spec={**body, **spec})


def control_plane(name: str = "control-plane-a", **spec: Plain) -> Document:
    sizes: dict[str, Plain] = {"role": "Master", "machineType": "m5.xlarge", "maxSize": 1}
    return group(name, **{**sizes, **spec})


def spot(name: str = "spot-nodes-workers-4x", serves: str = "workers", **spec: Plain) -> Document:
    body: dict[str, Plain] = {
        "nodeLabels": {"kingtide.dev/node-group": serves, "kingtide.dev/lifecycle": "spot"},
        "mixedInstancesPolicy": {
            "instances": ["m5.4xlarge", "m5a.4xlarge"],
            "onDemandBase": 0,
            "onDemandAboveBase": 0,
        },
    }
    return group(name, **{**body, **spec})


def on_demand(
    name: str = "on-demand-workers-4x", serves: str = "workers", **spec: Plain
) -> Document:
    body: dict[str, Plain] = {
        "nodeLabels": {"kingtide.dev/node-group": serves, "kingtide.dev/lifecycle": "on-demand"},
        "minSize": 0,
    }
    return group(name, **{**body, **spec})


def document(api_version: str, kind: str, name: str, **rest: Plain) -> Document:
    return Document({"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, **rest})


def namespaced(api_version: str, kind: str, name: str, **rest: Plain) -> Document:
    made = document(api_version, kind, name, **rest)
    return Document({**made.body, "metadata": {"name": name, "namespace": "shop"}})


def deployment(name: str = "api", replicas: int = 2, **pods: Plain) -> Document:
    template: dict[str, Plain] = {"metadata": {"labels": {"app": name}}, "spec": dict(pods)}
    spec: dict[str, Plain] = {
        "replicas": replicas,
        "selector": {"matchLabels": {"app": name}},
        "template": template,
    }
    return namespaced("apps/v1", "Deployment", name, spec=spec)


def budget(name: str = "api", selects: str = "api", **spec: Plain) -> Document:
    selector: dict[str, Plain] = {"selector": {"matchLabels": {"app": selects}}}
    return namespaced("policy/v1", "PodDisruptionBudget", name, spec={**selector, **spec})


def priority_class(name: str = "high", value: int = 5) -> Document:
    return document("scheduling.k8s.io/v1", "PriorityClass", name, value=value)


def state(*kops: Document, **rest: object) -> ClusterState:
    found = ClusterState("prod", FULL_NAME, kops or (cluster(), control_plane(), spot()))
    return ClusterState(
        **{field: getattr(found, field) for field in found.__struct_fields__} | rest
    )


def fleet(*clusters: ClusterState, said_by: str = "fleet/") -> FleetState:
    found = {it.name: it for it in clusters}
    return FleetState(said_by, found, "s3://state")


AFTER_ALL = (
    cluster(),
    control_plane(),
    spot(),
    document("v1", "ConfigMap", "odd", data={"text": "above\n---\nbelow\n"}),
)
