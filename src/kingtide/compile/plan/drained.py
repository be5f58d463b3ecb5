"""What a plan knows of the pods that a drain meets: workloads and budgets of manifests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import get_args

import msgspec

from kingtide.compile.document import Document
from kingtide.compile.plan.instance_group import InstanceGroup, amount, mapping, texts
from kingtide.fleet.documents.tree import Plain
from kingtide.kube.labels import LabelSelector, Requirement, SelectorOperator
from kingtide.kube.taints import TaintEffect, Toleration, untolerated
from kingtide.kube.workloads import PodDisruptionBudget

WORKLOAD_KINDS = ("Deployment", "ReplicaSet", "StatefulSet")
"""Kinds whose pods a drain evicts and a budget may protect; DaemonSets are left where they are."""

MAX_REPLICAS = 100_000
"""More pods than a cluster is built for (https://kubernetes.io/docs/setup/best-practices/cluster-large/
says 150,000 in all), so that a typing error cannot fill the memory."""


class Workload(msgspec.Struct, frozen=True):
    """A workload: how many pods it has at least, their labels, and which nodes they accept.

    `replicas` are the minimum of its HorizontalPodAutoscaler where it has one.
    """

    kind: str
    namespace: str
    name: str
    replicas: int
    labels: Mapping[str, str]
    node_selector: Mapping[str, str]
    tolerations: tuple[Toleration, ...]

    @property
    def shown(self) -> str:
        """`Deployment shop/api`."""
        return f"{self.kind} {self.namespace}/{self.name}"

    def may_run_on(self, group: InstanceGroup) -> bool:
        """Whether a group's labels and taints let its pods in."""
        labels = group.node_labels
        selected = all(labels.get(key) == value for key, value in self.node_selector.items())
        return selected and untolerated(group.taints, self.tolerations) is None


def workloads(documents: Iterable[Document]) -> tuple[Workload, ...]:
    """Return the workloads among manifests, in their order."""
    found = list(documents)
    minima = _minima(found)
    return tuple(_workload(it, minima) for it in found if it.kind in WORKLOAD_KINDS)


def budgets(documents: Iterable[Document]) -> tuple[PodDisruptionBudget, ...]:
    """Return the PodDisruptionBudgets among manifests that are about any pods, in their order.

    Without a selector a budget is about none, with an empty one about every pod of its namespace.
    Source: https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/pod-disruption-budget-v1/
    (v1.36, selector).
    """
    return tuple(
        _budget(it)
        for it in documents
        if it.kind == "PodDisruptionBudget"
        and mapping(it.body.get("spec")).get("selector") is not None
    )


def _minima(documents: Iterable[Document]) -> dict[tuple[str, str, str], int]:
    """Return the least replicas that autoscalers leave, by kind, namespace and name of a target."""
    found = {}
    for document in documents:
        if document.kind == "HorizontalPodAutoscaler":
            spec = mapping(document.body.get("spec"))
            target = mapping(spec.get("scaleTargetRef"))
            key = (str(target.get("kind")), _namespace(document), str(target.get("name")))
            found[key] = _count(spec.get("minReplicas"))
    return found


def _workload(document: Document, minima: Mapping[tuple[str, str, str], int]) -> Workload:
    spec = mapping(document.body.get("spec"))
    template = mapping(spec.get("template"))
    pods = mapping(template.get("spec"))
    key = (document.kind, _namespace(document), document.name)
    return Workload(
        kind=document.kind,
        namespace=_namespace(document),
        name=document.name,
        replicas=minima.get(key, _count(spec.get("replicas"))),
        labels=texts(mapping(template.get("metadata")).get("labels")),
        node_selector=texts(pods.get("nodeSelector")),
        tolerations=tuple(_tolerations(pods.get("tolerations"))),
    )


def _budget(document: Document) -> PodDisruptionBudget:
    spec = mapping(document.body.get("spec"))
    always = spec.get("unhealthyPodEvictionPolicy") == "AlwaysAllow"
    return PodDisruptionBudget(
        namespace=_namespace(document),
        name=document.name,
        selector=_selector(mapping(spec.get("selector"))),
        min_available=amount(spec.get("minAvailable")),
        max_unavailable=amount(spec.get("maxUnavailable")),
        unhealthy_pod_eviction_policy="AlwaysAllow" if always else "IfHealthyBudget",
    )


def _selector(written: Mapping[str, Plain]) -> LabelSelector:
    expressions = written.get("matchExpressions")
    found = []
    for item in expressions if isinstance(expressions, list) else ():
        expression = mapping(item)
        operator = _OPERATORS.get(str(expression.get("operator")))
        values = expression.get("values")
        if operator is not None:
            listed = tuple(str(it) for it in values) if isinstance(values, list) else ()
            found.append(Requirement(str(expression.get("key")), operator, listed))
    return LabelSelector(tuple(sorted(texts(written.get("matchLabels")).items())), tuple(found))


_OPERATORS: Mapping[str, SelectorOperator] = {it: it for it in get_args(SelectorOperator)}
_EFFECTS: Mapping[str, TaintEffect] = {it: it for it in get_args(TaintEffect)}


def _tolerations(value: Plain) -> Iterable[Toleration]:
    for item in value if isinstance(value, list) else ():
        written = mapping(item)
        yield Toleration(
            key=str(written.get("key", "")),
            operator="Exists" if written.get("operator") == "Exists" else "Equal",
            value=str(written.get("value", "")),
            effect=_EFFECTS.get(str(written.get("effect", "")), ""),
        )


def _namespace(document: Document) -> str:
    return document.namespace or "default"


def _count(value: Plain) -> int:
    """Return a number of replicas; the API's default is 1."""
    if not isinstance(value, int) or isinstance(value, bool):
        return 1
    return min(max(0, value), MAX_REPLICAS)
