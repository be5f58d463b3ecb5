"""scale_down_candidates.json: which nodes may go, which pods count, in which order pods leave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kingtide.control.drain import eviction_tiers
from kingtide.control.removal_taint import TO_BE_DELETED
from kingtide.controllers.node_autoscaling.eligibility import (
    SCALE_DOWN_DISABLED,
    ineligibility,
    node_utilization,
)
from kingtide.controllers.node_autoscaling.expendable import is_expendable
from kingtide.controllers.node_autoscaling.template_tags import GroupOptions
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition, Container, OwnerReference, Pod, PodSpec
from kingtide.kube.resources import Resources
from kingtide.kube.taints import Taint
from tests.vectors.cases import Case
from tests.vectors.claims import VectorFile
from tests.vectors.strictness import only_known

vectors = VectorFile("scale_down_candidates")

NOW_MS = 1_800_000_000_000
MEMORY_BYTES = 10 * 1024**3


@vectors.cases("eligibility_cases")
def test_eligibility(case: Case) -> Mapping[str, Any]:
    given = only_known(case.input, "nodes", "pods", "options")
    options = only_known(
        given["options"],
        "ignore_daemonsets_utilization",
        "scale_down_unready_enabled",
        "utilization_threshold",
    )
    pods = [_pod(it) for it in given["pods"]]
    candidates = []
    rejected = {}
    for node in (_node(it) for it in given["nodes"]):
        code = _ineligibility(node, pods, options)
        if code is None:
            candidates.append(node.name)
        else:
            rejected[node.name] = code
    return {"candidates": candidates, "rejected": rejected}


@vectors.cases("expendable_pod_cases")
def test_expendable_pods(case: Case) -> Mapping[str, Any]:
    given = only_known(case.input, "cutoff", "priorities")
    cutoff = given["cutoff"]
    return {"kept": [it for it in given["priorities"] if not is_expendable(it, cutoff)]}


@vectors.cases("drain_priority_cases")
def test_order_of_leaving(case: Case) -> Mapping[str, Any]:
    given = only_known(case.input, "tiers", "pod_priorities")
    floors = [only_known(tier, "priority", "grace_s")["priority"] for tier in given["tiers"]]
    return {"groups": eviction_tiers(given["pod_priorities"], floors)}


def _ineligibility(node: Node, pods: list[Pod], options: Mapping[str, Any]) -> str | None:
    ignore_daemon_sets = options["ignore_daemonsets_utilization"]
    return ineligibility(
        node,
        is_autoscaled=True,
        utilization=node_utilization(
            node.allocatable,
            [pod for pod in pods if pod.node_name == node.name],
            ignore_daemon_sets=ignore_daemon_sets,
            now_ms=NOW_MS,
        ),
        options=GroupOptions(
            utilization_threshold=options.get("utilization_threshold", 0.5),
            gpu_utilization_threshold=0.5,
            unneeded_ms=0,
            unready_ms=0,
            ignore_daemon_sets_utilization=ignore_daemon_sets,
        ),
        unready_enabled=options.get("scale_down_unready_enabled", True),
        now_ms=NOW_MS,
    )


def _node(given: Mapping[str, Any]) -> Node:
    only_known(
        given,
        "name",
        "cpu_m",
        "ready",
        "to_be_deleted_taint_age_s",
        "annotations",
        "no_scale_down",
        "no_scale_down_annotation",
        "scale_down_disabled",
    )
    annotations = dict(given.get("annotations", {}))
    for name in ("no_scale_down", "no_scale_down_annotation", "scale_down_disabled"):
        if given.get(name):
            annotations[SCALE_DOWN_DISABLED] = "true"
    taints: tuple[Taint, ...] = ()
    if "to_be_deleted_taint_age_s" in given:
        added_s = NOW_MS // 1000 - given["to_be_deleted_taint_age_s"]
        taints = (Taint(TO_BE_DELETED, "NoSchedule", str(added_s)),)
    amounts = Resources(cpu_millicores=given["cpu_m"], memory_bytes=MEMORY_BYTES, pods=110)
    return Node(
        name=given["name"],
        uid=given["name"],
        labels={},
        capacity=amounts,
        allocatable=amounts,
        created_ms=0,
        ready=Condition("True" if given["ready"] else "False", since_ms=0),
        annotations=annotations,
        taints=taints,
    )


def _pod(given: Mapping[str, Any]) -> Pod:
    only_known(given, "name", "cpu_m", "node", "daemonset")
    container = Container("main", requests=Resources(cpu_millicores=given["cpu_m"]))
    return Pod(
        namespace="default",
        name=given["name"],
        uid=given["name"],
        spec=PodSpec(containers=(container,)),
        labels={},
        created_ms=0,
        owner=OwnerReference("DaemonSet", "ds") if given.get("daemonset") else None,
        node_name=given["node"],
        phase="Running",
    )
