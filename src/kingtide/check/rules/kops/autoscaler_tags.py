"""Tags by which cluster-autoscaler finds a group and knows its nodes."""

from __future__ import annotations

from kingtide.check.kops_documents import Fault, Faults, KopsDocuments, role_of
from kingtide.check.plain_values import map_at, texts_at
from kingtide.check.rule import Rule
from kingtide.check.rules.kops.located import group_patch, in_kops
from kingtide.compile.document import Document
from kingtide.fleet.documents.tree import Path
from kingtide.fleet.policies.node_autoscaling import DISCOVERY_TAG

_TEMPLATE = "k8s.io/cluster-autoscaler/node-template"
_LABELS: Path = ("spec", "cloudLabels")


def _discovery(documents: KopsDocuments) -> Faults:
    """Note groups of nodes that cluster-autoscaler does not find.

    Nor those that another manager looks after, nor such as are said not to scale.
    """
    shared = map_at(documents.cluster.body, *_LABELS)
    own = f"k8s.io/cluster-autoscaler/{documents.cluster.name}"
    for group in documents.groups:
        if role_of(group) != "Node" or _is_left_alone(group):
            continue
        tags = {**shared, **map_at(group.body, *_LABELS)}
        for tag in (DISCOVERY_TAG, own):
            if tag not in tags:
                wrong = f"has no tag {tag}: cluster-autoscaler does not find the group"
                yield Fault(group, _LABELS, wrong, f'add `{tag}: "true"`')


def _is_left_alone(group: Document) -> bool:
    """Return whether an autoscaler has nothing to do with a group of nodes."""
    spec = map_at(group.body, "spec")
    fixed = spec.get("minSize") == spec.get("maxSize")
    return fixed or spec.get("manager") == "Karpenter" or spec.get("autoscale") is False


def _templates(documents: KopsDocuments) -> Faults:
    """Note template tags that say something else than the labels and taints kops takes them of."""
    for group in documents.groups:
        labels = map_at(group.body, "spec", "nodeLabels")
        taints = [taint for _, taint in texts_at(group.body, "spec", "taints")]
        for tag, value in map_at(group.body, *_LABELS).items():
            if tag.startswith(f"{_TEMPLATE}/label/"):
                label = tag.removeprefix(f"{_TEMPLATE}/label/")
                if label in labels and labels[label] != value:
                    wrong = f"says {value!r}, and nodeLabels {labels[label]!r}"
                    advice = "take it out; kops makes it from nodeLabels"
                    yield Fault(group, (*_LABELS, tag), wrong, advice)
            elif tag.startswith(f"{_TEMPLATE}/taint/"):
                key = tag.removeprefix(f"{_TEMPLATE}/taint/")
                written = [t for t in taints if t.startswith((f"{key}=", f"{key}:"))]
                if f"{key}={value}" not in taints and f"{key}{value}" not in taints and written:
                    wrong = f"says {value!r}, and taints {written[0]!r}"
                    advice = "take it out; kops makes it from taints"
                    yield Fault(group, (*_LABELS, tag), wrong, advice)


_LABELLED = f"nodeLabels: {{{{team: api}}}}, cloudLabels: {{{{{_TEMPLATE}/label/team: {{tag}}}}}}"
RULES = (
    Rule(
        code="KT654",
        title="A group that cluster-autoscaler does not find",
        severity="warning",
        why="It finds groups by two tags. A group without them stays at its size, however"
        " many pods wait.",
        source="https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md#auto-discovery-setup"
        " (1.35)",
        failing=group_patch("cloudLabels: {k8s.io/cluster-autoscaler/enabled: null}"),
        passing=group_patch("cloudLabels: {team: platform}"),
        check=in_kops(_discovery),
    ),
    Rule(
        code="KT655",
        title="A template tag that contradicts the group",
        severity="error",
        why="kops makes these tags from nodeLabels and taints; one written by hand wins,"
        " and cluster-autoscaler believes it while a group is empty: it starts nodes on"
        " which the waiting pods do not run.",
        source="https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md#auto-discovery-setup"
        " (1.35)",
        failing=group_patch(_LABELLED.format(tag="web")),
        passing=group_patch(_LABELLED.format(tag="api")),
        check=in_kops(_templates),
    ),
)
