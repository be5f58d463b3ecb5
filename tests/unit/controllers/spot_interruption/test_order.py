"""Who is held, and how many can be told in time: the numbers where they change."""

from __future__ import annotations

import msgspec
import pytest

from kingtide.control.index import ClusterIndex
from kingtide.control.node_actions import Cordon
from kingtide.controllers.spot_interruption.leaving import Asked, Leaving, is_below_budget_time
from kingtide.controllers.spot_interruption.order import choose, in_haste
from kingtide.controllers.spot_interruption.pace import Pace
from kingtide.controllers.spot_interruption.waves import Waves
from kingtide.controllers.spot_interruption.writes import Writes
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy
from tests.unit.controlplane.scheduling.situations import node, pod, requesting

NOW_MS = 1_000_000


def leaving(
    name: str, *, since_ms: int = 0, deadline_ms: int | None = None, priority: int = 0
) -> Leaving:
    return Leaving(
        pod(name, requesting(100, 64, priority=priority)), node("n"), deadline_ms, deadline_ms,
        since_ms, name,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("since_ms", "hold"),
    [
        pytest.param(NOW_MS - 9_999, "load-balancers", id="they may still send requests"),
        pytest.param(NOW_MS - 10_000, None, id="they have left it out"),
    ],
)
def test_load_balancers_have_ten_seconds_to_leave_a_node_out(
    since_ms: int, hold: str | None
) -> None:
    policy = SpotInterruptionPolicy(load_balancer_seconds=10)
    it = leaving("p", since_ms=since_ms)
    waves = Waves([it], {}, 45_000, NOW_MS)
    chosen = choose([it], waves, ClusterIndex(), policy, 9, NOW_MS, lambda _: False)
    assert chosen.holds.get(it.pod.uid) == hold
    assert (it in chosen.go) == (hold is None)


@pytest.mark.parametrize(
    ("left_ms", "told"),
    [
        pytest.param(3_000, 6, id="two a second for three seconds"),
        pytest.param(2_999, 5, id="a moment less is one less"),
        pytest.param(1_000, 2, id="a second"),
        pytest.param(400, 2, id="this pass tells a second's worth in any case"),
        pytest.param(-5_000, 2, id="after the end too"),
    ],
)
def test_as_many_can_be_told_in_time_as_the_pace_allows_until_the_last_moment(
    left_ms: int, told: int
) -> None:
    policy = SpotInterruptionPolicy(evictions_per_second=2)
    due = [
        leaving(f"p{number}", deadline_ms=NOW_MS + left_ms, priority=number) for number in range(9)
    ]
    found, is_short = in_haste(due, policy, NOW_MS)
    assert is_short
    # The highest priorities get the time there is, the lowest of them first; then the others.
    assert [it.pod.spec.priority for it in found[:told]] == list(range(9 - told, 9))
    assert not in_haste(due[:told], policy, NOW_MS)[1]


@pytest.mark.parametrize(
    ("left_ms", "below_seconds", "expected"),
    [
        pytest.param(30_000, 30, True, id="the last half minute"),
        pytest.param(30_001, 30, False, id="a moment before it"),
        pytest.param(1, 0, False, id="budgets are kept to the end"),
        pytest.param(None, 30, False, id="nobody says until when"),
    ],
)
def test_budgets_hold_until_the_last_half_minute(
    left_ms: int | None, below_seconds: int, expected: bool
) -> None:
    policy = SpotInterruptionPolicy(below_budget_seconds=below_seconds)
    deadline_ms = None if left_ms is None else NOW_MS + left_ms
    assert is_below_budget_time(deadline_ms, policy, NOW_MS) == expected


def test_a_call_counts_for_a_second_and_the_pace_never_owes() -> None:
    made = Pace().after(3, NOW_MS).after(4, NOW_MS + 500)
    assert [made.left(10, NOW_MS + at) for at in (500, 999, 1_000, 1_499, 1_500)] == [
        3, 3, 6, 6, 10,
    ]  # fmt: skip
    assert made.left(5, NOW_MS + 500) == 0
    assert made.after(0, NOW_MS + 999) == made
    assert made.after(0, NOW_MS + 1_000) == Pace(((NOW_MS + 500, 4),))


@pytest.mark.parametrize(
    ("age_ms", "is_made"),
    [
        pytest.param(4_999, False, id="the watch may be late"),
        pytest.param(5_000, True, id="it was lost"),
    ],
)
def test_a_write_that_does_not_show_is_made_again_after_five_seconds(
    age_ms: int, is_made: bool
) -> None:
    writes = Writes(1, {"n/cordon": NOW_MS - age_ms}, NOW_MS)
    cordon = Cordon(node="n", node_uid="n", reason="")
    assert writes.ask("n/cordon", cordon) == is_made
    assert (writes.left, len(writes.actions)) == (int(not is_made), int(is_made))
    assert writes.written_ms == {"n/cordon": NOW_MS if is_made else NOW_MS - age_ms}


def test_no_more_writes_are_made_than_are_allowed() -> None:
    writes = Writes(2, {}, NOW_MS)
    cordon = Cordon(node="n", node_uid="n", reason="")
    assert [writes.ask(str(number), cordon) for number in range(3)] == [True, True, False]
    assert list(writes.written_ms) == ["0", "1"]


def test_who_was_told_within_a_pods_start_takes_a_place_of_its_wave() -> None:
    it = msgspec.structs.replace(leaving("p"), owner="web")
    for age_ms, is_refused, has_place in ((44_999, False, False), (45_000, False, True),
                                          (44_999, True, True)):  # fmt: skip
        asked = {"u": Asked("web", NOW_MS - age_ms, 0, is_refused=is_refused)}
        assert Waves([it], asked, 45_000, NOW_MS).has_place("web") == has_place
