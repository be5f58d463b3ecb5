"""draino_filters.json: what draino selects, filters and does, by ondemand_reclaim's rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from kingtide.control.action import Action, EvictPod, TerminateInstance
from kingtide.control.claims import DISRUPTION_CLAIM, DisruptionClaim, write_claim
from kingtide.control.drain import must_leave
from kingtide.control.node_actions import (
    ClaimDisruption,
    Cordon,
    ReleaseDisruption,
    SetNodeLabel,
    Uncordon,
)
from kingtide.control.report import Detail, Verdict
from kingtide.control.said import changed
from kingtide.controllers.ondemand_reclaim import marks
from kingtide.controllers.ondemand_reclaim.beginnings import is_within_buffer
from kingtide.controllers.ondemand_reclaim.conditions import (
    ConditionError,
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
    is_owned_by,
    is_protected,
    is_unreplicated,
)
from kingtide.controllers.ondemand_reclaim.pod_filters import Verdict as FilterVerdict
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
from tests.unit.controllers.ondemand_reclaim.small_world import NOW_MS, SmallWorld
from tests.vectors.cases import Case
from tests.vectors.claims import VectorFile
from tests.vectors.strictness import only_known

vectors = VectorFile("draino_filters")


class Passes:
    """What some passes in a small world decided; 5 s lie between two."""

    def __init__(self, world: SmallWorld) -> None:
        self.world = world
        self.actions: list[Action] = []
        self.verdicts: list[Verdict] = []
        self.saw: list[Mapping[str, Detail]] = []

    def run(self, count: int) -> None:
        for _ in range(count):
            decision = self.world.run()
            self.actions += decision.actions
            self.verdicts += decision.report.verdicts
            self.saw.append(decision.report.saw)
            self.world.now_ms += 5_000
            self.world.move()

    def does(self, kind: type[Action]) -> bool:
        return any(isinstance(it, kind) for it in self.actions)

    def says(self, code: str) -> bool:
        return any(it.code == code for it in self.verdicts)

    def counted(self, name: str) -> int:
        return max(int(it.get(name, 0)) for it in self.saw)

    @property
    def claimed(self) -> list[DisruptionClaim]:
        return [it.claim for it in self.actions if isinstance(it, ClaimDisruption)]

    def claims(self, *, at_rest: bool) -> bool:
        return any((it.not_before_ms is not None) == at_rest for it in self.claimed)


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


WORDS: Mapping[str, tuple[Callable[[Passes], bool], str]] = {
    "cordon": (
        lambda it: it.does(Cordon),
        "the same, with our own mark instead of draino's annotation",
    ),
    "uncordon": (lambda it: it.does(Uncordon), "the same"),
    "look-up-schedule": (
        lambda it: it.counted("nodes_ill") > 0,
        "a drain's schedule is the claim on its node, which is read of every ill node",
    ),
    "schedule-drain": (
        lambda it: it.claims(at_rest=False),
        "a drain begins with its claim, which the buffer and the shared budget hold back",
    ),
    "drop-schedule": (
        lambda it: (
            it.does(ReleaseDisruption)
            or it.says("TakesPodsAgain")
            or any(claim.attempt > 1 for claim in it.claimed)
        ),
        "a claim is taken off, replaced by that of the next attempt, or was draino's and is none",
    ),
}
"""What draino does about a node: how it is seen in our passes, and why that is the same.

The order differs: we claim first and cordon then (departure da-bad).
"""


@vectors.cases("node_actions", expected_keys=("actions",), unordered=("actions",))
def test_what_is_done_about_a_node(case: Case) -> Mapping[str, Any]:
    given = only_known(case.given, "id", "node", "filters")
    it = only_known(given["node"], "cordoned", "annotations", "conditions", "scheduled", "failed")
    world = SmallWorld(conditions=tuple(given["filters"]))
    world.group("spot", "spot")
    annotations = dict(it.get("annotations", {}))
    is_failed = it.get("failed", False)
    if it.get("scheduled", False) or is_failed:
        rested_ms = NOW_MS - 1
        claim = DisruptionClaim(
            by=marks.NAME,
            reason="Degraded",
            since_ms=NOW_MS - 60_000,
            # To annotate a failed drain is to have it tried again now; here its rest is over by
            # itself (departure ds-failed-visible). Until then it rests.
            not_before_ms=None
            if not is_failed
            else rested_ms
            if annotations.get("draino/drain-retry") == "true"
            else NOW_MS + 60_000,
        )
        annotations[DISRUPTION_CLAIM] = write_claim(claim)
    found = _node(it["conditions"], annotations)
    world.node(
        "n1",
        "spot",
        conditions=found.conditions,
        annotations=annotations,
        unschedulable=it["cordoned"],
    )
    passes = Passes(world)
    passes.run(2)  # the claim, and what follows once it is seen
    return {"actions": [word for word, (is_seen, _) in WORDS.items() if is_seen(passes)]}


@vectors.cases("pod_filters", expected_keys=("evict",))
def test_pod_filters(case: Case) -> Mapping[str, Any]:
    given = only_known(
        case.given, "id", "filter", "pod", "owner_lookup", "owner_exists", "protect", "members"
    )
    found = _filter(given)(_pod(given["pod"]))
    return {"evict": {"pass": True, "stays": False, "error": "error"}[found]}


REPLIES: Mapping[object, tuple[str, str]] = {
    "ok": ("", ""),
    404: ("failed", "NotFound"),
    429: ("refused", "TooManyRequests"),
}
"""Replies to an eviction as our performer tells them; any other is a call that fails."""


@vectors.cases("drain_outcomes", expected_keys=("drained",))
def test_what_comes_of_a_drain(case: Case) -> Mapping[str, Any]:
    """Drained is who is gone in the end; not drained is who rests, with the verdict why.

    A pod that a filter holds back keeps its node here: that is seen first (departure dd-filtered),
    then it is left out, as by draino.
    """
    given = only_known(
        case.given, "id", "pods", "filtered", "filter", "evict_reply", "then", "grace_s",
        "headroom_s", "why", "list",
    )  # fmt: skip
    grace_seconds = given.get("grace_s", 30)
    filtered = given.get("filtered", 0)
    world = SmallWorld(
        max_graceful_termination_seconds=grace_seconds,
        max_pod_eviction_seconds=grace_seconds + given.get("headroom_s", 30),
        max_unavailable_percent=100,
    )
    world.group("spot", "spot", nodes=3)
    world.group("old", "on-demand", nodes=1)
    if filtered or given.get("filter") == "error":
        # An owner that is not known to be gone: here a pod that stays and an error are one.
        kept = world.pods(max(filtered, 1), on="old-0", app="data", owner=None)
        passes = Passes(world)
        passes.run(2)
        assert passes.says("UnreplicatedPod")
        assert not passes.actions
        if given.get("filter") == "error":
            return {"drained": False}
        for pod in kept:
            world.cluster.apply(pod, None)
    world.pods(given["pods"] - filtered, on="old-0")
    if given.get("list") == "error":
        # Pods are watched, not listed: an API that does not answer is met with the first call.
        world.failed[ClaimDisruption] = "ServiceUnavailable"
    reply = given.get("evict_reply", "ok")
    status, code = REPLIES.get(reply, ("failed", str(reply)))
    if status:
        {"failed": world.failed, "refused": world.refused}[status][EvictPod] = code
    world.do_pods_end = given.get("then", "pod gone") != "error"
    passes = Passes(world)
    for _ in range(240):
        passes.run(1)
        if reply == 404 and passes.does(EvictPod):
            for pod in list(world.cluster.pods_on("old-0").values()):
                world.cluster.apply(pod, None)
        if "old-0" in world.gone_ms:
            assert passes.says("Terminated")
            return {"drained": True}
        if passes.says("DrainFailed") or passes.says("ClaimRefused"):
            return {"drained": False}
    raise AssertionError(f"nothing came of it: {passes.verdicts}")


@vectors.cases(
    "schedule",
    expected_keys=("not_before_offset_s", "tolerance_s", "expect"),
    waived={
        "expect": "prose; what it says is asserted, as far as we do not depart from it",
        "tolerance_s": "how far draino's own clock may be off; here the time is exact",
    },
)
def test_drains_keep_their_distance(case: Case) -> Mapping[str, Any]:
    given = only_known(case.given, "id", "buffer_s", "nth", "note", "drain")
    if "nth" not in given:
        assert given["drain"] == "fails"
        _assert_a_failed_drain_is_seen_and_tried_again()
        return {"expect": None}
    policy = OndemandReclaimPolicy(drain_buffer_seconds=given["buffer_s"])
    begun_ms, seconds = None, 0
    for _ in range(given["nth"]):
        while is_within_buffer(begun_ms, policy, seconds * 1000):
            seconds += 1
        begun_ms = seconds * 1000
    return {"not_before_offset_s": seconds, "tolerance_s": None}


def _assert_a_failed_drain_is_seen_and_tried_again() -> None:
    """Its claim stays, marked by its rest; no annotation is needed (ds-failed-visible)."""
    world = SmallWorld(max_pod_eviction_seconds=20, retry_initial_seconds=60)
    world.group("spot", "spot", nodes=1)
    world.group("old", "on-demand", nodes=1)
    world.pods(1, on="old-0")
    world.refused[EvictPod] = "TooManyRequests"
    passes = Passes(world)
    while not passes.says("DrainFailed"):
        passes.run(1)
        assert world.now_ms < NOW_MS + 60_000
    failed = world.claim("old-0")
    assert failed is not None
    assert failed.attempt == 1
    assert failed.not_before_ms is not None
    assert 55_000 <= failed.not_before_ms - world.now_ms <= 60_000
    again = Passes(world)
    again.run(11)
    assert world.claim("old-0") == failed
    assert again.says("Rests")
    again.run(3)
    second = world.claim("old-0")
    assert second is not None
    assert (second.attempt, second.not_before_ms) == (2, None)
    assert again.says("DrainBegan")


@vectors.cases("cordon", expected_keys=("after", "annotation_written", "error"))
def test_cordons_and_their_mark(case: Case) -> Mapping[str, Any]:
    """Cordon an ill node, or uncordon one that bears our mark and has healed."""
    given = only_known(case.given, "id", "op", "cordoned", "node", "api")
    kind: type[Action] = Cordon if given["op"] == "cordon" else Uncordon
    world = SmallWorld(conditions=("KernelPanic",))
    world.group("spot", "spot")
    is_cordoned = given.get("cordoned", kind is Uncordon)
    labels = {marks.CORDONED_BY: marks.NAME} if kind is Uncordon and is_cordoned else {}
    world.node(
        "n1",
        "spot",
        labels=labels,
        conditions={"KernelPanic": Condition("True" if kind is Cordon else "False", 0)},
        unschedulable=is_cordoned,
    )
    passes = Passes(world)
    if given.get("node") == "missing" or "api" in given:
        world.failed[kind] = "NotFound"
        passes.run(2)
        assert passes.does(kind)
        # An error is seen by what does not follow: no mark is taken off, nothing is evicted.
        assert world.cluster.nodes["n1"].unschedulable == is_cordoned
        assert not passes.does(EvictPod)
        assert not passes.does(TerminateInstance)
        passes.run(8)
        assert sum(isinstance(it, kind) for it in passes.actions) > 1  # asked again
        if given.get("node") == "missing":
            node = world.cluster.nodes["n1"]
            world.cluster.apply(node, None)
            after = Passes(world)
            after.run(2)
            assert not after.actions
        return {"error": True}
    passes.run(2)
    node = world.cluster.nodes["n1"]
    is_marked = any(isinstance(it, SetNodeLabel) for it in passes.actions)
    return {"after": node.unschedulable, "annotation_written": is_marked}


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
            return _must_leave
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


def _must_leave(pod: Pod) -> FilterVerdict:
    """What a drain evicts at all: a mirror pod is not among it, whatever the filters say."""
    return "pass" if must_leave(pod, NOW_MS) else "stays"


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
