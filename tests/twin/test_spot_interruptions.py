"""A whole world loses 30 % of its spot nodes at once, with and without the controller."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

import pytest

from kingtide.control.action import EvictPod
from kingtide.control.message_actions import AcknowledgeMessage
from kingtide.control.node_actions import DeletePod
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy
from kingtide.kube.labels import LabelSelector
from kingtide.kube.workloads import PodDisruptionBudget
from kingtide.roster.registry import ControllerRun
from kingtide.twin.audit import Write
from kingtide.twin.latencies import constant
from kingtide.twin.world import World
from tests.twin.worlds import (
    MINUTE_MS,
    START_MS,
    application,
    available,
    definition,
    group,
    pause,
    replicas,
    run_for,
)

NODES = 20
CORES = 16 * NODES
RECLAIMED_AT_MS = START_MS + 5 * MINUTE_MS
NOTICE_MS = 120_000
SHARE_PER_MILLION = 300_000
APPLICATIONS = ("high", "default", "low")


def _budget(app: str, max_unavailable: str) -> PodDisruptionBudget:
    selector = LabelSelector(match_labels=(("app", app),))
    return PodDisruptionBudget("test", app, selector, max_unavailable=max_unavailable)


def _world(
    *, handled: bool = True, seed: int = 1, high_unavailable: str = "20%", **settings: int
) -> World:
    """20 nodes, 72 % requested, of which 30 % is of low priority, and 20 % pause pods."""
    start = constant(45_000, "a slow start")
    runs = [ControllerRun("nodeAutoscaling", NodeAutoscalingPolicy())]
    if handled:
        runs.append(ControllerRun("spotInterruption", SpotInterruptionPolicy(**settings)))  # type: ignore[arg-type]  # settings by name
    return World(
        definition(
            application("high", CORES // 4, priority=5, ready_after_ms=start),
            application("default", CORES // 4, ready_after_ms=start),
            application("low", CORES * 22 // 100, priority=-5, ready_after_ms=start),
            pause(CORES // 10),
            groups=[group("spot", NODES, spot=True)],
            disruption_budgets=(_budget("high", high_unavailable),),
            seed=seed,
            controllers=tuple(runs),
        )
    )


def _reclaim(
    world: World, each_second: Callable[[int], None] = lambda second: None
) -> Mapping[str, int]:
    """Reclaim 30 % and return for how many seconds each application was more than 20 % short."""
    run_for(world, RECLAIMED_AT_MS - world.engine.now_ms)
    taken = world.cloud.reclaim_share(world.cloud.all_pools(), SHARE_PER_MILLION)
    assert len(taken) in (6, 7)
    short: Counter[str] = Counter()
    for second in range(400):
        run_for(world, 1000)
        each_second(second)
        for app in APPLICATIONS:
            short[app] += 5 * available(world, app) < 4 * replicas(world, app)
    return short


def _ours(world: World) -> list[Write]:
    return [it for it in world.process.audit.writes if it.controller == "spot_interruption"]


@pytest.fixture(scope="module")
def reclaimed() -> tuple[World, Mapping[str, int]]:
    world = _world(evictions_per_second=20)
    return world, _reclaim(world)


def test_every_message_is_acknowledged(reclaimed: tuple[World, Mapping[str, int]]) -> None:
    world, _ = reclaimed
    acknowledged = [it for it in _ours(world) if isinstance(it.action, AcknowledgeMessage)]
    assert len(acknowledged) >= 6
    assert world.queue.inbox == ()
    assert world.cloud.queue.expired == 0


def test_no_pod_is_evicted_twice(reclaimed: tuple[World, Mapping[str, int]]) -> None:
    world, _ = reclaimed
    gone = Counter(
        it.action.uid
        for it in _ours(world)
        if isinstance(it.action, EvictPod | DeletePod) and it.outcome.status == "done"
    )
    assert len(gone) > 30
    assert set(gone.values()) == {1}


def test_evictions_keep_their_pace(reclaimed: tuple[World, Mapping[str, int]]) -> None:
    world, _ = reclaimed
    times = [it.at_ms for it in _ours(world) if isinstance(it.action, EvictPod | DeletePod)]
    assert max(sum(at <= it < at + 1000 for it in times) for at in times) <= 20


def test_a_budget_gives_way_in_the_last_thirty_seconds_only_and_that_is_reported() -> None:
    world = _world(high_unavailable="0")
    _reclaim(world)
    late_ms = RECLAIMED_AT_MS + NOTICE_MS - 30_000
    deletions = [it for it in _ours(world) if isinstance(it.action, DeletePod)]
    assert deletions
    assert all(it.at_ms >= late_ms for it in deletions)
    reported = [
        verdict.subject
        for entry in world.journal.decisions
        for verdict in entry.report.verdicts
        if verdict.code == "DeletedBelowBudget"
    ]
    assert len(reported) == len(deletions)


def test_high_priority_is_never_short_of_its_demand(
    reclaimed: tuple[World, Mapping[str, int]],
) -> None:
    """With 20 % headroom demand is 80 % of the replicas; the issue allows 15 s and 60 s."""
    _, short = reclaimed
    assert short["high"] <= 2
    assert short["default"] <= 10


def test_without_the_controller_both_are_short_for_most_of_a_minute() -> None:
    short = _reclaim(_world(handled=False))
    assert short["high"] >= 30
    assert short["default"] >= 30


def test_one_that_is_killed_in_the_middle_does_as_well() -> None:
    world = _world()

    def kill(second: int) -> None:
        if second in (3, 12, 64):
            world.process.kill(3_000)

    short = _reclaim(world, kill)
    assert short["high"] <= 15
    assert short["default"] <= 60
    assert world.queue.inbox == ()
    gone = Counter(
        it.action.uid
        for it in _ours(world)
        if isinstance(it.action, EvictPod) and it.outcome.status == "done"
    )
    assert set(gone.values()) == {1}


def test_the_same_night_again_is_the_same_to_the_last_event() -> None:
    first, second = _world(seed=7), _world(seed=7)
    assert _reclaim(first) == _reclaim(second)
    assert first.trace_hash == second.trace_hash


ONE = LabelSelector(match_labels=(("app", "one"),))


@pytest.mark.parametrize(
    "budget",
    [
        pytest.param(
            PodDisruptionBudget("test", "one", ONE, min_available="1"), id="one has to be there"
        ),
        pytest.param(
            PodDisruptionBudget("test", "one", ONE, max_unavailable="0"), id="none may ever leave"
        ),
    ],
)
def test_a_single_pod_that_cannot_be_missed_is_never_missing(budget: PodDisruptionBudget) -> None:
    start = constant(20_000, "a start")
    world = World(
        definition(
            application("one", 1, ready_after_ms=start),
            groups=[group("spot", 3, spot=True)],
            disruption_budgets=(budget,),
            controllers=(ControllerRun("spotInterruption", SpotInterruptionPolicy()),),
        )
    )
    run_for(world, 2 * MINUTE_MS)
    (pod,) = [it for it in world.store.pods.values() if it.labels.get("app") == "one"]
    instance_id = world.store.nodes[pod.node_name].instance_id
    assert world.cloud.reclaim([instance_id]) == [instance_id]
    for _ in range(110):
        run_for(world, 1000)
        assert available(world, "one") >= 1
    run_for(world, 2 * MINUTE_MS)
    assert replicas(world, "one") == available(world, "one") == 1
    deletions = [it for it in _ours(world) if isinstance(it.action, DeletePod)]
    assert len(deletions) == (budget.max_unavailable == "0")
    assert pod.uid not in world.store.pods
