"""What becomes of a pod that was asked to leave."""

from __future__ import annotations

import pytest

from kingtide.control.action import EvictPod
from kingtide.control.outcome import Outcome, OutcomeStatus
from kingtide.controllers.spot_interruption.leaving import Asked, heed
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy

NOW_MS = 1_000_000
POLICY = SpotInterruptionPolicy(retry_max_seconds=8)
ASKED = Asked("web", NOW_MS, NOW_MS + 60_000)


def _after(status: OutcomeStatus, code: str = "", refusals: int = 0) -> Asked:
    action = EvictPod(namespace="shop", name="web", uid="u", reason="")
    outcome = Outcome(action, status, NOW_MS, code)
    asked = {"u": Asked("web", NOW_MS, NOW_MS + 60_000, refusals)}
    return heed(asked, [outcome], POLICY)["u"]


def test_what_was_granted_is_not_asked_again_however_long_the_watch_hangs() -> None:
    assert _after("done").again_ms > NOW_MS + 1_000_000_000
    assert not _after("done").is_refused


def test_what_is_gone_already_is_looked_at_again_later() -> None:
    assert _after("precondition_failed", "404") == ASKED


@pytest.mark.parametrize(("refusals", "pause_ms"), [(0, 1000), (1, 2000), (2, 4000), (9, 8000)])
def test_a_refusal_is_retried_ever_more_slowly_up_to_a_bound(refusals: int, pause_ms: int) -> None:
    after = _after("refused", "429", refusals)
    assert after.again_ms == NOW_MS + pause_ms
    assert after.refusals == refusals + 1


@pytest.mark.parametrize(
    ("status", "code", "is_by_budget"),
    [
        pytest.param("refused", "429", True, id="the budget allows none"),
        pytest.param("refused", "500", True, id="two budgets"),
        pytest.param("refused", "ArbitrationLost", False, id="another controller's pod"),
        pytest.param("failed", "503", False, id="a fault of the API"),
    ],
)
def test_only_a_budgets_refusal_may_be_overruled_later(
    status: OutcomeStatus, code: str, is_by_budget: bool
) -> None:
    after = _after(status, code)
    assert after.is_refused
    assert after.is_by_budget is is_by_budget
