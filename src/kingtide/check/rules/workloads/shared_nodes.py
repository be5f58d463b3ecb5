"""Limits on nodes that applications share, and images that are what they say."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kingtide.check.plain_values import text_at, value_at
from kingtide.check.rule import Rule, each_cluster
from kingtide.check.rules.workloads.example import DEPLOYMENT, applied, changed
from kingtide.check.rules.workloads.node_group import dedicated, group_of
from kingtide.check.rules.workloads.tool_values import value_texts
from kingtide.check.view import ClusterView, FleetView, Found

_MUSL = re.compile(r"(?:^|[/:._-])(?:alpine|musl)(?:[\d:._-]|$)")
_IMAGE_FIELDS = ("image", "repository", "tag")
"""The fields of values that name an image in almost every chart."""


def _limits(cluster: ClusterView) -> Iterable[Found]:
    """Note containers without limits on nodes that no application has for itself.

    DaemonSets have a rule of their own.
    """
    for workload in cluster.workloads:
        if workload.kind == "DaemonSet" or dedicated(cluster, group_of(cluster, workload)):
            continue
        for container in workload.containers(init=False):
            missing = [
                resource
                for resource in ("cpu", "memory")
                if value_at(container.body, ("resources", "limits", resource)) is None
            ]
            if missing:
                wrong = f"container {container.name} has no {' and no '.join(missing)} limit"
                wrong += " on nodes that it shares"
                at = (*container.at, "resources", "limits")
                advice = "add it, or give the application nodes of its own (`dedicated: true`)"
                yield cluster.found_in(workload.manifest, at, wrong, advice)


def _musl(cluster: ClusterView) -> Iterable[Found]:
    """Note images built on musl, by their names."""
    for workload in cluster.workloads:
        for container in workload.containers():
            image = text_at(container.body, "image")
            if _MUSL.search(image.partition("@")[0]):
                wrong = f"image {image} resolves names by musl"
                advice = "take an image built on glibc (Debian, Ubuntu, distroless)"
                yield cluster.found_in(workload.manifest, (*container.at, "image"), wrong, advice)


def _musl_in_values(fleet: FleetView) -> Iterable[Found]:
    """Note images built on musl in the values of tools, by their names or tags."""
    for it in value_texts(fleet):
        if it.path and it.path[-1] in _IMAGE_FIELDS and _MUSL.search(it.text.partition("@")[0]):
            wrong = f"image {it.text} resolves names by musl"
            yield it.found(wrong, "take an image built on glibc (Debian, Ubuntu, distroless)")


def _all_musl(fleet: FleetView) -> Iterable[Found]:
    yield from each_cluster(_musl)(fleet)
    yield from _musl_in_values(fleet)


def _moving_images(cluster: ClusterView) -> Iterable[Found]:
    """Note images without a tag or digest, or with the tag that moves."""
    for workload in cluster.workloads:
        for container in workload.containers():
            image = text_at(container.body, "image")
            tag = image.rpartition("/")[2].partition(":")[2]
            if image and "@" not in image and tag in ("", "latest"):
                wrong = f"image {image} may be another one on every node"
                advice = "write its tag, better its digest"
                yield cluster.found_in(workload.manifest, (*container.at, "image"), wrong, advice)


RULES = (
    Rule(
        code="KT405",
        title="A container without limits on shared nodes",
        severity="warning",
        why="One application at its peak takes what the others on its nodes were promised"
        " nothing of. The article took CPU limits away, lost a cluster to it, and has them"
        " back for all that does not run on nodes of its own.",
        source="https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/"
        ' (v1.36), and the article "Three years running Kubernetes on production at'
        ' Bedrock" (2020-12)',
        failing=applied(changed(DEPLOYMENT, (", limits: {cpu: 500m, memory: 512Mi}", ""))),
        passing=applied(DEPLOYMENT),
        check=each_cluster(_limits),
    ),
    Rule(
        code="KT407",
        title="An image that resolves names by musl",
        severity="warning",
        why="musl asks all name servers at once and takes the first answer, be it that"
        " there is no such name; its search list differs from glibc's. The article had an"
        " outage from it and forbids such images as far as it can.",
        source="https://wiki.musl-libc.org/functional-differences-from-glibc.html#Name-Resolver/DNS",
        failing=applied(changed(DEPLOYMENT, ("api:1.4.2", "api:1.4.2-alpine3.20"))),
        passing=applied(changed(DEPLOYMENT, ("api:1.4.2", "api:1.4.2-bookworm"))),
        check=_all_musl,
    ),
    Rule(
        code="KT415",
        title="An image that may be another one on every node",
        severity="warning",
        why="`latest` is what it was when a node last pulled it: two pods of one Deployment"
        " run two programs, and a rollback changes nothing.",
        source="https://kubernetes.io/docs/concepts/configuration/overview/ (v1.36)",
        failing=applied(changed(DEPLOYMENT, ("api:1.4.2", "api:latest"))),
        passing=applied(DEPLOYMENT),
        check=each_cluster(_moving_images),
    ),
)
