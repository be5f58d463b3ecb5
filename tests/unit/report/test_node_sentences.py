"""Actions on nodes, and on pods that end with them, as sentences."""

from typing import Any

import pytest

from kingtide.control.claims import CapacityClaim, DisruptionClaim
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
from kingtide.report.action_sentences import action_text
from kingtide.report.node_sentences import NodeAction

AT: dict[str, Any] = {"node": "n-1", "node_uid": "u", "reason": "ill"}
OWN = DisruptionClaim("ondemand_reclaim", "Degraded", 1_000)
RESTING = DisruptionClaim("ondemand_reclaim", "Expired", 1_000, attempt=2, not_before_ms=9_000)
ACTIONS: tuple[tuple[NodeAction, str], ...] = (
    (Cordon(**AT), "asked to cordon n-1: ill"),
    (Uncordon(**AT), "asked to uncordon n-1: ill"),
    (SetNodeLabel(**AT, key="out", value="kt"), "asked to label n-1 with out=kt: ill"),
    (SetNodeLabel(**AT, key="out", value=None), "asked to take the label out off n-1: ill"),
    (
        ClaimDisruption(**AT, claim=OWN),
        "asked to leave the emptying of n-1 to ondemand_reclaim (Degraded): ill",
    ),
    (
        ClaimDisruption(**AT, claim=OWN, displaces="node_autoscaling"),
        (
            "asked to leave the emptying of n-1 to ondemand_reclaim instead of node_autoscaling"
            " (Degraded): ill"
        ),
    ),
    (
        ClaimDisruption(**AT, claim=RESTING),
        "asked to leave the emptying of n-1 later to ondemand_reclaim (Expired, attempt 2): ill",
    ),
    (
        ReleaseDisruption(**AT, by="ondemand_reclaim"),
        "asked to end the claim of ondemand_reclaim to empty n-1: ill",
    ),
    (
        ClaimCapacity(**AT, claim=CapacityClaim("ondemand_reclaim", 1_000, lifecycle="spot")),
        "asked for spot capacity in place of n-1, for ondemand_reclaim: ill",
    ),
    (
        ClaimCapacity(**AT, claim=CapacityClaim("spot_interruption", 1_000)),
        "asked for capacity in place of n-1, for spot_interruption: ill",
    ),
    (
        ReleaseCapacity(**AT, by="spot_interruption"),
        "asked to end the claim of spot_interruption to capacity in place of n-1: ill",
    ),
    (
        DeletePod(namespace="shop", name="api-7", uid="u", grace_seconds=1, reason="it ends"),
        "asked to delete shop/api-7 within 1 second, whatever its disruption budget says: it ends",
    ),
)


@pytest.mark.parametrize(("action", "text"), ACTIONS, ids=lambda it: type(it).__name__)
def test_an_action_on_a_node_is_told_in_a_sentence(action: NodeAction, text: str) -> None:
    assert action_text(action) == text
