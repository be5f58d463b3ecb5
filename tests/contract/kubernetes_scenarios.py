"""What controllers do to a cluster, in small plays, and what has to become of each action."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kingtide.control.action import Action, AddTaint, EvictPod, PatchScale, RemoveTaint
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
from kingtide.control.workload_actions import (
    AnnotateWorkload,
    ScaleDeployment,
    SetDisruptionBudget,
    SetMinReplicas,
)
from kingtide.kube.taints import Taint
from tests.contract.kubernetes_cast import FLOOR, REPLICAS, Cast

OURS = DisruptionClaim("spot_interruption", "Interrupted", 5_000)
THEIRS = DisruptionClaim("ondemand_reclaim", "Expired", 3_000)


def on_node(cast: Cast, number: int = 0) -> dict[str, Any]:
    node = cast.nodes[number]
    return {"node": node.name, "node_uid": node.uid, "reason": "r"}


def on_pod(cast: Cast, app: str, number: int = 0) -> dict[str, Any]:
    return on(cast.pods[f"{app}-{number}"])


def on(it: Any) -> dict[str, Any]:
    return {"namespace": it.namespace, "name": it.name, "uid": it.uid, "reason": "r"}


def scaled(cast: Cast, name: str, expected: int, replicas: int) -> PatchScale:
    return PatchScale(
        namespace=cast.prefix, name=name, replicas=replicas, expected_replicas=expected, reason="r"
    )


GONE: dict[str, Any] = {"node": "no-such-node", "node_uid": "u", "reason": "r"}
Scenario = tuple[Callable[[Cast], Sequence[Action]], tuple[str, ...]]
"""What is done, one after the other, and what becomes of each."""

SCENARIOS: dict[str, Scenario] = {
    "cordon twice, uncordon, cordon another, and none": (
        lambda c: [
            Cordon(**on_node(c)), Cordon(**on_node(c)), Uncordon(**on_node(c)),
            Cordon(**on_node(c, 1)), Cordon(**GONE),
        ],
        ("done", "done", "done", "done", "precondition_failed 404"),
    ),
    "a taint comes, is replaced, and goes": (
        lambda c: [
            AddTaint(taint=Taint("a", "NoSchedule", "1"), **on_node(c)),
            AddTaint(taint=Taint("a", "NoSchedule", "2"), **on_node(c)),
            AddTaint(taint=Taint("b", "NoExecute"), **on_node(c, 1)),
            RemoveTaint(key="a", effect="NoSchedule", **on_node(c)),
            RemoveTaint(key="a", effect="NoSchedule", **on_node(c)),
        ],
        ("done",) * 5,
    ),
    "labels are set and removed": (
        lambda c: [
            SetNodeLabel(key="kingtide.dev/x", value="1", **on_node(c)),
            SetNodeLabel(key="kingtide.dev/x", value="2", **on_node(c)),
            SetNodeLabel(key="kingtide.dev/y", value="3", **on_node(c)),
            SetNodeLabel(key="kingtide.dev/y", value=None, **on_node(c)),
        ],
        ("done",) * 4,
    ),
    "a node is one claimant's until it is displaced": (
        lambda c: [
            ClaimDisruption(claim=THEIRS, **on_node(c)),
            ClaimCapacity(claim=CapacityClaim("ondemand_reclaim", 3_000), **on_node(c)),
            ClaimCapacity(claim=CapacityClaim("spot_interruption", 5_000), **on_node(c)),
            ClaimDisruption(claim=OURS, **on_node(c)),
            ClaimDisruption(claim=OURS, displaces="ondemand_reclaim", **on_node(c)),
            ClaimCapacity(claim=CapacityClaim("spot_interruption", 5_000), **on_node(c)),
            ReleaseDisruption(by="ondemand_reclaim", **on_node(c)),
            ReleaseCapacity(by="spot_interruption", **on_node(c)),
            ReleaseDisruption(by="spot_interruption", **on_node(c)),
            ClaimDisruption(claim=THEIRS, **on_node(c)),
        ],
        (
            "done", "done", "precondition_failed Claimed", "precondition_failed Claimed", "done",
            "done", "precondition_failed Claimed", "done", "done", "done",
        ),
    ),
    "pods are evicted and deleted by uid": (
        lambda c: [
            EvictPod(**on_pod(c, "worker")),
            EvictPod(**on_pod(c, "worker", 1), grace_seconds=7),
            DeletePod(**on_pod(c, "worker", 2), grace_seconds=3),
            EvictPod(**{**on_pod(c, "worker", 3), "uid": "another"}),
            DeletePod(**{**on_pod(c, "worker", 3), "uid": "another"}, grace_seconds=3),
            EvictPod(**{**on_pod(c, "worker", 3), "name": "no-such-pod"}),
        ],
        (*("done",) * 3, *("precondition_failed 404",) * 3),
    ),
    "a budget that is spent refuses": (
        lambda c: [EvictPod(**on_pod(c, "web"))],
        ("refused 429",),
    ),
    "a scale is set if it is as expected": (
        lambda c: [
            scaled(c, "web", REPLICAS, 9),
            scaled(c, "web", REPLICAS, 8),
            scaled(c, "no-such-deployment", 6, 8),
        ],
        ("done", "precondition_failed 409", "failed 404"),
    ),
    "a workload is sized and annotated in one": (
        lambda c: [
            ScaleDeployment(
                replicas=4, expected_replicas=REPLICAS,
                annotations=(("downscaler/original-replicas", "6"),), **on(c.deployment),
            ),
            ScaleDeployment(replicas=6, expected_replicas=3, **on(c.deployment)),
            ScaleDeployment(
                replicas=6, expected_replicas=4, **{**on(c.deployment), "uid": "another"}
            ),
            AnnotateWorkload(
                kind="Deployment", annotations=(("downscaler/original-replicas", None),),
                expected=(("downscaler/original-replicas", "6"),), **on(c.deployment),
            ),
        ],
        ("done", "precondition_failed 409", "precondition_failed 404", "done"),
    ),
    "a floor and a budget are moved": (
        lambda c: [
            SetMinReplicas(min_replicas=2, expected_min_replicas=FLOOR, **on(c.autoscaler)),
            SetMinReplicas(min_replicas=3, expected_min_replicas=50, **on(c.autoscaler)),
            SetDisruptionBudget(
                field="minAvailable", amount="0", expected_amount="100%", **on(c.budget),
                annotations=(("a", "b"),),
            ),
            SetDisruptionBudget(
                field="minAvailable", amount="0", expected_amount="100%", **on(c.budget)
            ),
        ],
        ("done", "precondition_failed 409", "done", "precondition_failed 409"),
    ),
}  # fmt: skip
