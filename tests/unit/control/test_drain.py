"""Which pods keep a node from being emptied: what the recorded cases leave open."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from kingtide.control.drain import (
    ENABLE_DS_EVICTION,
    SAFE_TO_EVICT,
    ControllerStanding,
    DrainContext,
    DrainSettings,
    eviction_tiers,
    evicts_daemon,
    is_long_terminating,
    judge,
    must_leave,
    plan_drain,
)
from kingtide.kube.labels import LabelSelector
from kingtide.kube.pods import MIRROR_ANNOTATION, Container, OwnerReference, Pod, PodSpec, Volume
from kingtide.kube.workloads import PodDisruptionBudget

NOW_MS = 1_800_000_000_000
OWNED = OwnerReference("ReplicaSet", "web")


def pod(**changes: Any) -> Pod:
    fields: dict[str, Any] = {
        "namespace": "shop",
        "name": "web-1",
        "uid": "uid",
        "spec": PodSpec(containers=(Container("main"),)),
        "labels": {"app": "web"},
        "created_ms": NOW_MS - 60_000,
        "owner": OWNED,
        "phase": "Running",
    }
    return Pod(**{**fields, **changes})


def context(**changes: Any) -> DrainContext:
    fields: dict[str, Any] = {"settings": DrainSettings(), "budgets": (), "now_ms": NOW_MS}
    return DrainContext(**{**fields, **changes})


def volumes(*names: str) -> PodSpec:
    return PodSpec(
        containers=(Container("main"),),
        volumes=tuple(Volume(name, "emptyDir") for name in names),
    )


def test_a_pod_to_wait_for_is_neither_evicted_nor_blocking() -> None:
    waits = pod(annotations={SAFE_TO_EVICT: "on-completion"})
    plan = plan_drain([waits, pod()], context())
    assert plan.wait_for_completion == (waits,)
    assert len(plan.evict) == 1
    assert plan.blocker is None


def test_the_first_blocker_ends_the_scan_and_empties_the_lists() -> None:
    plan = plan_drain([pod(), pod(owner=None), pod(namespace="kube-system")], context())
    assert plan.blocker is not None
    assert (plan.blocker.pod_index, plan.blocker.reason) == (1, "NotReplicated")
    assert plan.evict == ()


def test_safe_to_evict_is_asked_before_anything_that_blocks() -> None:
    spec = volumes("scratch")
    safe = pod(owner=None, namespace="kube-system", annotations={SAFE_TO_EVICT: "true"}, spec=spec)
    assert judge(safe, context()).outcome == "ok"


def test_a_missing_controller_blocks_even_a_pod_said_to_be_safe() -> None:
    safe = pod(annotations={SAFE_TO_EVICT: "true"})
    nothing_there = context(controllers=lambda *_: ControllerStanding(exists=False))
    assert judge(safe, nothing_there).reason == "ControllerNotFound"


@pytest.mark.parametrize(
    ("kind", "replicas", "reason"),
    [
        pytest.param("ReplicaSet", 1, "MinReplicasReached", id="too few"),
        pytest.param("ReplicaSet", 2, None, id="enough"),
        pytest.param("ReplicaSet", None, None, id="unknown"),
        pytest.param("Job", 1, None, id="a Job's completions are no replicas"),
    ],
)
def test_the_least_number_of_replicas(kind: str, replicas: int | None, reason: str | None) -> None:
    standing = ControllerStanding(exists=True, replicas=replicas)
    asked = context(settings=DrainSettings(min_replica_count=2), controllers=lambda *_: standing)
    assert judge(pod(owner=OwnerReference(kind, "web")), asked).reason == reason


@pytest.mark.parametrize(
    ("age_seconds", "outcome"),
    [pytest.param(3600, "block", id="not older"), pytest.param(3601, "ok", id="older")],
)
def test_an_old_system_pod_no_longer_blocks(age_seconds: int, outcome: str) -> None:
    system = pod(namespace="kube-system", created_ms=NOW_MS - age_seconds * 1000)
    assert judge(system, context()).outcome == outcome


def test_local_volumes_may_be_named_as_safe() -> None:
    listed = {"cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes": "a,b"}
    assert judge(pod(spec=volumes("a", "b"), annotations=listed), context()).reason is None
    blocked = judge(pod(spec=volumes("a", "c"), annotations=listed), context())
    assert blocked.reason == "LocalStorageRequested"


def test_one_spent_budget_of_several_blocks() -> None:
    selector = LabelSelector(match_labels=(("app", "web"),))
    budgets = (
        PodDisruptionBudget("shop", "generous", selector, disruptions_allowed=5),
        PodDisruptionBudget("shop", "spent", selector, disruptions_allowed=0),
    )
    assert judge(pod(), context(budgets=budgets)).reason == "NotEnoughPdb"


@pytest.mark.parametrize(
    ("past_ms", "expected"),
    [pytest.param(60_000, False, id="just in time"), pytest.param(60_001, True, id="too long")],
)
def test_a_pod_is_long_terminating_after_its_grace_and_half_a_minute(
    past_ms: int, expected: bool
) -> None:
    # Asked at 0, deadline after 30 s, again the grace of 30 s and a margin of 30 s.
    terminating = pod(deletion_ms=NOW_MS - 30_000 - past_ms)
    assert is_long_terminating(terminating, NOW_MS) is expected


def test_an_eviction_with_a_grace_of_its_own_has_an_earlier_deadline() -> None:
    terminating = pod(deletion_ms=NOW_MS - 61_000, deletion_grace_seconds=0)
    assert is_long_terminating(terminating, NOW_MS)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, True, id="an ordinary pod"),
        pytest.param({"annotations": {MIRROR_ANNOTATION: "x"}}, False, id="a mirror pod"),
        pytest.param({"owner": OwnerReference("DaemonSet", "ds")}, False, id="a daemon"),
        pytest.param({"phase": "Succeeded"}, False, id="a pod that has ended"),
        pytest.param({"deletion_ms": NOW_MS - 1_000}, True, id="on its way out"),
        pytest.param({"deletion_ms": NOW_MS - 600_000}, False, id="as good as gone"),
    ],
)
def test_who_must_leave_before_the_node_does(changes: dict[str, Any], expected: bool) -> None:
    assert must_leave(pod(**changes), NOW_MS) is expected


def test_tiers_are_by_floor_and_below_the_lowest_joins_it() -> None:
    tiers = eviction_tiers({"low": -10, "exact": 0, "high": 7}, (0, 5))
    assert tiers == (("low", "exact"), ("high",))


@pytest.mark.parametrize(
    ("phase", "restart_policy", "expected"),
    [
        pytest.param("Succeeded", "Never", True, id="done"),
        pytest.param("Succeeded", "OnFailure", True, id="done, unless it failed"),
        pytest.param("Succeeded", "Always", False, id="to be started again"),
        pytest.param("Running", "Never", False, id="still at work"),
        pytest.param("Failed", "Always", True, id="failed"),
    ],
)
def test_what_has_ended_does_not_block(
    phase: str, restart_policy: Literal["Always", "OnFailure", "Never"], expected: bool
) -> None:
    spec = PodSpec(containers=(Container("main"),), restart_policy=restart_policy)
    ended = pod(owner=None, phase=phase, spec=spec)
    assert (judge(ended, context()).outcome != "block") is expected


@pytest.mark.parametrize(
    ("kind", "api_version", "expected"),
    [
        pytest.param("StatefulSet", "apps/v1", "ControllerNotFound", id="a StatefulSet"),
        pytest.param("StatefulSet", "apps.kruise.io/v1", None, id="a custom StatefulSet"),
        pytest.param("ReplicaSet", "apps/v1", "ControllerNotFound", id="a ReplicaSet"),
        pytest.param("DaemonSet", "apps/v1", "ControllerNotFound", id="a DaemonSet"),
        pytest.param("DaemonSet", "apps.kruise.io/v1", None, id="a custom DaemonSet"),
    ],
)
def test_only_owners_that_kubernetes_serves_are_looked_up(
    kind: str, api_version: str, expected: str | None
) -> None:
    owned = pod(owner=OwnerReference(kind, "web", api_version=api_version))
    found = judge(owned, context(controllers=lambda *_: ControllerStanding(exists=False)))
    assert (found.reason == "ControllerNotFound") is (expected is not None)


DAEMON = OwnerReference("DaemonSet", "ds")


@pytest.mark.parametrize(
    ("changes", "by_default", "expected"),
    [
        pytest.param({}, True, True, id="a daemon, where daemons are evicted"),
        pytest.param({}, False, False, id="a daemon, where they are not"),
        pytest.param({"annotations": {ENABLE_DS_EVICTION: "true"}}, False, True, id="it says so"),
        pytest.param({"annotations": {ENABLE_DS_EVICTION: "yes"}}, True, False, id="no true word"),
        pytest.param({"owner": OWNED}, True, False, id="no daemon"),
        pytest.param({"annotations": {MIRROR_ANNOTATION: "x"}}, True, False, id="a mirror pod"),
        pytest.param({"phase": "Failed"}, True, False, id="it has ended"),
        pytest.param({"deletion_ms": NOW_MS}, True, False, id="on its way out"),
    ],
)
def test_which_daemons_are_evicted_with_the_others(
    changes: dict[str, Any], by_default: bool, expected: bool
) -> None:
    assert evicts_daemon(pod(**{"owner": DAEMON, **changes}), by_default=by_default) is expected
