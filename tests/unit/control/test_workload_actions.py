"""Actions on workloads: which object they change, and which rights they need."""

from typing import Any

import pytest

from kingtide.control.action import Permission
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
    changed_object,
)

AT: dict[str, Any] = {"namespace": "shop", "name": "web", "uid": "u", "reason": "night"}


@pytest.mark.parametrize(
    ("action", "key", "permission"),
    [
        (
            ScaleWorkload(**AT, kind="Rollout", replicas=0, expected_replicas=3),
            "Rollout/shop/web",
            Permission("argoproj.io", "patch", "rollouts"),
        ),
        (
            SetSuspend(**AT, kind="CronJob", suspend=True, expected_suspend=False),
            "CronJob/shop/web",
            Permission("batch", "patch", "cronjobs"),
        ),
        (
            SetMinReplicas(**AT, min_replicas=1, expected_min_replicas=None),
            "HorizontalPodAutoscaler/shop/web",
            Permission("autoscaling", "patch", "horizontalpodautoscalers"),
        ),
        (
            SetMinRunners(**AT, min_runners=0, expected_min_runners=2),
            "AutoscalingRunnerSet/shop/web",
            Permission("actions.github.com", "patch", "autoscalingrunnersets"),
        ),
        (
            SetNodeSelector(**AT, label="off", value="true", expected_value=None),
            "DaemonSet/shop/web",
            Permission("apps", "patch", "daemonsets"),
        ),
        (
            SetDisruptionBudget(**AT, field="minAvailable", amount="0", expected_amount="50%"),
            "PodDisruptionBudget/shop/web",
            Permission("policy", "patch", "poddisruptionbudgets"),
        ),
        (
            PauseScaledObject(**AT, paused_replicas="0", expected_paused_replicas=None),
            "ScaledObject/shop/web",
            Permission("keda.sh", "patch", "scaledobjects"),
        ),
        (
            AnnotateWorkload(**AT, kind="Stack", annotations=(("a", None),), expected=()),
            "Stack/shop/web",
            Permission("zalando.org", "patch", "stacks"),
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_action_names_its_object_and_the_right_to_change_it(
    action: WorkloadAction, key: str, permission: Permission
) -> None:
    assert changed_object(action) == key
    assert permission in action.REQUIRES
