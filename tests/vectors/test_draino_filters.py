"""draino_filters.json: what draino selects, filters and does, by ondemand_reclaim's rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from kingtide.control.emptying import EmptyingSettings, empty
from kingtide.control.node_actions import Cordon, SetNodeLabel, Uncordon
from kingtide.control.outcome import Outcome
from kingtide.control.report import Verdict
from kingtide.control.said import changed
from kingtide.controllers.ondemand_reclaim import marks
from kingtide.controllers.ondemand_reclaim.beginnings import is_within_buffer
from kingtide.controllers.ondemand_reclaim.conditions import (
    ConditionError,
    have_healed,
    offending,
    parse_condition,
    parse_conditions,
)
from kingtide.controllers.ondemand_reclaim.label_expression import (
    ExpressionError,
    holds,
    parse_expression,
)
from kingtide.controllers.ondemand_reclaim.node_filter import expression_of, selection_of
from kingtide.controllers.ondemand_reclaim.pod_filters import (
    Filter,
    chain,
    has_local_storage,
    is_mirror,
    is_owned_by,
    is_protected,
    is_unreplicated,
)
from kingtide.fleet.policies.ondemand_reclaim import OndemandReclaimPolicy
from kingtide.kube.nodes import Node
from kingtide.kube.pods import (
    Condition,
    Container,
    OwnerReference,
    Pod,
    PodSpec,
    Volume,
)
from kingtide.kube.resources import NO_RESOURCES
from tests.vectors.cases import Case
from tests.vectors.claims import VectorFile
from tests.vectors.strictness import only_known

vectors = VectorFile("draino_filters")

NOW_MS = 1_800_000_000_000


@vectors.cases("label_expressions", expected_keys=("expect",))
def test_label_expressions(case: Case) -> Mapping[str, Any]:
    given = only_known(case.given, "id", "labels", "expression")
    return {"expect": holds(parse_expression(given["expression"]), given["labels"])}


@vectors.cases("label_lists", expected_keys=("expect",))
def test_label_lists(case: Case) -> Mapping[str, Any]:
    given = only_known(case.given, "id", "object", "labels", "required")
    if given.get("object", "Node") != "Node":
        return {"expect": False}  # the rules here take nodes only
    return {"expect": holds(selection_of(given.get("required", ()), ""), given["labels"])}


@vectors.cases("label_list_to_expression", expected_keys=("expression", "error"))
def test_a_label_list_as_an_expression(case: Case) -> Mapping[str, Any]:
    try:
        return {"expression": expression_of(only_known(case.given, "id", "required")["required"])}
    except ExpressionError:
        return {"error": True}


@vectors.cases("condition_parsing", expected_keys=("parsed",))
def test_conditions_as_written(case: Case) -> Mapping[str, Any]:
    parsed = parse_conditions(tuple(only_known(case.given, "id", "given")["given"]))
    return {"parsed": [[it.type, it.status, it.minimum_ms // 1000] for it in parsed]}


@vectors.cases("offending_conditions", expected_keys=("offending",))
def test_offending_conditions(case: Case) -> Mapping[str, Any]:
    given = only_known(case.given, "id", "node_conditions", "filters")
    bad = parse_conditions(tuple(given["filters"]))
    found = offending(_node(given["node_conditions"]), bad, NOW_MS)
    return {"offending": [it.type for it in found]}


@vectors.cases("node_actions", expected_keys=("actions",))
def test_what_is_done_about_a_node(case: Case) -> Mapping[str, Any]:
    """Draino's drain schedule is our disruption claim: looked up, asked for, dropped."""
    given = only_known(case.given, "id", "node", "filters")
    it = only_known(given["node"], "cordoned", "annotations", "conditions", "scheduled", "failed")
    node = _node(it["conditions"], it.get("annotations", {}), cordoned=it["cordoned"])
    bad = parse_conditions(tuple(given["filters"]))
    if offending(node, bad, NOW_MS):
        cordons = any(isinstance(step, Cordon) for step in marks.cordon(node))
        has_claim = it.get("scheduled", False)
        is_retried = it.get("failed", False) and (
            it.get("annotations", {}).get("draino/drain-retry") == "true"
        )
        steps = ["cordon"] if cordons else []
        steps += ["look-up-schedule"]
        if is_retried:
            steps += ["drop-schedule"]
        if not has_claim or is_retried:
            steps += ["schedule-drain"]
        return {"actions": steps}
    were = marks.conditions_of_draino(node)
    if node.unschedulable and were and have_healed(node, were, NOW_MS):
        undone = marks.uncordon(node, "healed")
        assert any(isinstance(step, Uncordon) for step in undone)
        return {"actions": ["drop-schedule", "uncordon"]}
    return {"actions": []}


@vectors.cases("pod_filters", expected_keys=("evict",))
def test_pod_filters(case: Case) -> Mapping[str, Any]:
    given = only_known(
        case.given, "id", "filter", "pod", "owner_lookup", "owner_exists", "protect", "members"
    )
    found = _filter(given)(_pod(given["pod"]))
    return {"evict": {"pass": True, "stays": False, "error": "error"}[found]}


@vectors.cases("drain_outcomes", expected_keys=("drained",))
def test_what_comes_of_a_drain(case: Case) -> Mapping[str, Any]:
    """Pods that a filter holds back are left out here, as by draino; decide would not begin."""
    given = only_known(
        case.given, "id", "pods", "filtered", "filter", "evict_reply", "then", "grace_s",
        "headroom_s", "why", "list",
    )  # fmt: skip
    if "error" in (given.get("filter"), given.get("list")):
        return {"drained": False}
    grace_seconds = given.get("grace_s", 30)
    settings = EmptyingSettings(grace_seconds, grace_seconds + given.get("headroom_s", 30))
    count = given["pods"] - given.get("filtered", 0)
    pods = [_pod({"name": f"p{n}"}, grace_seconds=grace_seconds) for n in range(count)]
    asked_ms: Mapping[str, int] = {}
    outcomes: tuple[Outcome, ...] = ()
    now_ms = NOW_MS
    node = _node([])
    while pods:
        moved = empty(node, pods, asked_ms, NOW_MS, outcomes, settings, now_ms)
        if moved.failure is not None:
            return {"drained": False}
        asked_ms, reply = moved.asked_ms, given.get("evict_reply", "ok")
        if reply in ("ok", 404) and moved.evictions and given.get("then", "pod gone") != "error":
            pods = []
        status: Any = "done" if reply in ("ok", 404) else "refused"
        outcomes = tuple(Outcome(it, status, now_ms, str(reply)) for it in moved.evictions)
        now_ms += 5_000
    return {"drained": True}


@vectors.cases(
    "schedule",
    expected_keys=("not_before_offset_s", "tolerance_s", "expect"),
    waived={
        "expect": "prose: here a failed drain is tried again by itself, with growing rests",
        "tolerance_s": "how far draino's own clock may be off; here the time is exact",
    },
)
def test_drains_keep_their_distance(case: Case) -> Mapping[str, Any]:
    given = only_known(case.given, "id", "buffer_s", "nth", "note", "drain")
    if "nth" not in given:
        return {"expect": None}
    policy = OndemandReclaimPolicy(drain_buffer_seconds=given["buffer_s"])
    begun_ms, seconds = None, 0
    for _ in range(given["nth"]):
        while is_within_buffer(begun_ms, policy, seconds * 1000):
            seconds += 1
        begun_ms = seconds * 1000
    return {"not_before_offset_s": seconds, "tolerance_s": None}


@vectors.cases("cordon", expected_keys=("after", "annotation_written", "error"))
def test_cordons_and_their_mark(case: Case) -> Mapping[str, Any]:
    given = only_known(case.given, "id", "op", "cordoned", "node", "api")
    if given.get("node") == "missing" or "api" in given:
        return {"error": True}  # the performer answers precondition_failed: tests/unit/twin
    labels = (
        {marks.CORDONED_BY: marks.NAME} if given["op"] == "uncordon" and given["cordoned"] else {}
    )
    node = _node([], labels=labels, cordoned=given["cordoned"])
    steps = marks.cordon(node) if given["op"] == "cordon" else marks.uncordon(node, "healed")
    after = given["cordoned"]
    after = after or any(isinstance(it, Cordon) for it in steps)
    after = after and not any(isinstance(it, Uncordon) for it in steps)
    return {"after": after, "annotation_written": any(isinstance(it, SetNodeLabel) for it in steps)}


@vectors.cases("dry_run_once_per_node", expected_keys=("process",))
def test_a_node_is_news_once(case: Case) -> Mapping[str, Any]:
    """Without a mark on the node a dry run has only what was said to tell news by."""
    given = only_known(case.given, "id", "seen", "uid")
    said = {f"node/{uid}": "DrainBegan" for uid in given["seen"]}
    _, news = changed(said, [Verdict(f"node/{given['uid']}", "acted", "DrainBegan")])
    return {"process": bool(news)}


def _node(
    conditions: list[Mapping[str, Any]],
    annotations: Mapping[str, str] | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    cordoned: bool = False,
) -> Node:
    found = {it["type"]: _condition(it) for it in conditions}
    return Node(
        name="n1",
        uid="uid-n1",
        labels=labels or {},
        capacity=NO_RESOURCES,
        allocatable=NO_RESOURCES,
        created_ms=0,
        ready=found.pop("Ready", Condition("Unknown", NOW_MS)),
        annotations=annotations or {},
        unschedulable=cordoned,
        conditions=found,
    )


def _condition(given: Mapping[str, Any]) -> Condition:
    only_known(given, "type", "status", "age_s")
    age_seconds = given.get("age_s")
    since_ms = 0 if age_seconds is None else NOW_MS - 1000 * age_seconds
    return Condition(given["status"], since_ms)


def _filter(given: Mapping[str, Any]) -> Filter:
    def exists(kind: str, namespace: str, name: str) -> bool | None:
        if given.get("owner_lookup") == "error":
            return None
        return bool(given.get("owner_exists", False))

    match given["filter"]:
        case "mirror":
            return is_mirror
        case "local-storage":
            return has_local_storage
        case "unreplicated":
            return is_unreplicated
        case "daemonset":
            return is_owned_by("DaemonSet", exists)
        case "statefulset":
            return is_owned_by("StatefulSet", exists)
        case "protected":
            return is_protected(given.get("protect", ()))
        case "chain":
            return chain(_constant(it) for it in given["members"])
        case other:
            raise AssertionError(f"unknown filter {other}")


def _constant(value: Any) -> Filter:
    return lambda pod: "error" if value == "error" else "pass" if value else "stays"


def _pod(given: Mapping[str, Any], grace_seconds: int = 30) -> Pod:
    only_known(given, "name", "annotations", "volumes", "phase", "controller", "labels")
    kind = given.get("controller")
    return Pod(
        namespace="default",
        name=given.get("name", "pod"),
        uid=given.get("name", "pod"),
        spec=PodSpec(
            containers=(Container("main"),),
            volumes=tuple(Volume(f"v{n}", it) for n, it in enumerate(given.get("volumes", ()))),
            termination_grace_period_seconds=grace_seconds,
        ),
        labels=given.get("labels", {}),
        created_ms=0,
        annotations=given.get("annotations", {}),
        owner=None if kind is None else OwnerReference(kind, "owner"),
        phase=given.get("phase", "Running"),
        node_name="n1",
    )


def test_a_malformed_condition_is_refused_where_draino_would_crash_or_look_away() -> None:
    for text in ("Ready=Unknown", "Ready=Unknown,soon", "=True,1m", "Ready=Perhaps,1m"):
        with pytest.raises(ConditionError, match=re.escape(repr(text))):
            parse_condition(text)
