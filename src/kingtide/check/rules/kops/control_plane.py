"""The control plane's members of etcd, and the cluster's name and versions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kingtide.check.kops_documents import Fault, Faults, KopsDocuments
from kingtide.check.plain_values import items_at, text_at
from kingtide.check.rule import Example, Rule
from kingtide.check.rules.kops.located import cluster_operation, cluster_patch, in_kops
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import Path, Plain

_ETCD: Path = ("spec", "etcdClusters")
_NAME_PART = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_FULL_NAME = re.compile(rf"{_NAME_PART}(\.{_NAME_PART})+")
_VERSION = re.compile(r"v?1\.(\d{1,2})\.(\d{1,3})(-[0-9A-Za-z.-]+)?")
_IMAGE_VERSION = re.compile(
    r"(?:kubernetes|k8s|kube|eks(?:-node)?)[-_a-z0-9]*?[-_]v?1\.(\d{2})(?!\d)"
)
OLDEST_MINOR = 31
"""Older control planes cannot be upgraded by the order of steps that kops 1.31 brought.

Source: https://kops.sigs.k8s.io/tutorial/upgrading-kubernetes/"""


def _names(documents: KopsDocuments) -> Faults:
    """Note clusters whose name is no fully qualified domain name."""
    cluster = documents.cluster
    at = ("metadata", "name")
    if not _FULL_NAME.fullmatch(cluster.name):
        wrong = f"{cluster.name!r} is not a fully qualified domain name"
        yield Fault(cluster, at, wrong, "give the fleet a `dnsZone:`, for example k8s.foo.bar")


def _odd_members(documents: KopsDocuments) -> Faults:
    """Note etcd clusters of an even number of members."""
    for index, (_, members) in enumerate(_etcd_clusters(documents)):
        if len(members) % 2 == 0:
            wrong = f"etcd has {len(members)} members: an even number tolerates no more losses"
            at: Path = (*_ETCD, index, "etcdMembers")
            advice = "let the control plane be in 1, 3 or 5 zones"
            yield Fault(documents.cluster, at, wrong, advice)


def _memberships(documents: KopsDocuments) -> Faults:
    """Note members without a group, and groups of the control plane that miss in one etcd."""
    groups = [group.name for group in documents.control_plane]
    if not groups:
        wrong = "no InstanceGroup has the role Master: there is no control plane"
        yield Fault(documents.cluster, _ETCD, wrong, "add `controlPlane:`")
        return
    for index, (name, members) in enumerate(_etcd_clusters(documents)):
        for number, member in enumerate(members):
            named = text_at(member, "instanceGroup")
            if named not in groups:
                at: Path = (*_ETCD, index, "etcdMembers", number, "instanceGroup")
                advice = did_you_mean(named, groups, what="groups of the control plane")
                wrong = f"{named!r} is not a group of the control plane"
                yield Fault(documents.cluster, at, wrong, advice)
        held = [text_at(member, "instanceGroup") for member in members]
        for group in documents.control_plane:
            if group.name not in held:
                wrong = f"is of the control plane, and no member of etcd {name!r}"
                advice = "add it to the etcd cluster's etcdMembers"
                yield Fault(group, ("metadata", "name"), wrong, advice)


def _versions(documents: KopsDocuments) -> Faults:
    """Note versions of Kubernetes that are not exact, too old, or not the image's."""
    cluster = documents.cluster
    at: Path = ("spec", "kubernetesVersion")
    written = text_at(cluster.body, *at)
    match = _VERSION.fullmatch(written)
    if match is None:
        advice = "write all three numbers, for example 1.35.7"
        yield Fault(cluster, at, f"{written!r} is not a version of Kubernetes", advice)
        return
    minor = int(match[1])
    if minor < OLDEST_MINOR:
        wrong = f"{written} is older than 1.{OLDEST_MINOR}, from which kops upgrades in steps"
        yield Fault(cluster, at, wrong, "upgrade by kops' own command, one minor at a time")
    for group in documents.groups:
        image = text_at(group.body, "spec", "image")
        named = _IMAGE_VERSION.search(image.lower())
        if named is not None and int(named[1]) != minor:
            wrong = f"image {image} is made for 1.{named[1]}, and the cluster runs {written}"
            yield Fault(group, ("spec", "image"), wrong, f"take an image for 1.{minor}")


def _etcd_clusters(documents: KopsDocuments) -> Iterator[tuple[str, list[Plain]]]:
    for etcd in items_at(documents.cluster.body, *_ETCD):
        yield text_at(etcd, "name"), list(items_at(etcd, "etcdMembers"))


_FLEET = """\
apiVersion: fleet.kingtide.dev/v1alpha1
kind: Fleet
metadata: {{name: acme}}
spec:
  stateStore: s3://acme-kops-state
  dnsZone: {zone}
  kubernetesVersion: 1.35.7
  image: ubuntu/images/hvm-ssd-gp3/ubuntu-resolute-26.04-amd64-server-20260404
  stages: [prod]
"""
RULES = (
    Rule(
        code="KT631",
        title="A cluster whose name is no domain name",
        severity="error",
        why="kops builds every DNS entry and AWS name from it, and refuses one that is not"
        " fully qualified.",
        source="https://github.com/kubernetes/kops/tree/master/pkg/apis/kops/validation (2026-08)",
        failing=Example(files={"fleet.yaml": _FLEET.format(zone="K8S")}),
        passing=Example(files={"fleet.yaml": _FLEET.format(zone="k8s.foo.bar")}),
        check=in_kops(_names),
    ),
    Rule(
        code="KT632",
        title="An even number of etcd members",
        severity="error",
        why="Four members survive the loss of one, as three do, and have one more to lose."
        " kops refuses it.",
        source="https://etcd.io/docs/v3.6/faq/#why-an-odd-number-of-cluster-members",
        failing=cluster_operation("op: remove, path: /spec/etcdClusters/0/etcdMembers/2"),
        passing=Example(),
        check=in_kops(_odd_members),
    ),
    Rule(
        code="KT633",
        title="A control plane and an etcd of different machines",
        severity="error",
        why="Every machine of the control plane runs a member of every etcd cluster; kops"
        " refuses groups that run none, and a member without a group never starts.",
        source="https://github.com/kubernetes/kops/tree/master/pkg/apis/kops/validation (2026-08)",
        failing=cluster_operation(
            "op: replace, path: /spec/etcdClusters/0/etcdMembers/2/instanceGroup, value: other"
        ),
        passing=Example(),
        check=in_kops(_memberships),
    ),
    Rule(
        code="KT642",
        title="A version of Kubernetes that is not exact, or not the image's",
        severity="error",
        why="kops installs exactly what is named. An image that was made for another minor"
        " version brings another kubelet than its control plane has.",
        source="https://kubernetes.io/releases/version-skew-policy/",
        failing=cluster_patch('kubernetesVersion: "1.35"'),
        passing=cluster_patch("kubernetesVersion: 1.35.7"),
        check=in_kops(_versions),
    ),
)
