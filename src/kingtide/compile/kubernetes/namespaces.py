"""Namespaces: the cluster's, those of its tools, and Kingtide's own.

A namespace's label `kingtide.dev/node-group` says on whose nodes its pods run; what they get where
they say nothing stands in that group's ConfigMap (workload_defaults).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kingtide.compile.document import Document
from kingtide.compile.kubernetes.metadata import metadata
from kingtide.compile.subject import Subject
from kingtide.controllers.downscaling.names import EXCLUDE, UPTIME
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.models.cluster import ClusterNamespace
from kingtide.fleet.models.downscale import Downscale
from kingtide.fleet.pause_pods import PAUSE_NAMESPACE
from kingtide.kube.namespaces import CLUSTER_ANNOTATION, KINGTIDE_NAMESPACE
from kingtide.kube.nodes import GROUP_LABEL

OF_KUBERNETES = ("default", "kube-node-lease", "kube-public", "kube-system")
"""Every cluster has them; they are only written where the fleet says something of them.

Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/ (v1.36).
"""

RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}
"""Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/ (v1.36)."""


def namespaces(subject: Subject) -> tuple[Document, ...]:
    """Return the namespaces by name."""
    found = {name: _tools(subject) for name in _tool_namespaces(subject)}
    found[KINGTIDE_NAMESPACE] = _own(subject, {CLUSTER_ANNOTATION: subject.full_name})
    if subject.spec.overprovisioning:
        found[PAUSE_NAMESPACE] = _own(subject)
    for name, written in subject.spec.namespaces.items():
        found[name] = _written(subject, name, written, own=found.get(name))
    return tuple(
        Document(
            {
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": metadata(
                    name, labels=dict(found[name].labels), annotations=found[name].annotations
                ),
            }
        )
        for name in sorted(found)
    )


def timetable(downscale: Downscale) -> str:
    """Return a timetable as kube-downscaler's annotation states it."""
    return ",".join(f"{stretch} {downscale.timezone}" for stretch in downscale.uptime)


def _tool_namespaces(subject: Subject) -> Iterator[str]:
    for tool in subject.tools:
        if tool.spec.namespace not in OF_KUBERNETES:
            yield tool.spec.namespace


def _tools(subject: Subject) -> ClusterNamespace:
    """Return a tool's namespace: what watches a cluster at night is not at rest at night."""
    return ClusterNamespace(annotations=_never_down(subject))


def _own(subject: Subject, said: Mapping[str, str] | None = None) -> ClusterNamespace:
    """Return a namespace of ours. Pause pods follow their ladder, at night too."""
    annotations = {**(said or {}), **_never_down(subject)}
    return ClusterNamespace(labels=RESTRICTED, annotations=annotations)


def _never_down(subject: Subject) -> dict[str, str]:
    groups = subject.spec.node_groups.values()
    timetables = (subject.spec.downscale, *(group.downscale for group in groups))
    return {EXCLUDE: "true"} if any(it is not None for it in timetables) else {}


def _written(
    subject: Subject, name: str, written: ClusterNamespace, own: ClusterNamespace | None
) -> ClusterNamespace:
    """Return a namespace of the fleet's files, laid over what it would be without them."""
    labels = dict(own.labels) if own is not None else {}
    downscale = subject.spec.downscale
    if written.node_group is not None:
        labels[GROUP_LABEL] = written.node_group
        group = subject.spec.node_groups.get(written.node_group)
        if group is None:
            wrong = f"there is no group {written.node_group!r}"
            advice = did_you_mean(written.node_group, subject.spec.node_groups, what="groups")
            subject.note(("namespaces", name, "nodeGroup"), wrong, advice)
        elif group.downscale is not None:
            downscale = group.downscale
    annotations = dict(own.annotations) if own is not None else {}
    if own is None and downscale is not None and name not in OF_KUBERNETES:
        left_alone = name in downscale.exclude.namespaces
        annotations |= {EXCLUDE: "true"} if left_alone else {UPTIME: timetable(downscale)}
    return ClusterNamespace(
        labels={**labels, **written.labels}, annotations={**annotations, **written.annotations}
    )
