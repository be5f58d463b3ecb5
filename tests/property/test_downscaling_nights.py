"""Nights, drawn: whatever happens between down and up, the size before comes back."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kingtide.control.outcome import Outcome
from kingtide.controllers.downscaling.decide import CONTROLLER
from kingtide.controllers.downscaling.names import ORIGINAL_REPLICAS, WAKE_UNTIL
from kingtide.kube.scalables import ScalableKind
from tests.unit.controllers.downscaling.situation import (
    HOUR_MS,
    MONDAY_NIGHT_MS,
    MONDAY_NOON_MS,
    Situation,
)

KINDS: tuple[ScalableKind, ...] = ("Deployment", "StatefulSet", "Rollout", "Stack")
MORNING_MS = MONDAY_NOON_MS + 24 * HOUR_MS

events = st.lists(
    st.one_of(
        st.just(("crash",)),
        st.just(("pass",)),
        st.tuples(st.just("wait"), st.integers(1, 120)),
        st.tuples(st.just("downtime"), st.integers(0, 5)),
        st.tuples(st.just("exclude"), st.booleans()),
        st.tuples(st.just("wake"), st.booleans()),
        st.tuples(st.just("namespace"), st.sampled_from(("force_uptime", "downtime"))),
        st.tuples(st.just("refused"), st.sampled_from(("failed", "refused"))),
        st.tuples(st.just("by hand"), st.integers(0, 6)),
    ),
    max_size=12,
)


def _happen(there: Situation, key: str, event: tuple[Any, ...]) -> None:
    match event:
        case ("crash",):
            there.memory = CONTROLLER.first_memory()
        case ("wait", int(minutes)):
            there.now_ms += minutes * 60_000 // 4
        case ("downtime", int(pods)):
            there.annotate(key, {"downscaler/downtime-replicas": str(pods)})
        case ("exclude", said):
            there.annotate(key, {"downscaler/exclude": "true" if said else None})
        case ("wake", said):
            until = "2026-11-23T22:45:00Z" if said else None
            there.annotate(key, {WAKE_UNTIL: until})
        case ("namespace", name):
            there.namespace(**{str(name): "always" if name == "downtime" else "false"})
        case ("refused", status):
            decision = there.decide()
            there.outcomes = tuple(
                Outcome(action, status, there.now_ms, "500") for action in decision.actions
            )
        case _:
            there.step()


@settings(max_examples=150)
@given(st.sampled_from(KINDS), st.integers(1, 5), events)
def test_the_size_before_comes_back_whatever_happens(
    kind: ScalableKind, size: int, drawn: list[tuple[Any, ...]]
) -> None:
    there = Situation(kinds=(kind,), look_again_seconds=86_400)
    it = there.put(kind=kind, size=size)
    largest = size
    for event in drawn:
        if event[0] == "by hand":
            if ORIGINAL_REPLICAS not in there.cluster.scalables[it.key].annotations:
                continue  # what is scaled while it is up is its new size: another story
            there.change(it.key, size=event[1])
            largest = max(largest, event[1])
        else:
            _happen(there, it.key, event)
    there.annotate(it.key, {"downscaler/exclude": None, WAKE_UNTIL: None})
    there.namespace()
    there.now_ms = max(there.now_ms, MORNING_MS)
    _rest(there)
    after = there.cluster.scalables[it.key]
    assert ORIGINAL_REPLICAS not in after.annotations
    assert after.size is not None
    assert size <= after.size <= largest


@settings(max_examples=100)
@given(st.integers(0, 5), st.integers(0, 5), st.booleans(), st.integers(0, 3))
def test_a_cluster_at_rest_is_not_written(size: int, marker: int, night: bool, low: int) -> None:
    there = Situation(now_ms=MONDAY_NIGHT_MS if night else MONDAY_NOON_MS, downtime_replicas=low)
    there.put(size=size, annotations={ORIGINAL_REPLICAS: str(marker)} if marker else {})
    there.step()
    # The harness refuses a write that changes nothing; one write is all it takes.
    assert there.writes <= 1
    for _ in range(3):
        there.memory = CONTROLLER.first_memory()
        there.now_ms += 1_000
        assert there.step().actions == ()


def _rest(there: Situation) -> None:
    """Make passes as it asks for them until it asks for nothing new."""
    for _ in range(4):
        decision = there.step()
        assert decision.wake_at_ms is not None
        if decision.wake_at_ms - there.now_ms > HOUR_MS:
            return
        there.now_ms = decision.wake_at_ms
    raise AssertionError("it finds no rest")
