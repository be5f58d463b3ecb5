"""The snapshot of a cluster that is not asked: what its files say, and objects beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kingtide.controllers.admission.lenient import below, fields, text
from kingtide.controllers.admission.snapshot import AdmissionSnapshot
from kingtide.fleet.models.cluster import ClusterSpec
from kingtide.fleet.priority_classes import DEFAULT_PRIORITY_CLASS
from kingtide.kube.nodes import GROUP_LABEL
from kingtide.kube.patching.json_pointer import Json


def planned_snapshot(spec: ClusterSpec, objects: Iterable[Json] = ()) -> AdmissionSnapshot:
    """Return namespaces and PriorityClasses as a cluster's files and some objects have them."""
    namespaces: dict[str, Mapping[str, str]] = {}
    for name, written in spec.namespaces.items():
        group = {GROUP_LABEL: written.node_group} if written.node_group is not None else {}
        namespaces[name] = {**group, **written.labels}
    classes = {name: name == DEFAULT_PRIORITY_CLASS for name in spec.priority_classes}
    for it in objects:
        kind, name = text(below(it, "kind")), text(below(it, "metadata", "name"))
        if kind == "Namespace":
            namespaces[name] = _labels(it)
        elif kind == "PriorityClass":
            classes[name] = below(it, "globalDefault") is True
    return AdmissionSnapshot(namespaces, classes)


def _labels(body: Json) -> Mapping[str, str]:
    labels = fields(below(body, "metadata", "labels"))
    return {str(key): value for key, value in labels.items() if isinstance(value, str)}
