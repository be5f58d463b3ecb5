from __future__ import annotations

from typing import Any

import pytest

from kingtide.control.action import PatchScale
from kingtide.control.workload_actions import (
    AnnotateWorkload,
    PauseScaledObject,
    ScaleDeployment,
    ScaleWorkload,
    SetDisruptionBudget,
    SetMinReplicas,
    SetMinRunners,
    SetNodeSelector,
    SetSuspend,
    WorkloadAction,
)
from tests.unit.live.kubernetes.performing.acting import performed, told
from tests.unit.live.kubernetes.scripted import status

ON: dict[str, Any] = {"namespace": "shop", "name": "it", "uid": "u", "reason": "r"}
NOTES: dict[str, Any] = {"annotations": (("a", "1"), ("b", None))}
UID = {"op": "test", "path": "/metadata/uid", "value": "u"}
PODS = {"selector": {"matchLabels": {"a": "b"}}, "template": {"spec": {"containers": []}}}
SCALE = PatchScale(namespace="shop", name="it", replicas=5, expected_replicas=3, reason="r")
TARGET = {"kind": "Deployment", "name": "x"}


def found(spec: dict[str, Any], uid: str = "u") -> tuple[int, dict[str, Any]]:
    metadata = {
        "name": "it",
        "namespace": "shop",
        "uid": uid,
        "resourceVersion": "7",
        "annotations": {"a": "0", "b": "2"},
    }
    return 200, {"metadata": metadata, "spec": spec}


CASES: dict[str, tuple[WorkloadAction, dict[str, Any], str, str, Any, Any]] = {
    "Deployment": (
        ScaleDeployment(replicas=0, expected_replicas=3, **ON, **NOTES),
        {**PODS, "replicas": 3},
        "/apis/apps/v1/namespaces/shop/deployments/it",
        "/spec/replicas", 3, 0,
    ),
    "Rollout": (
        ScaleWorkload(kind="Rollout", replicas=0, expected_replicas=3, **ON, **NOTES),
        {"replicas": 3},
        "/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/it",
        "/spec/replicas", 3, 0,
    ),
    "CronJob": (
        SetSuspend(kind="CronJob", suspend=True, expected_suspend=False, **ON, **NOTES),
        {"schedule": "* * * * *", "suspend": False, "jobTemplate": {"spec": PODS}},
        "/apis/batch/v1/namespaces/shop/cronjobs/it",
        "/spec/suspend", False, True,
    ),
    "HorizontalPodAutoscaler": (
        SetMinReplicas(min_replicas=1, expected_min_replicas=4, **ON, **NOTES),
        {"scaleTargetRef": TARGET, "maxReplicas": 9, "minReplicas": 4},
        "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/it",
        "/spec/minReplicas", 4, 1,
    ),
    "AutoscalingRunnerSet": (
        SetMinRunners(min_runners=0, expected_min_runners=2, **ON, **NOTES),
        {"minRunners": 2},
        "/apis/actions.github.com/v1alpha1/namespaces/shop/autoscalingrunnersets/it",
        "/spec/minRunners", 2, 0,
    ),
    "DaemonSet": (
        SetNodeSelector(label="off", value="y", expected_value="x", **ON, **NOTES),
        {
            "selector": PODS["selector"],
            "template": {"spec": {"containers": [], "nodeSelector": {"off": "x"}}},
        },
        "/apis/apps/v1/namespaces/shop/daemonsets/it",
        "/spec/template/spec/nodeSelector/off", "x", "y",
    ),
    "PodDisruptionBudget": (
        SetDisruptionBudget(
            field="minAvailable", amount="0", expected_amount="25%", **ON, **NOTES
        ),
        {"selector": {}, "minAvailable": "25%"},
        "/apis/policy/v1/namespaces/shop/poddisruptionbudgets/it",
        "/spec/minAvailable", "25%", 0,
    ),
    "ScaledObject": (
        PauseScaledObject(paused_replicas="0", expected_paused_replicas=None, **ON),
        {"scaleTargetRef": {"name": "x"}},
        "/apis/keda.sh/v1alpha1/namespaces/shop/scaledobjects/it",
        "/metadata/annotations/autoscaling.keda.sh~1paused-replicas", None, "0",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("action", "spec", "path", "field", "before", "after"), CASES.values(), ids=CASES
)
def test_field_and_annotations_are_written_in_one_patch(
    action: WorkloadAction, spec: dict[str, Any], path: str, field: str, before: Any, after: Any
) -> None:
    outcome, (read, write) = performed(action, found(spec), (200, {}))
    assert told(outcome) == ("done", "")
    assert (read.path, write.path, write.method) == (path, path, "PATCH")
    notes = [
        {"op": "test", "path": "/metadata/annotations/a", "value": "0"},
        {"op": "replace", "path": "/metadata/annotations/a", "value": "1"},
        {"op": "test", "path": "/metadata/annotations/b", "value": "2"},
        {"op": "remove", "path": "/metadata/annotations/b"},
    ]
    if before is None:
        version = {"op": "test", "path": "/metadata/resourceVersion", "value": "7"}
        change = [version, {"op": "add", "path": field, "value": after}]
    else:
        change = [
            {"op": "test", "path": field, "value": before},
            {"op": "replace", "path": field, "value": after},
        ]
    assert write.body == [UID, *change, *(notes if action.annotations else ())]


def test_annotations_alone_are_written_if_they_are_as_expected() -> None:
    action = AnnotateWorkload(
        kind="Stack", annotations=(("a", "1"),), expected=(("a", "0"), ("c", None)), **ON
    )
    outcome, (_, write) = performed(action, found({}), (200, {}))
    assert told(outcome) == ("done", "")
    assert write.path == "/apis/zalando.org/v1/namespaces/shop/stacks/it"
    assert [it["op"] for it in write.body] == ["test", "test", "replace"]


@pytest.mark.parametrize(
    ("answer", "became"),
    [
        (status(404, "NotFound"), ("failed", "404")),
        (found({**PODS, "replicas": 3}, uid="other"), ("precondition_failed", "404")),
        (found({**PODS, "replicas": 2}), ("precondition_failed", "409")),
    ],
    ids=["gone", "made anew", "scaled by somebody"],
)
def test_a_workload_that_is_not_as_expected_is_left_alone(
    answer: tuple[int, Any], became: tuple[str, str]
) -> None:
    action = ScaleDeployment(replicas=0, expected_replicas=3, **ON)
    outcome, asked = performed(action, answer)
    assert (told(outcome), len(asked)) == (became, 1)


def test_a_scale_is_patched_if_the_replicas_are_as_expected() -> None:
    outcome, (read, write) = performed(SCALE, found({"replicas": 3}), (200, {}))
    assert told(outcome) == ("done", "")
    assert read.path == write.path == "/apis/apps/v1/namespaces/shop/deployments/it/scale"
    assert write.body == [
        UID,
        {"op": "test", "path": "/spec/replicas", "value": 3},
        {"op": "replace", "path": "/spec/replicas", "value": 5},
    ]


def test_a_scale_of_none_is_left_out_by_the_api_and_so_tested_by_its_version() -> None:
    up = PatchScale(namespace="shop", name="it", replicas=5, expected_replicas=0, reason="r")
    outcome, (_, write) = performed(up, found({}), (200, {}))
    assert told(outcome) == ("done", "")
    assert [it["path"] for it in write.body[1:]] == ["/metadata/resourceVersion", "/spec/replicas"]


@pytest.mark.parametrize(
    ("answers", "became"),
    [
        ((status(404, "NotFound"),), ("failed", "404")),
        ((found({"replicas": 2}),), ("precondition_failed", "409")),
        (
            (found({"replicas": 3}), status(422, "Invalid"), found({"replicas": 4})),
            ("precondition_failed", "409"),
        ),
    ],
    ids=["gone", "scaled before", "scaled in between"],
)
def test_a_scale_that_is_not_as_expected_is_left_alone(
    answers: tuple[tuple[int, Any], ...], became: tuple[str, str]
) -> None:
    outcome, _ = performed(SCALE, *answers)
    assert told(outcome) == became
