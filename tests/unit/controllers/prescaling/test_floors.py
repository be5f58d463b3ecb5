"""Whose floors are looked at, what is written where it hardly changes, and what cannot fit."""

from __future__ import annotations

import msgspec
import pytest

from kingtide.aws.autoscaling import AutoScalingGroup, CapacityPool, Instance
from kingtide.control.outcome import Outcome, OutcomeStatus
from kingtide.control.snapshot import Snapshot
from kingtide.controllers.prescaling.decide import CONTROLLER
from kingtide.controllers.prescaling.events import PRESCALE, near
from kingtide.controllers.prescaling.floors import Floor, floor_of
from kingtide.controllers.prescaling.marker import ORIGINAL, PROGRESS, Marker, read_marker
from kingtide.controllers.prescaling.places import most_replicas
from kingtide.controllers.prescaling.ramp import Ramp, floor_at
from kingtide.controllers.prescaling.timetable import (
    Event,
    Size,
    TimetableError,
    occurrences,
    parse_event,
)
from kingtide.fleet.policies.prescaling import PrescalingPolicy
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition
from kingtide.kube.resources import Resources
from tests.unit.controllers.prescaling.test_prescaling_passes import (
    CHANCE,
    GIB,
    KEY,
    Situation,
    at,
)


def looked_at(situation: Situation) -> Floor:
    """What is to be done for the HPA now."""
    snapshot = Snapshot(situation.cluster, situation.cloud, "test")
    it = situation.cluster.scalables[KEY]
    return floor_of(it, snapshot, (), situation.policy, situation.now_ms)


# ------------------------------------------------------------ whom it is about


def test_an_autoscaler_is_looked_at_from_when_it_gets_an_event_until_it_loses_it() -> None:
    situation = Situation(annotations={})
    situation.run()
    assert situation.memory.concerned == {}
    situation.change(annotations={PRESCALE: "20:45-21:30 UTC x10"})
    situation.run()
    assert list(situation.memory.concerned) == [KEY]
    situation.run()  # nothing changed
    assert list(situation.memory.concerned) == [KEY]
    situation.change(max_replicas=2_000)  # something else changed
    situation.run()
    assert list(situation.memory.concerned) == [KEY]
    situation.change(annotations={})
    situation.run()
    assert situation.memory.concerned == {}


def test_a_new_calendar_is_about_autoscalers_that_have_not_changed() -> None:
    situation = Situation(annotations={})
    situation.run()
    situation.policy = PrescalingPolicy(events=("20:45-21:30 UTC x10 for shop/*",))
    situation.run()
    assert list(situation.memory.concerned) == [KEY]
    situation.policy = PrescalingPolicy(events=("20:45-21:30 UTC x10 for other/*",))
    situation.run()
    assert situation.memory.concerned == {}


@pytest.mark.parametrize(
    ("status", "told"),
    [("done", []), ("precondition_failed", ["WriteFailed"]), ("failed", ["WriteFailed"])],
)
def test_a_write_that_came_to_nothing_is_told_with_what_the_api_said(
    status: OutcomeStatus, told: list[str]
) -> None:
    situation = Situation()
    situation.now_ms = at(20, 44)
    action = looked_at(situation).action
    assert action is not None
    for message, expected in (("the object has been modified", "the object has been modified"),
                              ("", "409")):  # fmt: skip
        outcome = Outcome(action, status, situation.now_ms, "409", message)
        snapshot = Snapshot(situation.cluster, situation.cloud, "test", (outcome,))
        decision = CONTROLLER.decide(
            snapshot, situation.policy, CONTROLLER.first_memory(), situation.now_ms, CHANCE
        )
        found = [it for it in decision.report.verdicts if it.code == "WriteFailed"]
        assert [it.code for it in found] == told
        assert [it.details["detail"] for it in found] == [expected] * len(told)


def test_while_nothing_is_near_a_look_each_minute_is_enough() -> None:
    situation = Situation(poll_seconds=60)
    assert situation.run() == situation.now_ms + 60_000


@pytest.mark.parametrize(
    ("before_ms", "is_near"),
    [
        pytest.param(1_860_000 + 1, False, id="not before the next look"),
        pytest.param(1_860_000, False, id="its ramp would begin with the look after"),
        pytest.param(1_860_000 - 1, True, id="it may begin before the next look"),
        pytest.param(0, True, id="it begins"),
    ],
)
def test_an_event_is_near_when_its_ramp_may_begin_before_the_next_look(
    before_ms: int, is_near: bool
) -> None:
    policy = PrescalingPolicy(ramp_max_seconds=1_800, poll_seconds=60)
    event = parse_event("2026-06-10 20:00-21:00 Europe/Paris x2")
    assert bool(near([event], policy, at(20, 0) - before_ms)) == is_near


@pytest.mark.parametrize(
    ("after_ms", "is_near"),
    [
        pytest.param(299_999, True, id="it is still handed back"),
        pytest.param(300_000, False, id="it is handed back"),
    ],
)
def test_an_event_is_near_until_its_floor_is_handed_back(after_ms: int, is_near: bool) -> None:
    policy = PrescalingPolicy(hand_back_seconds=300)
    event = parse_event("2026-06-10 20:00-21:00 Europe/Paris x2")
    assert bool(near([event], policy, at(21, 0) + after_ms)) == is_near


# ------------------------------------------------------------ what is written


@pytest.mark.parametrize(
    ("minimum", "code"),
    [
        pytest.param(40, "AlreadyEnough", id="as high as the event needs"),
        pytest.param(39, None, id="one less"),
    ],
)
def test_a_floor_that_is_enough_is_not_written(minimum: int, code: str | None) -> None:
    situation = Situation(minimum=minimum, annotations={PRESCALE: "20:45-21:30 Europe/Paris =40"})
    group(situation, "a", 10, node("a"))  # four cores each, a core a pod
    situation.now_ms = at(20, 44)
    found = looked_at(situation)
    assert (found.action is None) == (code is not None)
    assert [it.code for it in found.standing] == ([code] if code else [])


def test_a_floor_that_somebody_raised_beyond_ours_is_kept_and_noted_as_the_one_before() -> None:
    situation = Situation(minimum=3)
    situation.play(at(20, 45))
    situation.change(min_replicas=400)  # the event asks for 300
    found = looked_at(situation)
    assert [it.code for it in found.happened] == ["FloorKept"]
    assert found.action is not None
    assert found.action.min_replicas == 400
    assert dict(found.action.annotations)[ORIGINAL] == "400"


@pytest.mark.parametrize(
    ("most", "code"),
    [
        pytest.param(300, [], id="just as many as it needs"),
        pytest.param(299, ["DoesNotFitMaxReplicas"], id="one less"),
    ],
)
def test_an_event_that_needs_more_than_the_autoscaler_allows_is_told(
    most: int, code: list[str]
) -> None:
    situation = Situation(replicas=30, maximum=most)
    group(situation, "a", 75, node("a"))
    situation.now_ms = at(20, 44)
    assert [it.code for it in looked_at(situation).standing] == code


def node(name: str, *, cpu: int = 4_000, gib: int = 16, pods: int = 110) -> Node:
    amounts = Resources(cpu_millicores=cpu, memory_bytes=gib * GIB, pods=pods)
    return Node(
        name, name, {}, amounts, amounts, 0, Condition("True", 0),
        provider_id=f"aws:///eu-west-1a/i-{name}",
    )  # fmt: skip


def group(situation: Situation, name: str, most: int, sample: Node | None) -> None:
    pool = CapacityPool("m5.xlarge", "eu-west-1a", "spot")
    instances = () if sample is None else (Instance(f"i-{name}", name, pool, "InService", 0),)
    if sample is not None:
        situation.cluster.apply(None, sample)
    situation.cloud.groups[name] = AutoScalingGroup(
        name, 0, most, 0, ("m5.xlarge",), ("eu-west-1a",), {}, instances=instances
    )


@pytest.mark.parametrize(
    ("needed", "code"),
    [
        pytest.param(20, [], id="just as many as fit on all nodes there may be"),
        pytest.param(21, ["DoesNotFitNodeGroups"], id="one more"),
    ],
)
def test_an_event_that_needs_more_than_the_groups_can_hold_is_told(
    needed: int, code: list[str]
) -> None:
    situation = Situation(annotations={PRESCALE: f"20:45-21:30 Europe/Paris ={needed}"})
    group(situation, "a", 5, node("a"))  # four cores each, a core a pod
    situation.now_ms = at(20, 44)
    assert [it.code for it in looked_at(situation).standing] == code


@pytest.mark.parametrize(
    ("cpu", "gib", "pods", "most"),
    [
        pytest.param(4_000, 16, 110, 4, id="cores are short"),
        pytest.param(4_000, 3, 110, 3, id="memory is short"),
        pytest.param(4_000, 16, 2, 2, id="places are short"),
        pytest.param(999, 16, 110, 0, id="not even one fits"),
    ],
)
def test_what_is_short_on_a_node_tells_how_many_pods_it_holds(
    cpu: int, gib: int, pods: int, most: int
) -> None:
    situation = Situation()
    group(situation, "a", 1, node("a", cpu=cpu, gib=gib, pods=pods))
    deployment = situation.cluster.deployments["shop/api"]
    snapshot = Snapshot(situation.cluster, situation.cloud, "test")
    assert most_replicas(deployment, snapshot) == most


def test_nothing_is_certain_of_a_group_of_which_there_is_no_node_unless_it_may_have_none() -> None:
    situation = Situation()
    deployment = situation.cluster.deployments["shop/api"]
    snapshot = Snapshot(situation.cluster, situation.cloud, "test")
    assert most_replicas(deployment, snapshot) == 0
    group(situation, "closed", 0, None)
    assert most_replicas(deployment, snapshot) == 0
    group(situation, "a", 2, node("a"))
    assert most_replicas(deployment, snapshot) == 8
    group(situation, "unknown", 1, None)
    assert most_replicas(deployment, snapshot) is None


# ------------------------------------------------------------ marks, ramps and events


@pytest.mark.parametrize(
    ("baseline", "is_read"),
    [
        pytest.param(0, True, id="none"),
        pytest.param(-1, False, id="less than none"),
        pytest.param(2_147_483_647, True, id="the largest that the API takes"),
        pytest.param(2_147_483_648, False, id="one more"),
    ],
)
def test_a_mark_with_a_number_that_the_api_never_took_was_spoilt(
    baseline: int, is_read: bool
) -> None:
    for written in (f'{{"baseline":{baseline},"floor":5}}', f'{{"floor":{baseline},"baseline":5}}'):
        found = read_marker({ORIGINAL: "3", PROGRESS: written}, 7)
        assert found is not None
        assert (found != Marker(3, 7, 7)) == is_read


def test_a_floor_stands_full_from_its_last_step_on_to_the_millisecond() -> None:
    policy = PrescalingPolicy(step_seconds=30, replicas_per_step=10)
    ramp = Ramp(10_000_000, 10_600_000, base=20, target=60, original=3)
    full_ms = 10_000_000 - policy.lead_seconds * 1_000
    at_ms = [full_ms - 90_001, full_ms - 90_000, full_ms - 60_001, full_ms - 60_000, full_ms]
    assert [floor_at(ramp, policy, it) for it in at_ms] == [20, 30, 30, 40, 60]


def test_a_number_of_replicas_has_a_largest() -> None:
    assert parse_event("08:00-09:00 UTC =100000").size == Size(replicas=100_000)
    with pytest.raises(TimetableError, match="=1 to =100000"):
        parse_event("08:00-09:00 UTC =100001")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sun", (7,)),
        ("Sat-Sun", (6, 7)),
        ("Sun-Mon", (1, 7)),
        ("Mon-Sun", (1, 2, 3, 4, 5, 6, 7)),
        ("Tue-Mon", (1, 2, 3, 4, 5, 6, 7)),
        ("", (1, 2, 3, 4, 5, 6, 7)),
    ],
)
def test_ranges_of_days_go_round_the_week(text: str, expected: tuple[int, ...]) -> None:
    assert parse_event(f"{text} 08:00-09:00 UTC x2".strip()).days == expected


def test_an_event_that_ends_as_a_span_begins_or_begins_as_it_ends_is_not_in_it() -> None:
    event = parse_event("2026-06-10 20:00-21:00 Europe/Paris x2")
    inside = list(occurrences(event, at(21, 0) - 1, at(22, 0)))
    assert len(inside) == 1
    assert list(occurrences(event, at(21, 0), at(22, 0))) == []
    assert list(occurrences(event, at(19, 0), at(20, 0))) == []
    assert len(list(occurrences(event, at(19, 0), at(20, 0) + 1))) == 1


def test_a_window_of_a_whole_day_past_midnight_is_seen_to_its_end() -> None:
    event = parse_event("Tue 23:59-23:58 UTC x2")
    begin_ms = at(23, 59, day=9) + 2 * 3_600_000  # Tuesday 9 June 2026, in UTC
    assert [it.begin_ms for it in occurrences(event, begin_ms, begin_ms + 1)] == [begin_ms]
    last_ms = begin_ms + 86_340_000 - 1
    assert [it.begin_ms for it in occurrences(event, last_ms, last_ms + 1)] == [begin_ms]


def test_a_minute_of_a_time_of_day_has_sixty_seconds() -> None:
    event = Event("", 8 * 60 + 7, 9 * 60 + 41, "Europe/Paris", Size(replicas=2))
    (found,) = occurrences(event, at(0, 0), at(23, 0))
    assert (found.begin_ms, found.end_ms) == (at(8, 7), at(9, 41))


def test_of_an_object_without_a_written_floor_the_apis_one_is_marked_as_unwritten() -> None:
    situation = Situation(minimum=None)
    situation.play(at(20, 45))
    assert situation.hpa.annotations[ORIGINAL] == ""
    marker = read_marker(situation.hpa.annotations, situation.hpa.min_replicas)
    assert marker is not None
    assert marker == msgspec.structs.replace(marker, original=None, baseline=30)
