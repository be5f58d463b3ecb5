"""Actions on workloads as sentences."""

from typing import Any

import pytest

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
from kingtide.report.action_sentences import action_text

AT: dict[str, Any] = {"namespace": "shop", "name": "web", "uid": "u", "reason": "night"}


ACTIONS: tuple[tuple[WorkloadAction, str], ...] = (
    (
        ScaleWorkload(**AT, kind="Deployment", replicas=0, expected_replicas=3),
        "asked Deployment shop/web for 0 replicas instead of 3: night",
    ),
    (
        ScaleDeployment(**AT, replicas=4, expected_replicas=3),
        "asked Deployment shop/web for 4 replicas instead of 3: night",
    ),
    (
        SetSuspend(**AT, kind="CronJob", suspend=True, expected_suspend=False),
        "asked to suspend CronJob shop/web: night",
    ),
    (
        SetSuspend(**AT, kind="Job", suspend=False, expected_suspend=True),
        "asked to let Job shop/web go on: night",
    ),
    (
        SetMinReplicas(**AT, min_replicas=1, expected_min_replicas=None),
        "asked HPA shop/web for at least 1 replica instead of none: night",
    ),
    (
        SetMinRunners(**AT, min_runners=0, expected_min_runners=2),
        "asked AutoscalingRunnerSet shop/web for at least 0 runners: night",
    ),
    (
        SetNodeSelector(**AT, label="off", value="true", expected_value=None),
        "asked DaemonSet shop/web to select nodes with off=true: night",
    ),
    (
        SetNodeSelector(**AT, label="off", value=None, expected_value="true"),
        "asked DaemonSet shop/web to select nodes without off: night",
    ),
    (
        SetDisruptionBudget(**AT, field="minAvailable", amount="0", expected_amount="50%"),
        "asked PodDisruptionBudget shop/web for minAvailable 0 instead of 50%: night",
    ),
    (
        PauseScaledObject(**AT, paused_replicas="0", expected_paused_replicas=None),
        "asked ScaledObject shop/web to pause at 0 replicas: night",
    ),
    (
        PauseScaledObject(**AT, paused_replicas=None, expected_paused_replicas="0"),
        "asked ScaledObject shop/web to scale again: night",
    ),
    (
        AnnotateWorkload(**AT, kind="Job", annotations=(("a", None), ("b", "c")), expected=()),
        "asked for Job shop/web without a and with b=c: night",
    ),
)


@pytest.mark.parametrize(("action", "text"), ACTIONS, ids=lambda it: type(it).__name__)
def test_an_action_on_a_workload_is_told_in_a_sentence(action: WorkloadAction, text: str) -> None:
    assert action_text(action) == text
