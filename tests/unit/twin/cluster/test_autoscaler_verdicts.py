"""An autoscaler says why it acts and why it does not, once for every change of mind."""

from __future__ import annotations

import pytest

from kingtide.controlplane.hpa.model import HpaCondition, HpaOutcome, HpaSpec, HpaState
from kingtide.twin.cluster.autoscaler_verdicts import PHRASES, report_of

SPEC = HpaSpec("shop", "api", 20, (), 5)


def told(
    *, wanted: int | None, desired: int = 10, limited: str = "", able: str = "", error: str = ""
) -> str:
    conditions = []
    if limited:
        conditions.append(HpaCondition("ScalingLimited", "True", limited, "", 0))
    if able:
        conditions.append(HpaCondition("AbleToScale", "True", able, "", 0))
    outcome = HpaOutcome(
        current_replicas=10,
        desired_replicas=desired,
        rescaled=desired != 10,
        state=HpaState(conditions=tuple(conditions)),
        recommended_replicas=wanted,
        error=error,
    )
    (verdict,) = report_of("shop/api", 10, SPEC, outcome).verdicts
    assert verdict.subject == "deployment/shop/api"
    return PHRASES.tell(verdict)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(
            {"wanted": 14, "desired": 14},
            "shop/api goes from 10 to 14 replicas (no utilization known)",
            id="rescaled",
        ),
        pytest.param(
            {"wanted": 30, "desired": 20, "limited": "TooManyReplicas"},
            "shop/api goes from 10 to 20 replicas (no utilization known), its maximum; the metrics"
            " ask for 30",
            id="rescaled to the maximum",
        ),
        pytest.param(
            {"wanted": 6, "able": "ScaleDownStabilized"},
            "shop/api stays at 10 replicas (no utilization known): the metrics ask for 6, but"
            " stabilisation holds to what was recommended before",
            id="held by stabilisation",
        ),
        pytest.param(
            {"wanted": 30, "limited": "TooManyReplicas"},
            "shop/api stays at its maximum of 20 replicas (no utilization known); the metrics ask"
            " for 30",
            id="at its maximum",
        ),
        pytest.param(
            {"wanted": 3, "limited": "TooFewReplicas"},
            "shop/api stays at its minimum of 5 replicas (no utilization known)",
            id="at its minimum",
        ),
        pytest.param(
            {"wanted": 12, "limited": "ScaleUpLimit"},
            "shop/api stays at 10 replicas (no utilization known): its behaviour allows no more"
            " change now",
            id="limited by its behaviour",
        ),
        pytest.param(
            {"wanted": 10},
            "shop/api stays at 10 replicas (no utilization known): the metrics ask for as many",
            id="satisfied",
        ),
        pytest.param(
            {"wanted": None, "error": "no metrics"},
            "shop/api is left at 10 replicas: no metrics",
            id="without metrics",
        ),
    ],
)
def test_every_outcome_has_its_sentence(given: dict[str, object], expected: str) -> None:
    assert told(**given) == expected  # type: ignore[arg-type]  # a table of keyword arguments
