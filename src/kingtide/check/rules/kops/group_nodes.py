"""What an InstanceGroup's nodes are told: subnets, labels, taints, disks, metadata service."""

from __future__ import annotations

import re

from kingtide.check.kops_documents import Fault, Faults, KopsDocuments, role_of
from kingtide.check.plain_values import items_at, map_at, number_at, text_at, texts_at
from kingtide.check.rule import Rule
from kingtide.check.rules.kops.located import group_patch, in_kops
from kingtide.fleet.documents.nearest import did_you_mean

VOLUME_TYPES = ("standard", "gp2", "gp3", "io1", "io2")
"""EBS volume types that kops takes for a root volume.

Source: https://kops.sigs.k8s.io/instance_groups/#rootvolumetype (kops 1.35)."""
ROLES = ("Node", "Master", "APIServer", "Bastion")

_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_PART = r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_PREFIX = r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?"
_KEY = re.compile(f"({_PREFIX}/)?{_PART}")
"""A label's or taint's key: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/"""
_VALUE = re.compile(f"({_PART})?")
_HIGHEST_HOP_LIMIT = 64


def _membership(documents: KopsDocuments) -> Faults:
    """Note groups of an unknown role, and those labelled as another cluster's."""
    for group in documents.groups:
        if role_of(group) not in ROLES:
            advice = did_you_mean(role_of(group), ROLES, what="roles")
            yield Fault(group, ("spec", "role"), f"{role_of(group)!r} is not a role", advice)
        at = ("metadata", "labels", "kops.k8s.io/cluster")
        label = text_at(group.body, *at)
        if label != documents.cluster.name:
            wrong = f"kops.k8s.io/cluster is {label!r}, and the cluster {documents.cluster.name!r}"
            yield Fault(group, at, wrong, f"write {documents.cluster.name}")


def _subnets(documents: KopsDocuments) -> Faults:
    """Note groups without subnets or with one that the cluster does not have."""
    subnets = items_at(documents.cluster.body, "spec", "subnets")
    known = [text_at(subnet, "name") for subnet in subnets]
    for group in documents.groups:
        at = ("spec", "subnets")
        named = texts_at(group.body, *at)
        if not named:
            yield Fault(group, at, "has no subnets", "name subnets of the cluster")
        for index, name in named:
            if name not in known:
                advice = did_you_mean(name, known, what="subnets")
                wrong = f"the cluster has no subnet {name!r}"
                yield Fault(group, (*at, index), wrong, advice)


def _taints(documents: KopsDocuments) -> Faults:
    """Note taints that are none, and those written twice."""
    for group in documents.groups:
        at = ("spec", "taints")
        seen: dict[tuple[str, str], str] = {}
        for index, taint in texts_at(group.body, *at):
            if not _is_taint(taint):
                wrong, advice = (
                    f"{taint!r} is not a taint",
                    "write for example key=value:NoSchedule",
                )
                yield Fault(group, (*at, index), wrong, advice)
                continue
            written, _, effect = taint.rpartition(":")
            key = (written.partition("=")[0], effect)
            if key in seen:
                twice = "stands there twice" if seen[key] == taint else f"stands beside {seen[key]}"
                wrong = f"{taint!r} {twice}: a key has one value of an effect"
                yield Fault(group, (*at, index), wrong, "leave one of them")
            seen[key] = taint


def _node_labels(documents: KopsDocuments) -> Faults:
    """Note labels of nodes that Kubernetes does not take."""
    for document in (documents.cluster, *documents.groups):
        for at in (("spec", "nodeLabels"), ("spec", "kubelet", "nodeLabels")):
            for key, value in map_at(document.body, *at).items():
                if key.count("/") > 1:
                    wrong = f"{key!r} has more than one /"
                    yield Fault(document, (*at, key), wrong, "keep the one before the name")
                elif not _KEY.fullmatch(key):
                    yield Fault(
                        document, (*at, key), f"{key!r} is not a label", "write prefix/name"
                    )
                elif isinstance(value, str) and not _VALUE.fullmatch(value):
                    wrong = f"{value!r} is not a label's value"
                    advice = "write up to 63 letters, digits, dashes, dots and underscores"
                    yield Fault(document, (*at, key), wrong, advice)


def _root_volumes(documents: KopsDocuments) -> Faults:
    """Note root volumes of a type that there is not, and sizes and speeds below nothing."""
    for group in documents.groups:
        kind = text_at(group.body, "spec", "rootVolumeType")
        if kind and kind not in VOLUME_TYPES:
            wrong = f"{kind!r} is not a type of EBS volume that kops takes"
            advice = did_you_mean(kind, VOLUME_TYPES, what="types")
            yield Fault(group, ("spec", "rootVolumeType"), wrong, advice)
        for field in ("rootVolumeSize", "rootVolumeIops", "rootVolumeThroughput"):
            found = number_at(group.body, "spec", field)
            if found is not None and found < (1 if field == "rootVolumeSize" else 0):
                wrong = f"{field} {found} is too little"
                yield Fault(group, ("spec", field), wrong, "write more, or leave it out")


def _metadata_service(documents: KopsDocuments) -> Faults:
    """Note settings of the instance metadata service that AWS refuses."""
    for group in documents.groups:
        at = ("spec", "instanceMetadata")
        limit = number_at(group.body, *at, "httpPutResponseHopLimit")
        if limit is not None and not 1 <= limit <= _HIGHEST_HOP_LIMIT:
            wrong = f"a hop limit of {limit} is outside 1 to {_HIGHEST_HOP_LIMIT}"
            advice = "write 1, or 2 where pods need it"
            yield Fault(group, (*at, "httpPutResponseHopLimit"), wrong, advice)
        tokens = text_at(group.body, *at, "httpTokens")
        if tokens and tokens not in ("required", "optional"):
            wrong = f"httpTokens is {tokens!r}"
            yield Fault(group, (*at, "httpTokens"), wrong, "write required")


def _is_taint(text: str) -> bool:
    """Return whether a text is `key=value:Effect` or `key:Effect`, as kops reads taints.

    Source: https://kops.sigs.k8s.io/labels/#taints-spec
    """
    named, _, effect = text.rpartition(":")
    key, _, value = named.partition("=")
    return (
        effect in _EFFECTS
        and _KEY.fullmatch(key) is not None
        and _VALUE.fullmatch(value) is not None
    )


RULES = (
    Rule(
        code="KT613",
        title="A group of no role or of another cluster",
        severity="error",
        why="kops puts a group into the cluster that its label names; it refuses roles that"
        " it does not know.",
        source="https://kops.sigs.k8s.io/instance_groups/ (kops 1.35)",
        failing=group_patch("role: node"),
        passing=group_patch("role: Node"),
        check=in_kops(_membership),
    ),
    Rule(
        code="KT614",
        title="A group in a subnet that the cluster does not have",
        severity="error",
        why="kops refuses it.",
        source="https://github.com/kubernetes/kops/tree/master/pkg/apis/kops/validation (2026-08)",
        failing=group_patch("subnets: [eu-west-1f]"),
        passing=group_patch("subnets: [eu-west-1a, eu-west-1b]"),
        check=in_kops(_subnets),
    ),
    Rule(
        code="KT615",
        title="A taint that is none, or stands there twice",
        severity="error",
        why="kops refuses it; the kubelet would not start with it.",
        source="https://github.com/kubernetes/kops/tree/master/pkg/apis/kops/validation (2026-08)",
        failing=group_patch('taints: ["team=api:NoSchedul"]'),
        passing=group_patch('taints: ["team=api:NoSchedule"]'),
        check=in_kops(_taints),
    ),
    Rule(
        code="KT616",
        title="A node label that Kubernetes does not take",
        severity="error",
        why="The kubelet registers its node with these labels; one that the API refuses"
        " keeps every node of the group out of the cluster.",
        source="https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ (v1.36)",
        failing=group_patch("nodeLabels: {acme.com/team/name: api}"),
        passing=group_patch("nodeLabels: {acme.com/team: api}"),
        check=in_kops(_node_labels),
    ),
    Rule(
        code="KT617",
        title="A root volume of a type that there is not",
        severity="error",
        why="kops refuses it.",
        source="https://kops.sigs.k8s.io/instance_groups/ (kops 1.35)",
        failing=group_patch("rootVolumeType: gp4"),
        passing=group_patch("rootVolumeType: gp3"),
        check=in_kops(_root_volumes),
    ),
    Rule(
        code="KT621",
        title="Settings of the metadata service that AWS refuses",
        severity="error",
        why="The hop limit is 1 to 64: launching instances fails with any other.",
        source="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceMetadataOptionsRequest.html",
        failing=group_patch("instanceMetadata: {httpPutResponseHopLimit: 0}"),
        passing=group_patch("instanceMetadata: {httpPutResponseHopLimit: 2}"),
        check=in_kops(_metadata_service),
    ),
)
