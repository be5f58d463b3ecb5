"""What is generated holds against the schemas of those who read it, as strictly as these go.

kops' schemas stand outside the repository: KINGTIDE_KOPS_CRDS names their folder (k8s/crds of
https://github.com/kubernetes/kops). kops itself drops unknown fields in silence, so the schemas are
closed here. Kubernetes' schemas come with kubernetes-validate.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from kingtide.compile.compilation import compile_clusters
from kingtide.compile.compiled_cluster import CompiledCluster
from kingtide.files.fleet_folder import read_fleet_folder
from tests.unit.compile.fleets import CLUSTER, WIDE, cluster_with, fleet_of

ROOT = Path(__file__).resolve().parents[2]
CRDS = Path(os.environ.get("KINGTIDE_KOPS_CRDS", ROOT.parent / "shared" / "data" / "kops" / "crds"))
KUBERNETES_VERSION = "1.35.7"
FOLDERS = [ROOT / "examples" / "fleet", ROOT.parent / "shared" / "examples" / "fleet"]
SPECS = {
    "small": CLUSTER,
    "wide": WIDE,
    "public": cluster_with(
        network={"cidr": "10.0.0.0/16", "pods": "flannel", "topology": "public"}
    ),
    "dnsmasq": cluster_with(dns={"mode": "dnsmasq", "dnsmasq": {"image": "example.com/dnsmasq"}}),
}
kops_schemas = pytest.mark.skipif(
    not CRDS.is_dir(), reason="kops' schemas are not here; KINGTIDE_KOPS_CRDS names their folder"
)


def closed(schema: Any) -> Any:
    """Return a schema that refuses fields which it does not name."""
    if isinstance(schema, list):
        return [closed(it) for it in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: closed(value) for key, value in schema.items()}
    if isinstance(found.get("properties"), dict) and "type" in found:
        found.setdefault("additionalProperties", False)
    return found


@lru_cache(maxsize=2)
def kops_validator(kind: str) -> jsonschema.Draft202012Validator:
    path = CRDS / f"kops.k8s.io_{kind.lower()}s.yaml"
    definition = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)
    (version,) = (it for it in definition["spec"]["versions"] if it["name"] == "v1alpha2")
    schema = closed(version["schema"]["openAPIV3Schema"])
    # The one object whose fields are Kubernetes' own.
    schema["properties"]["metadata"] = {"type": "object"}
    return jsonschema.Draft202012Validator(schema)


def clusters() -> list[tuple[str, CompiledCluster]]:
    found = [
        (name, one)
        for name, spec in SPECS.items()
        for one in compile_clusters(fleet_of(spec), ["small"])
    ]
    for folder in FOLDERS:
        if (folder / "fleet.yaml").is_file():
            fleet = read_fleet_folder(folder)
            found += [(one.name, one) for one in compile_clusters(fleet, fleet.clusters)]
    return found


CLUSTERS = pytest.mark.parametrize("compiled", [pytest.param(it, id=n) for n, it in clusters()])


def written(compiled: CompiledCluster, file: str) -> list[dict[str, Any]]:
    """Return the documents of a file as a reader of YAML sees them."""
    (text,) = (it for path, it in compiled.files().items() if path.name == file)
    return list(yaml.load_all(text, Loader=yaml.CSafeLoader))


@kops_schemas
@CLUSTERS
def test_kops_knows_every_field_of_its_documents(compiled: CompiledCluster) -> None:
    for document in written(compiled, "kops.yaml"):
        errors = kops_validator(document["kind"]).iter_errors(document)
        assert [f"{it.json_path}: {it.message}" for it in errors] == []


@kops_schemas
def test_a_field_that_kops_does_not_know_is_seen() -> None:
    ((_, compiled), *_) = clusters()
    cluster, group, *_ = written(compiled, "kops.yaml")
    cluster["spec"]["kubeDNS"]["nodeLocalDns"] = {}
    group["spec"]["minSize"] = "1"
    (misspelt,) = kops_validator("Cluster").iter_errors(cluster)
    (retyped,) = kops_validator("InstanceGroup").iter_errors(group)
    assert "'nodeLocalDns' was unexpected" in misspelt.message
    assert retyped.json_path == "$.spec.minSize"


@CLUSTERS
def test_the_api_server_knows_every_field_of_the_objects(compiled: CompiledCluster) -> None:
    for document in written(compiled, "objects.yaml"):
        kubernetes_validate.validate(document, KUBERNETES_VERSION, strict=True)


def test_a_field_that_the_api_server_does_not_know_is_seen() -> None:
    ((_, compiled), *_) = clusters()
    namespace, *_ = written(compiled, "objects.yaml")
    namespace["metadata"]["label"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(namespace, KUBERNETES_VERSION, strict=True)
