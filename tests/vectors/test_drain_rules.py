"""drain_rules.json: who leaves a node, who keeps it, and how rules override each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kingtide.control.drain import (
    ControllerLookup,
    ControllerStanding,
    DrainContext,
    DrainSettings,
    Ruling,
    first_decided,
    plan_drain,
)
from kingtide.kube.labels import LabelSelector
from kingtide.kube.pods import Container, OwnerReference, Pod, PodSpec, Volume
from kingtide.kube.workloads import PodDisruptionBudget
from tests.vectors.cases import Case
from tests.vectors.claims import VectorFile
from tests.vectors.strictness import only_known

vectors = VectorFile("drain_rules")

NOW_MS = 1_800_000_000_000
DEFAULT_GRACE_SECONDS = 30


@vectors.cases("node_cases")
def test_emptying_a_node(case: Case) -> Mapping[str, Any]:
    given = only_known(case.input, "pods", "controllers_present", "disruption_budgets", "options")
    pods = [_pod(index, pod) for index, pod in enumerate(given["pods"])]
    plan = plan_drain(
        pods,
        DrainContext(
            settings=_settings(given.get("options", {})),
            budgets=[_budget(it) for it in given.get("disruption_budgets", [])],
            now_ms=NOW_MS,
            controllers=_lookup(given["controllers_present"]),
        ),
    )
    index_of = {pod.uid: index for index, pod in enumerate(pods)}
    blocker = plan.blocker
    return {
        "evict": [index_of[pod.uid] for pod in plan.evict],
        "daemonset_pods": [index_of[pod.uid] for pod in plan.daemon_set_pods],
        "wait_for_completion": [index_of[pod.uid] for pod in plan.wait_for_completion],
        "blocked_by": (
            None if blocker is None else {"pod_index": blocker.pod_index, "reason": blocker.reason}
        ),
    }


@vectors.cases("rule_chain_cases")
def test_rules_that_override(case: Case) -> Mapping[str, Any]:
    rulings = []
    for rule in only_known(case.input, "rules")["rules"]:
        only_known(rule, "outcome", "overrides")
        rulings.append(Ruling(rule["outcome"], overrides=tuple(rule["overrides"])))
    index, ruling = first_decided(rulings)
    return {"rule_index": index, "outcome": ruling.outcome}


def _settings(options: Mapping[str, Any]) -> DrainSettings:
    return DrainSettings(**options)


def _budget(given: Mapping[str, Any]) -> PodDisruptionBudget:
    only_known(given, "namespace", "match_labels", "disruptions_allowed")
    return PodDisruptionBudget(
        namespace=given["namespace"],
        name="budget",
        selector=LabelSelector(match_labels=tuple(given["match_labels"].items())),
        disruptions_allowed=given["disruptions_allowed"],
    )


def _lookup(present: list[list[Any]] | None) -> ControllerLookup | None:
    if present is None:
        return None
    known = {tuple(it[:3]): it[3] if len(it) > 3 else None for it in present}

    def look_up(kind: str, namespace: str, name: str) -> ControllerStanding:
        key = (kind, namespace, name)
        return ControllerStanding(exists=key in known, replicas=known.get(key))

    return look_up


def _pod(index: int, given: Mapping[str, Any]) -> Pod:
    only_known(
        given,
        "name",
        "namespace",
        "owner",
        "annotations",
        "labels",
        "age_seconds",
        "deletion_offset_seconds",
        "termination_grace_seconds",
        "phase",
        "restart_policy",
        "volumes",
    )
    grace_seconds = given.get("termination_grace_seconds", DEFAULT_GRACE_SECONDS)
    offset_seconds = given.get("deletion_offset_seconds")
    owner = given.get("owner")
    return Pod(
        namespace=given["namespace"],
        name=given["name"],
        uid=f"uid-{index}",
        spec=PodSpec(
            containers=(Container("main"),),
            restart_policy=given.get("restart_policy", "Always"),
            termination_grace_period_seconds=grace_seconds,
            volumes=tuple(_volume(it) for it in given.get("volumes", [])),
        ),
        labels=given.get("labels", {}),
        annotations=given.get("annotations", {}),
        # An unknown age is that of a pod just made.
        created_ms=NOW_MS - 1000 * given.get("age_seconds", 0),
        owner=None if owner is None else _owner(owner),
        # A deletionTimestamp is the moment of the request plus the grace period.
        deletion_ms=(
            None if offset_seconds is None else NOW_MS + 1000 * (offset_seconds - grace_seconds)
        ),
        phase=given.get("phase", "Running"),
    )


def _owner(given: Mapping[str, Any]) -> OwnerReference:
    only_known(given, "kind", "name", "api")
    return OwnerReference(kind=given["kind"], name=given["name"], api_version=given["api"])


def _volume(given: Mapping[str, Any]) -> Volume:
    only_known(given, "name", "type", "medium")
    return Volume(given["name"], given["type"], given.get("medium", ""))
