"""Whatever comes, in whatever order, with crashes: what always holds of spot_interruption."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from kingtide.control.action import EvictPod
from kingtide.control.claims import capacity_claim, disruption_claim
from kingtide.control.message_actions import AcknowledgeMessage
from kingtide.control.node_actions import DeletePod
from kingtide.kube.taints import Taint
from tests.unit.controllers.spot_interruption.situation import Situation

NAMES = ("a", "b", "c")
KINDS = ("interrupt", "recommend", "hold", "state", "change", "spoilt", "crash", "remove", "none")


def _world(pods: list[tuple[int, int, int]], budget: int, pace: int) -> Situation:
    situation = Situation(
        evictions_per_second=pace,
        writes_per_second=10,
        give_back_seconds=10_000,
        lifecycle_max_seconds=100,
    )
    for name in NAMES:
        situation.node(name)
        situation.launch(situation.instance(name))
    for number, (place, priority, grace_seconds) in enumerate(pods):
        situation.pods(
            2, on=NAMES[place], app=f"app{number}", priority=priority, grace_seconds=grace_seconds
        )
    situation.budget("app0", budget)
    return situation


def _do(situation: Situation, kind: str, name: str, number: int) -> None:
    if name not in situation.cluster.nodes:
        return
    match kind:
        case "interrupt":
            situation.interrupt(name, f"m{number}")
        case "recommend":
            situation.recommend(name)
        case "hold":
            situation.hold(name, f"h{number}")
        case "state":
            situation.change_state(name, "stopping")
        case "change":
            situation.schedule(name, in_seconds=100)
        case "spoilt":
            situation.message(f"m{number}", '{"detail-type": 3}')
        case "crash":
            situation.crash()
        case "remove":
            situation.remove_node(name)
        case _:
            pass


EVENTS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.sampled_from(NAMES), st.integers(0, 40)), max_size=8
)
PODS = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from((-5, 0, 5)), st.sampled_from((1, 30, 90, 300))),
    max_size=5,
)


@settings(max_examples=40)
@given(events=EVENTS, pods=PODS, budget=st.integers(0, 2), pace=st.integers(1, 5))
def test_what_always_holds(
    events: list[tuple[str, str, int]], pods: list[tuple[int, int, int]], budget: int, pace: int
) -> None:
    situation = _world(pods, budget, pace)
    for number, (kind, name, pause_seconds) in enumerate(events):
        _do(situation, kind, name, number)
        situation.follow(seconds=pause_seconds)
    situation.follow(seconds=200)
    _check_pace(situation, pace, crashes=sum(kind == "crash" for kind, _, _ in events))
    _check_departures(situation)
    _check_messages(situation)


def _check_pace(situation: Situation, pace: int, crashes: int) -> None:
    """In no second more than the pace; a restart, which forgets it, may spend it anew."""
    times = [at_ms for at_ms, it in situation.actions if isinstance(it, EvictPod | DeletePod)]
    for at_ms in times:
        assert sum(at_ms <= it < at_ms + 1000 for it in times) <= pace * (1 + crashes)


def _check_departures(situation: Situation) -> None:
    told = Counter(it.uid for _, it in situation.actions if isinstance(it, EvictPod))
    done = Counter(situation.evicted)
    assert set(done.values()) <= {1}
    assert set(done) <= set(told)
    assert all(left_ms <= 30_000 for left_ms in situation.deletions)
    assert all(it.grace_seconds >= 1 for it in situation.asked(DeletePod))


def _check_messages(situation: Situation) -> None:
    """What is acknowledged stands on its node, or the node is gone; nothing else is left."""
    for name, node in situation.cluster.nodes.items():
        kept = [it for it in situation.inbox.values() if node.instance_id in it.body]
        mentioned = situation.asked(AcknowledgeMessage)
        if kept or not any(node.instance_id in it.reason for it in mentioned):
            continue
        has_claim = (
            disruption_claim(node.annotations) is not None
            or capacity_claim(node.annotations) is not None
        )
        assert has_claim, name
    spoilt = [it for it in situation.inbox.values() if '"detail-type": 3' in it.body]
    assert len(spoilt) == len(situation.inbox)


def test_a_taint_of_ours_is_all_that_a_stranger_needs_to_see() -> None:
    situation = Situation()
    situation.node("a", taints=(Taint("kingtide.dev/interrupted", "NoSchedule", "odd value"),))
    situation.pods(1, on="a")
    situation.follow(seconds=120)
    assert len(situation.evicted) == 1
