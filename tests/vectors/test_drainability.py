"""drainability.json: does a pod block draining its node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kingtide.control.drain import (
    ControllerStanding,
    DrainContext,
    DrainSettings,
    is_daemon_set_pod,
    judge,
)
from kingtide.kube.labels import LabelSelector
from kingtide.kube.pods import MIRROR_ANNOTATION, Container, OwnerReference, Pod, PodSpec, Volume
from kingtide.kube.workloads import PodDisruptionBudget
from tests.vectors.cases import Case
from tests.vectors.claims import VectorFile
from tests.vectors.strictness import only_known

vectors = VectorFile("drainability")

NOW_MS = 1_800_000_000_000


@vectors.cases("cases", expected_keys=("outcome", "reason"))
def test_whether_pods_block(case: Case) -> Mapping[str, Any]:
    given = only_known(
        case.given,
        "id",
        "pods",
        "origin",
        "why",
        "pdb",
        "system_pod_timeout_s",
        "custom_controllers_block",
        "system_pods_block",
        "local_storage_block",
        "min_replicas",
    )
    context = DrainContext(
        settings=DrainSettings(
            block_on_system_pods=given.get("system_pods_block", True),
            block_on_local_storage=given.get("local_storage_block", True),
            block_on_custom_controllers=given.get("custom_controllers_block", True),
            system_pod_age_limit_seconds=given.get("system_pod_timeout_s", 3600),
            min_replica_count=given.get("min_replicas", 0),
        ),
        budgets=[_budget(given["pdb"])] if "pdb" in given else [],
        now_ms=NOW_MS,
        controllers=_lookup(given["pods"]),
    )
    outcomes = []
    reason = None
    for index, pod in enumerate(given["pods"]):
        outcome, blocked_for = _judge(_pod(index, pod), context)
        outcomes.append(outcome)
        reason = reason or blocked_for
    return {"outcome": outcomes[0] if len(outcomes) == 1 else outcomes, "reason": reason}


def _judge(pod: Pod, context: DrainContext) -> tuple[str, str | None]:
    ruling = judge(pod, context)
    if ruling.outcome == "block":
        return "blocked", ruling.reason
    if ruling.outcome == "skip":
        return "ignore", None
    return "daemonset" if is_daemon_set_pod(pod) else "move", None


def _lookup(pods: list[Mapping[str, Any]]) -> Any:
    """Owners exist in this file; their replicas are what the pods say."""
    replicas = {pod["owner"]: pod.get("owner_replicas") for pod in pods if "owner" in pod}

    def look_up(kind: str, namespace: str, name: str) -> ControllerStanding:
        return ControllerStanding(exists=True, replicas=replicas.get(kind))

    return look_up


def _budget(given: Mapping[str, Any]) -> PodDisruptionBudget:
    only_known(given, "ns", "match", "allowed")
    return PodDisruptionBudget(
        namespace=given["ns"],
        name="budget",
        selector=LabelSelector(match_labels=tuple(given["match"].items())),
        disruptions_allowed=given["allowed"],
    )


def _pod(index: int, given: Mapping[str, Any]) -> Pod:
    only_known(
        given,
        "ns",
        "owner",
        "owner_replicas",
        "mirror",
        "age_s",
        "volumes",
        "deleted_ago_s",
        "annotations",
        "labels",
        "grace_s",
        "phase",
        "restart",
    )
    grace_seconds = given.get("grace_s", 30)
    deleted_ago_seconds = given.get("deleted_ago_s")
    annotations = dict(given.get("annotations", {}))
    if given.get("mirror"):
        annotations[MIRROR_ANNOTATION] = "mirror"
    return Pod(
        namespace=given["ns"],
        name=f"pod-{index}",
        uid=f"uid-{index}",
        spec=PodSpec(
            containers=(Container("main"),),
            restart_policy=given.get("restart", "Always"),
            termination_grace_period_seconds=grace_seconds,
            volumes=tuple(_volume(it) for it in given.get("volumes", [])),
        ),
        labels=given.get("labels", {}),
        annotations=annotations,
        created_ms=NOW_MS - 1000 * given.get("age_s", 0),
        owner=OwnerReference(given["owner"], "owner") if "owner" in given else None,
        # A deletionTimestamp is the moment of the request plus the grace period.
        deletion_ms=(
            None
            if deleted_ago_seconds is None
            else NOW_MS - 1000 * (deleted_ago_seconds + grace_seconds)
        ),
        phase=given.get("phase", "Running"),
    )


def _volume(given: str | Mapping[str, Any]) -> Volume:
    if isinstance(given, str):
        source, _, medium = given.partition(":")
        return Volume(source, source, medium)
    only_known(given, "name", "type", "medium")
    return Volume(given.get("name", given["type"]), given["type"], given.get("medium", ""))
