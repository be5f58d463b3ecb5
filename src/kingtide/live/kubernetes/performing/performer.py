"""Carries out actions on a cluster: a table of what does which, bounded in time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from kingtide.control.action import Action, AddTaint, EvictPod, PatchScale, RemoveTaint
from kingtide.control.node_actions import (
    ClaimCapacity,
    ClaimDisruption,
    Cordon,
    DeletePod,
    ReleaseCapacity,
    ReleaseDisruption,
    SetNodeLabel,
    Uncordon,
)
from kingtide.control.outcome import Answer, Outcome
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
)
from kingtide.live.kubernetes.performing.answers import FAILURES, answer_of
from kingtide.live.kubernetes.performing.api import Api
from kingtide.live.kubernetes.performing.nodes import change_node
from kingtide.live.kubernetes.performing.pods import delete_pod, evict_pod
from kingtide.live.kubernetes.performing.workloads import change_workload, patch_scale

ACTION_SECONDS = 30
"""Of one action with all its tries; each is six calls at most, and a wait for its turn."""

Perform = Callable[[Api, Any], Awaitable[Answer]]

PERFORMED: Mapping[type[Action], Perform] = {
    EvictPod: evict_pod,
    DeletePod: delete_pod,
    PatchScale: patch_scale,
    **dict.fromkeys(
        (
            AddTaint,
            RemoveTaint,
            Cordon,
            Uncordon,
            SetNodeLabel,
            ClaimDisruption,
            ReleaseDisruption,
            ClaimCapacity,
            ReleaseCapacity,
        ),
        change_node,
    ),
    **dict.fromkeys(
        (
            ScaleWorkload,
            ScaleDeployment,
            SetSuspend,
            SetMinReplicas,
            SetMinRunners,
            SetNodeSelector,
            SetDisruptionBudget,
            PauseScaledObject,
            AnnotateWorkload,
        ),
        change_workload,
    ),
}
"""Every action on a cluster's objects; those on the cloud are performed elsewhere."""


class KubernetesPerformer:
    """The one door through which controllers change a cluster."""

    def __init__(
        self, api: Api, now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000
    ) -> None:
        self._api = api
        self._now_ms = now_ms

    async def perform(self, action: Action) -> Outcome:
        """Do one action and say what became of it.

        Raises:
            KeyError: it is none of PERFORMED: a defect.
        """
        perform = PERFORMED[type(action)]
        try:
            async with asyncio.timeout(ACTION_SECONDS):
                answer = await perform(self._api, action)
        except FAILURES as error:
            answer = answer_of(error)
        return answer.to(action, self._now_ms())
