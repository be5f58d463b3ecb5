"""Every object of an installation, in the order in which they can be applied."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.compile.compilation import compile_objects
from kingtide.compile.document import Document
from kingtide.kube.namespaces import KINGTIDE_NAMESPACE
from kingtide.operate.installation.admission import admission
from kingtide.operate.installation.cluster_rights import grants, roles
from kingtide.operate.installation.fleet_files import files_of_cluster, fleet_config_map
from kingtide.operate.installation.ingress import ingress
from kingtide.operate.installation.installation import Installation
from kingtide.operate.installation.monitoring import monitoring
from kingtide.operate.installation.pods import controllers, deployment, disruption_budget

STEPS = (
    "1-namespaces.yaml",
    "2-fleet.yaml",
    "3-rights.yaml",
    "4-pods.yaml",
    "5-monitoring.yaml",
    "6-admission.yaml",
    "7-ingress.yaml",
)
"""The names of files that there may be."""


def manifests(installation: Installation) -> Mapping[str, tuple[Document, ...]]:
    """Return the objects by the name of the file that holds them; files sort as they are applied.

    Raises:
        Mistakes: the cluster's own objects cannot be compiled.
        NotInstallable: its files do not fit into a ConfigMap.
    """
    cluster = installation.cluster
    files = files_of_cluster(installation.fleet, cluster, installation.files)
    found: dict[str, tuple[Document, ...]] = {
        "1-namespaces.yaml": _namespaces(installation),
        "2-fleet.yaml": (fleet_config_map(files),),
    }
    if installation.runs:
        running = controllers(installation)
        pods = (disruption_budget(running), deployment(installation, running))
        found["3-rights.yaml"] = roles(installation)
        found["4-pods.yaml"] = pods
        found["5-monitoring.yaml"] = monitoring(installation)
    if installation.admission:
        found["6-admission.yaml"] = admission(installation)
    if installation.ingress:
        found["7-ingress.yaml"] = ingress(installation)
    return {name: documents for name, documents in found.items() if documents}


def documents(installation: Installation) -> tuple[Document, ...]:
    """Return the objects in their order; raises as `manifests` does."""
    return tuple(it for of in manifests(installation).values() for it in of)


def _namespaces(installation: Installation) -> tuple[Document, ...]:
    """Return our namespace, as the cluster compiles to it, and those of ours that hold a Role."""
    wanted = {KINGTIDE_NAMESPACE}
    if installation.runs:
        wanted |= {it.namespace for it in grants(installation)}
    compiled = compile_objects(installation.fleet, installation.cluster.name)
    return tuple(it for it in compiled if it.kind == "Namespace" and it.name in wanted)
