"""An action becomes the same in the twin, in process, as through live and the twin's API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from kingtide.control.action import Action, AddTaint, EvictPod, PatchScale, RemoveTaint
from kingtide.control.claims import DISRUPTION_CLAIM, CapacityClaim, DisruptionClaim, write_claim
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
from kingtide.control.outcome import Outcome
from kingtide.control.workload_actions import (
    AnnotateWorkload,
    ScaleDeployment,
    SetDisruptionBudget,
    SetMinReplicas,
)
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod
from kingtide.kube.taints import Taint
from kingtide.kube.workloads import PodDisruptionBudget
from kingtide.live.kubernetes.connection import cluster_connection
from kingtide.live.kubernetes.performing.api import Api
from kingtide.live.kubernetes.performing.performer import KubernetesPerformer
from kingtide.live.kubernetes.performing.write_rate import WriteRate
from kingtide.rehearsal.prepare import prepare
from kingtide.twin.cluster.store import Store
from kingtide.twin.seams import Seams
from kingtide.twin.world import World
from tests.served_world import ServedWorld, served_world
from tests.small_rehearsal import write_small

pytest.importorskip("kingtide.twin.apiserver.writes", reason="the API only reads so far")

LIVED_SECONDS = 60
OURS = DisruptionClaim("spot_interruption", "Interrupted", 5_000)
THEIRS = DisruptionClaim("ondemand_reclaim", "Expired", 3_000)
BUDGET = PodDisruptionBudget(
    "default",
    "web",
    LabelSelector((("app", "web"),)),
    disruptions_allowed=0,
    min_available="100%",
    current_healthy=6,
    desired_healthy=6,
    expected_pods=6,
    uid="uid-of-budget",
)


class InProcess:
    """A world with the door that its controllers have."""

    def __init__(self, folder: Path) -> None:
        self._performs: list[Callable[[Action], Outcome]] = []
        definition = prepare(write_small(folder)).definition
        self.world = World(definition, Seams(performer=self._keep))
        self.world.run_until(definition.start_ms + 1000 * LIVED_SECONDS)
        self.world.store.put_disruption_budget(BUDGET)

    def _keep(self, perform: Callable[[Action], Outcome]) -> Callable[[Action], Outcome]:
        self._performs.append(perform)
        return perform

    def perform(self, actions: Sequence[Action]) -> list[Outcome]:
        return [self._performs[0](it) for it in actions]


class OverHttp:
    """The same world behind its API, with the door that a live process has."""

    def __init__(self, served: ServedWorld, folder: Path) -> None:
        self._served = served
        self._kubeconfig = served.write_kubeconfig(folder)
        served.call(lambda: served.world.store.put_disruption_budget(BUDGET))

    def perform(self, actions: Sequence[Action]) -> list[Outcome]:
        async def run() -> list[Outcome]:
            async with cluster_connection(self._kubeconfig) as client:
                performer = KubernetesPerformer(Api(client, WriteRate()))
                return [await performer.perform(it) for it in actions]

        return asyncio.run(run())

    def perform_at_once(self, actions: Sequence[Action]) -> list[Outcome]:
        async def run() -> list[Outcome]:
            async with cluster_connection(self._kubeconfig) as client:
                performer = KubernetesPerformer(Api(client, WriteRate()))
                return await asyncio.gather(*(performer.perform(it) for it in actions))

        return asyncio.run(run())

    def seen(self) -> dict[str, Any]:
        return self._served.call(lambda: seen(self._served.world.store))


@pytest.fixture(scope="module")
def in_process(tmp_path_factory: pytest.TempPathFactory) -> InProcess:
    return InProcess(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def over_http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OverHttp]:
    with served_world(tmp_path_factory.mktemp("small"), run_seconds=LIVED_SECONDS) as it:
        yield OverHttp(it, tmp_path_factory.mktemp("kubeconfig"))


def seen(store: Store) -> dict[str, Any]:
    """Return what actions change of a store."""
    return {
        "nodes": {
            it.name: (it.taints, it.labels, dict(it.annotations), it.unschedulable)
            for it in store.nodes.values()
        },
        "deployments": {
            it.key: (it.replicas, dict(it.annotations)) for it in store.deployments.values()
        },
        "autoscalers": {
            it.key: (it.min_replicas, dict(it.annotations)) for it in store.autoscalers.values()
        },
        "budgets": {
            it.key: (it.min_available, dict(it.annotations))
            for it in store.disruption_budgets.values()
        },
        "pods": {it.uid: (it.deletion_ms, it.deletion_grace_seconds) for it in store.pods.values()},
    }


def on_node(store: Store, number: int = 0) -> dict[str, Any]:
    node: Node = [*store.nodes.values()][number]
    return {"node": node.name, "node_uid": node.uid, "reason": "r"}


def on_pod(store: Store, label: str, number: int = 0) -> dict[str, Any]:
    pods: list[Pod] = [it for it in store.pods.values() if it.labels.get("app") == label]
    it = pods[number]
    return {"namespace": it.namespace, "name": it.name, "uid": it.uid, "reason": "r"}


def web(store: Store) -> dict[str, Any]:
    it = store.deployments["default/web"]
    return {"namespace": "default", "name": "web", "uid": it.uid, "reason": "r"}


def replicas_of(store: Store) -> int:
    return store.deployments["default/web"].replicas


def scaled(name: str, expected: int, replicas: int) -> PatchScale:
    return PatchScale(
        namespace="default", name=name, replicas=replicas, expected_replicas=expected, reason="r"
    )


def on_autoscaler(store: Store) -> dict[str, Any]:
    it = next(iter(store.autoscalers.values()))
    return {"namespace": it.namespace, "name": it.name, "uid": it.uid, "reason": "r"}


def least(store: Store) -> int | None:
    return next(iter(store.autoscalers.values())).min_replicas


GONE: dict[str, Any] = {"node": "no-such-node", "node_uid": "u", "reason": "r"}
BUDGETED: dict[str, Any] = {
    "namespace": "default", "name": "web", "uid": "uid-of-budget", "reason": "r",
}  # fmt: skip
Scenario = tuple[Callable[[Store], Sequence[Action]], tuple[str, ...]]

NODE_SCENARIOS: dict[str, Scenario] = {
    "cordon twice, uncordon, and of no node": (
        lambda s: [
            Cordon(**on_node(s)), Cordon(**on_node(s)), Uncordon(**on_node(s)), Cordon(**GONE),
        ],
        ("done", "done", "done", "precondition_failed 404"),
    ),
    "a taint comes, is replaced, and goes": (
        lambda s: [
            AddTaint(taint=Taint("a", "NoSchedule", "1"), **on_node(s)),
            AddTaint(taint=Taint("a", "NoSchedule", "2"), **on_node(s)),
            AddTaint(taint=Taint("b", "NoExecute"), **on_node(s, 1)),
            RemoveTaint(key="a", effect="NoSchedule", **on_node(s)),
            RemoveTaint(key="a", effect="NoSchedule", **on_node(s)),
        ],
        ("done",) * 5,
    ),
    "labels are set and removed": (
        lambda s: [
            SetNodeLabel(key="kingtide.dev/x", value="1", **on_node(s)),
            SetNodeLabel(key="kingtide.dev/x", value="2", **on_node(s)),
            SetNodeLabel(key="kingtide.dev/y", value="3", **on_node(s)),
            SetNodeLabel(key="kingtide.dev/y", value=None, **on_node(s)),
        ],
        ("done",) * 4,
    ),
    "a node is one claimant's until it is displaced": (
        lambda s: [
            ClaimDisruption(claim=THEIRS, **on_node(s)),
            ClaimCapacity(claim=CapacityClaim("ondemand_reclaim", 3_000), **on_node(s)),
            ClaimCapacity(claim=CapacityClaim("spot_interruption", 5_000), **on_node(s)),
            ClaimDisruption(claim=OURS, **on_node(s)),
            ClaimDisruption(claim=OURS, displaces="ondemand_reclaim", **on_node(s)),
            ClaimCapacity(claim=CapacityClaim("spot_interruption", 5_000), **on_node(s)),
            ReleaseDisruption(by="ondemand_reclaim", **on_node(s)),
            ReleaseCapacity(by="spot_interruption", **on_node(s)),
            ReleaseDisruption(by="spot_interruption", **on_node(s)),
            ClaimDisruption(claim=THEIRS, **on_node(s)),
        ],
        (
            "done", "done", "precondition_failed Claimed", "precondition_failed Claimed", "done",
            "done", "precondition_failed Claimed", "done", "done", "done",
        ),
    ),
}  # fmt: skip
"""Those that need nothing but two Nodes."""

SCENARIOS: dict[str, Scenario] = NODE_SCENARIOS | {
    "pods are evicted and deleted by uid": (
        lambda s: [
            EvictPod(**on_pod(s, "worker")),
            EvictPod(**on_pod(s, "worker", 1), grace_seconds=7),
            DeletePod(**on_pod(s, "worker", 2), grace_seconds=3),
            EvictPod(**{**on_pod(s, "worker", 3), "uid": "another"}),
            DeletePod(**{**on_pod(s, "worker", 3), "uid": "another"}, grace_seconds=3),
            EvictPod(**{**on_pod(s, "worker", 3), "name": "no-such-pod"}),
        ],
        (*("done",) * 3, *("precondition_failed 404",) * 3),
    ),
    "a budget that is spent refuses": (
        lambda s: [EvictPod(**on_pod(s, "web"))],
        ("refused 429",),
    ),
    "a scale is set if it is as expected": (
        lambda s: [
            scaled("web", replicas_of(s), 9),
            scaled("web", replicas_of(s), 8),
            scaled("no-such-deployment", 6, 8),
        ],
        ("done", "precondition_failed 409", "failed 404"),
    ),
    "a workload is sized and annotated in one": (
        lambda s: [
            ScaleDeployment(
                replicas=4, expected_replicas=replicas_of(s),
                annotations=(("downscaler/original-replicas", "6"),), **web(s),
            ),
            ScaleDeployment(replicas=6, expected_replicas=3, **web(s)),
            ScaleDeployment(replicas=6, expected_replicas=4, **{**web(s), "uid": "another"}),
            AnnotateWorkload(
                kind="Deployment", annotations=(("downscaler/original-replicas", None),),
                expected=(("downscaler/original-replicas", "6"),), **web(s),
            ),
        ],
        ("done", "precondition_failed 409", "precondition_failed 404", "done"),
    ),
    "a floor and a budget are moved": (
        lambda s: [
            SetMinReplicas(min_replicas=2, expected_min_replicas=least(s), **on_autoscaler(s)),
            SetMinReplicas(min_replicas=3, expected_min_replicas=50, **on_autoscaler(s)),
            SetDisruptionBudget(
                field="minAvailable", amount="0", expected_amount="100%", **BUDGETED,
                annotations=(("a", "b"),),
            ),
            SetDisruptionBudget(
                field="minAvailable", amount="0", expected_amount="100%", **BUDGETED
            ),
        ],
        ("done", "precondition_failed 409", "done", "precondition_failed 409"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("actions_on", "expected"), SCENARIOS.values(), ids=SCENARIOS)
def test_actions_become_the_same(
    actions_on: Callable[[Store], Sequence[Action]],
    expected: tuple[str, ...],
    in_process: InProcess,
    over_http: OverHttp,
) -> None:
    actions = actions_on(in_process.world.store)
    inside, outside = in_process.perform(actions), over_http.perform(actions)
    assert [f"{it.status} {it.code}".strip() for it in inside] == [*expected]
    assert [f"{it.status} {it.code}".strip() for it in outside] == [*expected], outside
    assert over_http.seen() == seen(in_process.world.store)


def test_of_many_who_claim_a_node_at_once_one_gets_it(
    in_process: InProcess, over_http: OverHttp
) -> None:
    on = on_node(in_process.world.store, 2)
    claims = [DisruptionClaim(f"claimant-{number}", "Expired", 1) for number in range(8)]
    became = over_http.perform_at_once([ClaimDisruption(claim=it, **on) for it in claims])
    assert sorted(f"{it.status} {it.code}".strip() for it in became) == [
        "done",
        *("precondition_failed Claimed",) * 7,
    ]
    winner = next(it.action for it in became if it.status == "done")
    assert isinstance(winner, ClaimDisruption)
    _, _, annotations, _ = over_http.seen()["nodes"][on["node"]]
    assert annotations[DISRUPTION_CLAIM] == write_claim(winner.claim)
    released = [ReleaseDisruption(by=winner.claim.by, **on)]
    assert [it.status for it in over_http.perform(released)] == ["done"]
