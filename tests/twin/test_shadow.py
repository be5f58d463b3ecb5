"""A shadow beside another autoscaler in the twin: what it estimates is what ours really do.

The other is node autoscaling itself, with the same rules or with worse ones, so that there is a
truth to hold the scoreboard against: the same evening with ours in charge.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
import pytest
from msgspec.structs import replace

from kingtide.operate.shadowing.deciding.shadow import Shadow
from kingtide.operate.shadowing.scoring.board import Board
from kingtide.rehearsal.prepare import prepare
from kingtide.roster.registry import ControllerRun
from kingtide.twin.definition import WorldDefinition
from kingtide.twin.world import World
from tests.small_rehearsal import SCENARIO, with_lines, write_small

MINUTES = 80
EVENING = with_lines(
    SCENARIO,
    ("hpa: {target: 0.7}", "hpa: {target: 0.7, downscaleStabilization: 1m}"),
    ("duration: 20m", f"duration: {MINUTES}m"),
    ('  cloud:\n    outages: [{lifecycle: spot, from: "20:15", until: "20:18"}]\n', ""),
)
DEMAND = """\
time,cores
20:00:00,4
20:03:00,4
20:04:00,14
20:12:00,30
20:25:00,30
20:26:00,4
20:40:00,4
20:41:00,40
20:52:00,40
20:53:00,4
21:19:00,4
"""
HANDICAP_SECONDS = 60
LATER_SECONDS = 300


class Evening(NamedTuple):
    """An evening's scoreboard and the trace of the world that it was kept of."""

    board: Board
    trace_hash: str
    writes: int


def with_policy(definition: WorldDefinition, **changes: Any) -> WorldDefinition:
    def changed(run: ControllerRun) -> ControllerRun:
        if run.key != "nodeAutoscaling":
            return run
        policy: Any = run.policy
        down = {key: it for key, it in changes.items() if hasattr(policy.scale_down, key)}
        own = {key: it for key, it in changes.items() if key not in down}
        scale_down = replace(policy.scale_down, **down)
        return replace(run, policy=replace(policy, **own, scale_down=scale_down))

    return replace(definition, controllers=tuple(map(changed, definition.controllers)))


def shadowed(definition: WorldDefinition, ours: tuple[ControllerRun, ...] | None = None) -> Evening:
    """Play an evening with a shadow of `ours` beside it, or alone."""
    world = World(definition)
    start_ms, now_ms = definition.start_ms, definition.start_ms
    world.run_until(start_ms)
    cluster = world.watch.index
    name = definition.cluster_name
    shadow = Shadow(
        cluster,
        world.cloud.view,
        Board(name, "Europe/Paris", start_ms, start_ms),
        ours or (),
        (),
        world.cloud.prices.micro_usd_per_hour,
    )
    shadow.begin(now_ms)
    arrivals = cluster.unschedulable_arrivals
    while now_ms < start_ms + MINUTES * 60_000:
        world.run_until(now_ms)
        if cluster.unschedulable_arrivals > arrivals:
            arrivals = cluster.unschedulable_arrivals
            shadow.wake(("unschedulable_pods",), now_ms)
        if ours is not None:
            shadow.look(now_ms)
        now_ms += 500
    board = shadow.end(now_ms) if ours is not None else shadow.board
    return Evening(board, world.trace_hash, len(tuple(world.process.audit.writes)))


@pytest.fixture(scope="module")
def definition(tmp_path_factory: pytest.TempPathFactory) -> WorldDefinition:
    folder = tmp_path_factory.mktemp("fleet")
    return prepare(write_small(folder, scenario=EVENING, demand=DEMAND)).definition


@pytest.fixture(scope="module")
def even(definition: WorldDefinition) -> Evening:
    return shadowed(definition, definition.controllers)


@pytest.fixture(scope="module")
def slow_to_raise(definition: WorldDefinition) -> Evening:
    worse = with_policy(definition, new_pod_scale_up_delay_seconds=HANDICAP_SECONDS)
    return shadowed(worse, definition.controllers)


@pytest.fixture(scope="module")
def slow_to_remove(definition: WorldDefinition) -> Evening:
    worse = with_policy(definition, unneeded_seconds=300 + LATER_SECONDS)
    return shadowed(worse, definition.controllers)


def test_a_shadow_changes_nothing_in_the_world_beside_it(
    definition: WorldDefinition, even: Evening
) -> None:
    alone = shadowed(definition)
    assert even.trace_hash == alone.trace_hash
    assert even.writes == alone.writes > 0


def test_the_same_observations_make_the_same_scoreboard(
    definition: WorldDefinition, even: Evening
) -> None:
    again = shadowed(definition, definition.controllers)
    assert msgspec.json.encode(again.board) == msgspec.json.encode(even.board)


def test_against_its_own_rules_the_score_is_even(even: Evening) -> None:
    ours, observed = even.board.ours, even.board.observed
    assert observed.requested == ours.both >= 5
    assert ours.alone == ours.theirs_alone == ours.taken_back == 0
    leads = [it.lead_ms for it in even.board.raises]
    assert all(it is not None and abs(it) <= 2_000 for it in leads)
    assert observed.removed == ours.removed_both + ours.removed_later >= 5
    # A removal is a matter of whose scan comes first: ten seconds each way.
    assert all(abs(it.lead_ms or 0) <= 10_000 for it in even.board.removals)
    changed = ours.micro_usd_raises + ours.micro_usd_removals
    assert abs(changed) <= observed.micro_usd // 200


def test_ours_lead_by_how_much_later_the_other_asks(slow_to_raise: Evening) -> None:
    board = slow_to_raise.board
    assert board.ours.both >= 5
    leads = [it.lead_ms or 0 for it in board.raises]
    assert all(abs(it - 1000 * HANDICAP_SECONDS) <= 2_000 for it in leads)


def test_the_estimate_of_waiting_claims_no_more_than_ours_really_save(
    slow_to_raise: Evening, even: Evening
) -> None:
    truly = slow_to_raise.board.observed.waiting_pod_ms - even.board.observed.waiting_pod_ms
    estimated = slow_to_raise.board.ours.waiting_pod_ms
    assert truly // 2 <= estimated <= truly


def test_ours_lead_by_how_much_later_the_other_removes(slow_to_remove: Evening) -> None:
    board = slow_to_remove.board
    leads = [it.lead_ms or 0 for it in board.removals if it.end == "both"]
    assert len(leads) >= 5
    assert all(abs(it - 1000 * LATER_SECONDS) <= 20_000 for it in leads)


def test_the_estimated_dollars_are_those_that_ours_really_save(
    slow_to_remove: Evening, even: Evening
) -> None:
    truly = slow_to_remove.board.observed.micro_usd - even.board.observed.micro_usd
    ours = slow_to_remove.board.ours
    estimated = -(ours.micro_usd_raises + ours.micro_usd_removals)
    assert truly > 0
    assert abs(estimated - truly) <= truly // 5
