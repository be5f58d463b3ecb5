"""Histories as slot lists: what is remembered, against rules that remember everything."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kingtide.controlplane.hpa.behavior import effective_behavior
from kingtide.controlplane.hpa.history import (
    Recommendations,
    ScaleEvent,
    event_recorded,
)
from kingtide.controlplane.hpa.limits import limit_with_behavior
from kingtide.controlplane.hpa.model import Behavior, ScalingPolicy, ScalingRules
from kingtide.controlplane.hpa.stabilization import stabilize_legacy, stabilize_with_behavior

steps = st.lists(
    st.tuples(st.sampled_from([0, 1, 14_999, 15_000, 15_001, 60_000]), st.integers(0, 50)),
    max_size=60,
)


@given(steps, st.sampled_from([0, 15, 60, 300]))
def test_without_behaviour_reused_slots_decide_as_if_nothing_were_forgotten(
    walk: list[tuple[int, int]], window_seconds: int
) -> None:
    now_ms = 1_000_000
    history = Recommendations()
    everything: list[tuple[int, int]] = []
    for step_ms, replicas in walk:
        now_ms += step_ms
        everything.append((now_ms, replicas))
        stable = stabilize_legacy(history, replicas, now_ms, window_seconds)
        cutoff_ms = now_ms - window_seconds * 1000
        assert stable.replicas == max(r for at, r in everything if at >= cutoff_ms)
        history = stable.recommendations


@given(steps, st.sampled_from([0, 30, 60]), st.sampled_from([0, 60, 300]), st.integers(0, 50))
def test_with_behaviour_reused_slots_decide_as_if_nothing_were_forgotten(
    walk: list[tuple[int, int]], up_seconds: int, down_seconds: int, current: int
) -> None:
    now_ms = 1_000_000
    history = Recommendations()
    everything: list[tuple[int, int]] = []
    for step_ms, replicas in walk:
        now_ms += step_ms
        stable = stabilize_with_behavior(
            history, replicas, current, now_ms, up_seconds, down_seconds
        )
        younger_up = [r for at, r in everything if at > now_ms - up_seconds * 1000]
        younger_down = [r for at, r in everything if at > now_ms - down_seconds * 1000]
        lowest = min([*younger_up, replicas])
        highest = max([*younger_down, replicas])
        assert stable.replicas == min(max(current, lowest), highest)
        everything.append((now_ms, replicas))
        history = stable.recommendations
        current = stable.replicas


@given(st.lists(st.integers(0, 30), max_size=30), st.integers(-5, 35))
def test_the_last_expired_slot_is_the_one_a_plain_search_finds(
    at_ms: list[int], before_ms: int
) -> None:
    expired = [slot for slot, at in enumerate(at_ms) if at < before_ms]
    history = Recommendations(tuple(at_ms), tuple(at_ms))
    assert history.last_expired_slot(before_ms) == (expired[-1] if expired else None)


@given(
    st.lists(
        st.tuples(st.sampled_from([-20, 0, 1, 15, 15, 15, 15, 70]), st.sampled_from([0, 30, 60])),
        max_size=60,
    )
)
def test_knowing_the_order_of_slots_never_changes_which_one_is_reused(
    walk: list[tuple[int, int]],
) -> None:
    known = Recommendations()
    unknown = Recommendations()
    now_ms = 1000
    for step_ms, window_ms in walk:
        now_ms += step_ms
        known = known.recorded(now_ms, now_ms, now_ms - window_ms)
        unknown = Recommendations(unknown.at_ms, unknown.replicas)
        unknown = unknown.recorded(now_ms, now_ms, now_ms - window_ms)
        assert known.slots == unknown.slots


@given(steps)
def test_slot_lists_grow_no_longer_than_a_window_and_one(walk: list[tuple[int, int]]) -> None:
    now_ms = 1_000_000
    history = Recommendations()
    for _, replicas in walk:
        now_ms += 15_000
        history = stabilize_legacy(history, replicas, now_ms, 60).recommendations
    assert len(history.slots) <= 60 // 15 + 1


@st.composite
def rules(draw: st.DrawFn) -> ScalingRules:
    """Any rules of one direction."""
    policies = draw(
        st.lists(
            st.builds(
                ScalingPolicy,
                st.sampled_from(["Pods", "Percent"]),
                st.integers(1, 100),
                st.sampled_from([15, 60, 300]),
            ),
            min_size=1,
            max_size=3,
        )
    )
    return ScalingRules(tuple(policies), draw(st.sampled_from([None, "Max", "Min", "Disabled"])))


@given(rules(), rules(), steps, st.integers(1, 60))
def test_a_limit_never_crosses_the_current_size_and_keeps_the_bound_of_its_direction(
    up: ScalingRules, down: ScalingRules, walk: list[tuple[int, int]], current: int
) -> None:
    behavior = effective_behavior(Behavior(up, down), 300)
    now_ms = 1_000_000
    ups: tuple[ScaleEvent, ...] = ()
    downs: tuple[ScaleEvent, ...] = ()
    for step_ms, desired in walk:
        now_ms += step_ms
        limit = limit_with_behavior(current, desired, 1, 60, behavior, ups, downs, now_ms)
        if desired > current:
            assert current <= limit.replicas <= min(desired, 60)
            ups = _recorded(ups, now_ms, limit.replicas - current)
        elif desired < current:
            assert max(desired, 1) <= limit.replicas <= current
            downs = _recorded(downs, now_ms, current - limit.replicas)
        else:
            assert limit.replicas == desired
        current = limit.replicas


def _recorded(events: tuple[ScaleEvent, ...], now_ms: int, change: int) -> tuple[ScaleEvent, ...]:
    return event_recorded(events, now_ms, change, 300) if change else events
