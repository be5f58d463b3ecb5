"""API objects of scheduling.json as kube values; a field that nobody reads is an error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from kingtide.kube.labels import LabelSelector, NodeSelectorTerm, Requirement
from kingtide.kube.nodes import Node, NodeImage
from kingtide.kube.pods import (
    Condition,
    Container,
    HostPort,
    OwnerReference,
    Pod,
    PodAffinityTerm,
    PodSpec,
    PreferredNodeTerm,
    TopologySpreadConstraint,
    WeightedPodAffinityTerm,
)
from kingtide.kube.quantities import parse_bytes, parse_cpu_millicores, parse_quantity
from kingtide.kube.resources import Resources
from kingtide.kube.taints import NOT_READY, UNREACHABLE, Taint, Toleration

Object = Mapping[str, Any]

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"

ADMITTED_TOLERATIONS = tuple(
    Toleration(key=key, operator="Exists", effect="NoExecute", toleration_seconds=300)
    for key in (NOT_READY, UNREACHABLE)
)
"""What the DefaultTolerationSeconds admission plugin adds to every pod."""


def known(fields: Object, *names: str) -> Object:
    """Return an object after checking that it has no other fields."""
    unknown = sorted(set(fields) - set(names))
    assert not unknown, f"nobody reads {unknown}"
    return fields


class PriorityClasses:
    """Priority and preemption policy by class name, and overhead by runtime class."""

    def __init__(self, objects: Iterable[Object]) -> None:
        self.priorities = {"": 0}
        self.policies = {"": "PreemptLowerPriority"}
        self.overheads: dict[str, Resources] = {"": Resources()}
        for it in objects:
            name = it["metadata"]["name"]
            if it["kind"] == "PriorityClass":
                known(it, "kind", "metadata", "value", "preemptionPolicy", "globalDefault")
                for key in (name, "") if it.get("globalDefault") else (name,):
                    self.priorities[key] = it["value"]
                    self.policies[key] = it.get("preemptionPolicy", "PreemptLowerPriority")
            elif it["kind"] == "RuntimeClass":
                known(it, "kind", "metadata", "handler", "overhead")
                self.overheads[name] = amounts(it["overhead"]["podFixed"])


def amounts(fields: Object) -> Resources:
    extended = {
        name: int(parse_quantity(str(value)))
        for name, value in fields.items()
        if name not in ("cpu", "memory", "ephemeral-storage", "pods")
    }
    return Resources(
        cpu_millicores=parse_cpu_millicores(str(fields.get("cpu", "0"))),
        memory_bytes=parse_bytes(str(fields.get("memory", "0"))),
        ephemeral_storage_bytes=parse_bytes(str(fields.get("ephemeral-storage", "0"))),
        pods=int(fields.get("pods", 0)),
        extended=tuple(sorted(extended.items())),
    )


def node_of(it: Object) -> Node:
    known(it, "metadata", "spec", "status")
    metadata = known(it["metadata"], "name", "labels")
    spec = known(it["spec"], "taints", "unschedulable")
    status = known(it["status"], "capacity", "allocatable", "conditions", "images")
    return Node(
        name=metadata["name"],
        uid=metadata["name"],
        labels=metadata["labels"],
        capacity=amounts(status["capacity"]),
        allocatable=amounts(status["allocatable"]),
        created_ms=0,
        ready=Condition("True", 0),
        taints=tuple(
            Taint(key=t["key"], effect=t["effect"], value=t.get("value", ""))
            for t in spec.get("taints", ())
            if known(t, "key", "effect", "value")
        ),
        unschedulable=spec.get("unschedulable", False),
        images=tuple(
            NodeImage(tuple(i["names"]), i["sizeBytes"]) for i in status.get("images", ())
        ),
    )


def pod_of(it: Object, classes: PriorityClasses) -> Pod:
    metadata = known(
        it["metadata"], "name", "namespace", "labels", "deleting", "ownerReferences", "annotations"
    )
    status = known(it.get("status", {}), "phase", "startTime", "nominatedNodeName")
    namespace = metadata.get("namespace", "default")
    owners = [
        OwnerReference(o["kind"], o["name"], api_version=o["apiVersion"])
        for o in metadata.get("ownerReferences", ())
        if o.get("controller", False)
    ]
    started = status.get("startTime")
    return Pod(
        namespace=namespace,
        name=metadata["name"],
        uid=f"{namespace}/{metadata['name']}",
        spec=spec_of(it["spec"], classes),
        labels=metadata.get("labels", {}),
        created_ms=0,
        owner=owners[0] if owners else None,
        deletion_ms=0 if metadata.get("deleting") else None,
        node_name=it["spec"].get("nodeName", ""),
        phase=status.get("phase", "Pending"),
        started_ms=None
        if started is None
        else int(datetime.fromisoformat(started).timestamp() * 1_000),
    )


def spec_of(spec: Object, classes: PriorityClasses) -> PodSpec:
    known(
        spec,
        *("containers", "initContainers", "nodeName", "priorityClassName", "affinity"),
        *("topologySpreadConstraints", "nodeSelector", "tolerations", "runtimeClassName"),
        *("preemptionPolicy", "terminationGracePeriodSeconds", "restartPolicy", "hostNetwork"),
    )
    affinity = known(spec.get("affinity", {}), "nodeAffinity", "podAffinity", "podAntiAffinity")
    node = known(affinity.get("nodeAffinity", {}), REQUIRED, PREFERRED)
    near = known(affinity.get("podAffinity", {}), REQUIRED, PREFERRED)
    away = known(affinity.get("podAntiAffinity", {}), REQUIRED, PREFERRED)
    class_name = spec.get("priorityClassName", "")
    on_host = spec.get("hostNetwork", False)
    return PodSpec(
        containers=tuple(container_of(c, on_host=on_host) for c in spec["containers"]),
        init_containers=tuple(
            container_of(c, on_host=on_host) for c in spec.get("initContainers", ())
        ),
        overhead=classes.overheads[spec.get("runtimeClassName", "")],
        priority=classes.priorities[class_name],
        priority_class_name=class_name,
        preemption_policy=spec.get("preemptionPolicy", classes.policies[class_name]),
        tolerations=tuple(map(toleration_of, spec.get("tolerations", ()))) + ADMITTED_TOLERATIONS,
        node_selector=tuple(sorted(spec.get("nodeSelector", {}).items())),
        required_node_affinity=tuple(
            map(node_term, node.get(REQUIRED, {}).get("nodeSelectorTerms", ()))
        ),
        preferred_node_affinity=tuple(
            PreferredNodeTerm(p["weight"], node_term(p["preference"]))
            for p in node.get(PREFERRED, ())
        ),
        topology_spread=tuple(map(spread_of, spec.get("topologySpreadConstraints", ()))),
        required_pod_affinity=tuple(map(pod_term, near.get(REQUIRED, ()))),
        required_pod_anti_affinity=tuple(map(pod_term, away.get(REQUIRED, ()))),
        preferred_pod_affinity=tuple(map(weighted_term, near.get(PREFERRED, ()))),
        preferred_pod_anti_affinity=tuple(map(weighted_term, away.get(PREFERRED, ()))),
    )


def container_of(it: Object, *, on_host: bool) -> Container:
    """Return a container; on the host's network every port of its is the host's."""
    known(it, "name", "image", "resources", "ports", "restartPolicy")
    resources = known(it.get("resources", {}), "requests", "limits")
    limits = resources.get("limits", {})
    return Container(
        name=it["name"],
        image=it["image"],
        # The API server takes a limit for the request where none is written.
        requests=amounts({**limits, **resources.get("requests", {})}),
        limits=amounts(limits) if limits else None,
        always_restarts=it.get("restartPolicy") == "Always",
        host_ports=tuple(
            HostPort(port, p.get("protocol", "TCP"), p.get("hostIP", ""))
            for p in it.get("ports", ())
            if known(p, "name", "containerPort", "hostPort", "protocol", "hostIP")
            and (port := p["containerPort"] if on_host else p.get("hostPort", 0))
        ),
    )


def toleration_of(it: Object) -> Toleration:
    known(it, "key", "operator", "value", "effect", "tolerationSeconds")
    return Toleration(
        key=it.get("key", ""),
        operator=it.get("operator", "Equal"),
        value=it.get("value", ""),
        effect=it.get("effect", ""),
        toleration_seconds=it.get("tolerationSeconds"),
    )


def requirements(expressions: Sequence[Object]) -> tuple[Requirement, ...]:
    return tuple(
        Requirement(e["key"], e["operator"], tuple(e.get("values", ()))) for e in expressions
    )


def node_term(it: Object) -> NodeSelectorTerm:
    known(it, "matchExpressions", "matchFields")
    return NodeSelectorTerm(
        requirements(it.get("matchExpressions", ())), requirements(it.get("matchFields", ()))
    )


def selector_of(it: Object | None) -> LabelSelector | None:
    if it is None:
        return None
    known(it, "matchLabels", "matchExpressions")
    labels = tuple(sorted(it.get("matchLabels", {}).items()))
    return LabelSelector(labels, requirements(it.get("matchExpressions", ())))


def spread_of(it: Object) -> TopologySpreadConstraint:
    known(
        it,
        *("maxSkew", "topologyKey", "whenUnsatisfiable", "labelSelector", "minDomains"),
        *("nodeAffinityPolicy", "nodeTaintsPolicy", "matchLabelKeys"),
    )
    return TopologySpreadConstraint(
        max_skew=it["maxSkew"],
        topology_key=it["topologyKey"],
        when_unsatisfiable=it["whenUnsatisfiable"],
        selector=selector_of(it.get("labelSelector")),
        min_domains=it.get("minDomains"),
        node_affinity_policy=it.get("nodeAffinityPolicy", "Honor"),
        node_taints_policy=it.get("nodeTaintsPolicy", "Ignore"),
        match_label_keys=tuple(it.get("matchLabelKeys", ())),
    )


def pod_term(it: Object) -> PodAffinityTerm:
    known(
        it,
        *("labelSelector", "topologyKey", "namespaces", "namespaceSelector"),
        *("matchLabelKeys", "mismatchLabelKeys"),
    )
    return PodAffinityTerm(
        topology_key=it["topologyKey"],
        selector=selector_of(it.get("labelSelector")),
        namespaces=tuple(it.get("namespaces", ())),
        namespace_selector=selector_of(it.get("namespaceSelector")),
        match_label_keys=tuple(it.get("matchLabelKeys", ())),
        mismatch_label_keys=tuple(it.get("mismatchLabelKeys", ())),
    )


def weighted_term(it: Object) -> WeightedPodAffinityTerm:
    return WeightedPodAffinityTerm(it["weight"], pod_term(it["podAffinityTerm"]))
