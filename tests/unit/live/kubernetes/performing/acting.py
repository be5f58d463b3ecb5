"""Actions performed against prepared answers."""

from __future__ import annotations

from typing import Any

import httpx2

from kingtide.control.action import Action
from kingtide.control.outcome import Outcome
from kingtide.live.kubernetes.performing.api import Api
from kingtide.live.kubernetes.performing.performer import KubernetesPerformer
from kingtide.live.kubernetes.performing.write_rate import WriteRate
from tests.unit.live.kubernetes.scripted import Asked, Scripted, asking

NOW_MS = 1_700_000_000_000


def performed(
    action: Action, *answers: tuple[int, Any] | Exception, leads: bool = True
) -> tuple[Outcome, list[Asked]]:
    """Return what became of an action, and what was asked for it."""
    script = Scripted(*answers)

    async def perform(client: httpx2.AsyncClient) -> Outcome:
        api = Api(client, WriteRate(), lambda: leads)
        return await KubernetesPerformer(api, lambda: NOW_MS).perform(action)

    return asking(script, perform), script.asked


def told(outcome: Outcome) -> tuple[str, str]:
    """Return an outcome's status and code."""
    return outcome.status, outcome.code
