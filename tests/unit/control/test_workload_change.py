from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kingtide.control.workload_actions import (
    AnnotateWorkload,
    PauseScaledObject,
    ScaleWorkload,
    SetDisruptionBudget,
    SetMinReplicas,
    SetMinRunners,
    SetNodeSelector,
    SetSuspend,
    WorkloadAction,
)
from kingtide.control.workload_change import KEDA_PAUSED_REPLICAS, annotated, late
from kingtide.kube.scalables import Scalable, ScalableKind

ON: dict[str, Any] = {"namespace": "shop", "name": "it", "uid": "u", "reason": "r"}


def it(kind: ScalableKind, **fields: object) -> Scalable:
    return msgspec.structs.replace(Scalable(kind, "shop", "it", "u"), **fields)


SCALE = ScaleWorkload(kind="Rollout", replicas=0, expected_replicas=3, **ON)
SUSPEND = SetSuspend(kind="Job", suspend=True, expected_suspend=False, **ON)
LEAST = SetMinReplicas(min_replicas=1, expected_min_replicas=None, **ON)
RUNNERS = SetMinRunners(min_runners=0, expected_min_runners=2, **ON)
SELECTOR = SetNodeSelector(label="off", value="x", expected_value=None, **ON)
BUDGET = SetDisruptionBudget(field="minAvailable", amount="0", expected_amount="25%", **ON)
PAUSE = PauseScaledObject(paused_replicas="0", expected_paused_replicas=None, **ON)
NOTES = AnnotateWorkload(
    kind="Stack", annotations=(("a", "2"),), expected=(("a", "1"), ("b", None)), **ON
)

CASES: dict[str, tuple[WorkloadAction, Scalable, Scalable, str]] = {
    "replicas": (SCALE, it("Rollout", size=3), it("Rollout", size=2), "it has 2 replicas now"),
    "replicas never written": (
        SCALE, it("Rollout", size=3), it("Rollout"), "it has None replicas now",
    ),
    "suspended": (
        SUSPEND, it("Job", suspended=False), it("Job", suspended=True),
        "it was suspended or resumed",
    ),
    "suspension never written": (
        SUSPEND, it("Job"), it("Job", suspended=True), "it was suspended or resumed",
    ),
    "minReplicas": (
        LEAST,
        it("HorizontalPodAutoscaler"),
        it("HorizontalPodAutoscaler", size=2),
        "its minReplicas is 2 now",
    ),
    "minRunners": (
        RUNNERS,
        it("AutoscalingRunnerSet", size=2),
        it("AutoscalingRunnerSet", size=0),
        "its minRunners is 0 now",
    ),
    "selector": (
        SELECTOR,
        it("DaemonSet", node_selector=(("on", "x"),)),
        it("DaemonSet", node_selector=(("off", "x"),)),
        "its selector of off is x now",
    ),
    "budget": (
        BUDGET,
        it("PodDisruptionBudget", min_available="25%", max_unavailable="1"),
        it("PodDisruptionBudget", max_unavailable="25%"),
        "its minAvailable is None now",
    ),
    "paused": (
        PAUSE,
        it("ScaledObject"),
        it("ScaledObject", annotations={KEDA_PAUSED_REPLICAS: "4"}),
        "it is paused at 4 now",
    ),
    "annotations": (
        NOTES,
        it("Stack", annotations={"a": "1", "c": "3"}),
        it("Stack", annotations={"a": "1", "b": "1"}),
        "its annotations are others now",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("action", "expected", "other", "words"), CASES.values(), ids=CASES)
def test_an_object_that_was_changed_meanwhile_is_late(
    action: WorkloadAction, expected: Scalable, other: Scalable, words: str
) -> None:
    assert late(expected, action) == ""
    assert late(other, action) == words


def test_annotations_are_set_and_removed_and_others_stay() -> None:
    before = {"a": "1", "b": "2"}
    assert annotated(before, (("a", None), ("c", "3"), ("d", None))) == {"b": "2", "c": "3"}
    assert annotated(before, ()) is before
