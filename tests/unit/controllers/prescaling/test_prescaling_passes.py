"""Whole passes: the floor rises in time and in steps, and goes back; nothing else is touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whenever import ZonedDateTime

from kingtide.aws.autoscaling import AutoScalingGroup, CapacityPool, Instance, ScalingActivity
from kingtide.control.chance import Chance
from kingtide.control.controller import check_declared
from kingtide.control.index import ClusterIndex
from kingtide.control.outcome import Outcome
from kingtide.control.report import Verdict
from kingtide.control.snapshot import Snapshot
from kingtide.control.workload_actions import SetMinReplicas
from kingtide.controllers.prescaling.decide import CONTROLLER
from kingtide.controllers.prescaling.marker import ORIGINAL, PROGRESS, Marker, read_marker
from kingtide.controllers.prescaling.memory import PrescalingMemory
from kingtide.fleet.policies.prescaling import PrescalingPolicy
from kingtide.kube.autoscalers import HorizontalPodAutoscaler
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition, Container, PodSpec, PodTemplate
from kingtide.kube.resources import Resources
from kingtide.kube.workloads import Deployment

EVENT = "20:45-21:30 Europe/Paris x10"
LEAD_SECONDS = PrescalingPolicy().lead_seconds
KEY = "HorizontalPodAutoscaler/shop/api"
CHANCE = Chance(seed=1, controller="prescaling")
GIB = 1 << 30


def at(hour: int, minute: int, second: int = 0, day: int = 10) -> int:
    moment = ZonedDateTime(2026, 6, day, hour, minute, second, tz="Europe/Paris")
    return moment.timestamp(unit="millisecond")


class NoCloud:
    """A cloud view with groups that a test sets."""

    def __init__(self) -> None:
        self.groups: dict[str, AutoScalingGroup] = {}

    def activities_since(self, group: str, since_ms: int) -> Sequence[ScalingActivity]:
        return ()


class Situation:
    """One Deployment with its HPA; writes are performed at once."""

    def __init__(
        self,
        *,
        replicas: int = 30,
        minimum: int | None = 3,
        maximum: int = 1000,
        annotations: Mapping[str, str] | None = None,
        **policy: Any,
    ) -> None:
        self.cluster = ClusterIndex()
        self.cloud = NoCloud()
        self.policy = PrescalingPolicy(**policy)
        self.memory: PrescalingMemory = CONTROLLER.first_memory()
        self.now_ms = at(20, 0)
        self.floors: list[tuple[int, int]] = []
        self.verdicts: list[Verdict] = []
        self.writes = 0
        requests = Resources(cpu_millicores=1000, memory_bytes=GIB)
        spec = PodSpec(containers=(Container("main", requests=requests),))
        self.cluster.apply(
            None,
            Deployment("shop", "api", "d", replicas, PodTemplate({}, spec), LabelSelector()),
        )
        self.hpa = HorizontalPodAutoscaler(
            "shop", "api", "h", "Deployment", "api", maximum, minimum,
            annotations={"kingtide.dev/prescale": EVENT} if annotations is None else annotations,
        )  # fmt: skip
        self.cluster.apply(None, self.hpa)

    def change(self, **changes: Any) -> None:
        new = msgspec.structs.replace(self.hpa, **changes)
        self.cluster.apply(self.hpa, new)
        self.hpa = new

    def scale(self, replicas: int) -> None:
        old = self.cluster.deployments["shop/api"]
        self.cluster.apply(old, msgspec.structs.replace(old, replicas=replicas))

    def run(self, *, performing: bool = True) -> int:
        """Make a pass and return when the next is wanted."""
        snapshot = Snapshot(self.cluster, self.cloud, "test")
        decision = CONTROLLER.decide(snapshot, self.policy, self.memory, self.now_ms, CHANCE)
        check_declared(CONTROLLER, decision)
        for verdict in decision.report.verdicts:
            assert verdict.code in CONTROLLER.phrases.sentences, verdict
            CONTROLLER.phrases.tell(verdict)
        self.verdicts += decision.report.verdicts
        self.memory = decision.memory
        for action in decision.actions:
            assert isinstance(action, SetMinReplicas)
            self.writes += 1
            if performing:
                self._perform(action)
        assert decision.wake_at_ms is not None
        assert decision.wake_at_ms > self.now_ms
        return decision.wake_at_ms

    def play(self, until_ms: int, *, forgetting: bool = False) -> None:
        """Make passes when they are wanted."""
        while self.now_ms < until_ms:
            if forgetting:
                self.memory = CONTROLLER.first_memory()
            self.now_ms = min(self.run(), until_ms)
        self.run()

    def codes(self) -> list[str]:
        return [it.code for it in self.verdicts]

    def _perform(self, action: SetMinReplicas) -> None:
        assert action.expected_min_replicas == self.hpa.min_replicas
        annotations = dict(self.hpa.annotations)
        for key, value in action.annotations:
            annotations.pop(key, None)
            if value is not None:
                annotations[key] = value
        self.change(min_replicas=action.min_replicas, annotations=annotations)
        self.floors.append((self.now_ms, action.min_replicas))


def test_the_floor_is_full_in_time_for_nodes_and_pods_and_begins_half_an_hour_before_at_most() -> (
    None
):
    situation = Situation()
    situation.play(at(20, 45))
    first_ms, _ = situation.floors[0]
    full_ms, full = situation.floors[-1]
    assert full == 300
    assert full_ms == at(20, 45) - LEAD_SECONDS * 1000
    assert at(20, 15) <= first_ms < full_ms


def test_the_floor_rises_in_equal_steps_from_the_replicas_that_there_are() -> None:
    situation = Situation(replicas_per_step=100)
    situation.play(at(20, 45))
    assert [floor for _, floor in situation.floors] == [120, 210, 300]
    times = [at_ms for at_ms, _ in situation.floors]
    assert {b - a for a, b in pairwise(times)} == {30_000}


def test_a_large_rise_takes_larger_steps_not_more_time() -> None:
    situation = Situation(replicas_per_step=1)
    situation.play(at(20, 45))
    assert situation.floors[0][0] >= at(20, 15)
    assert situation.floors[-1][1] == 300


def test_the_original_stands_on_the_object_in_the_same_patch() -> None:
    situation = Situation()
    situation.play(at(20, 45))
    assert situation.hpa.annotations[ORIGINAL] == "3"
    assert PROGRESS in situation.hpa.annotations


def test_the_floor_is_handed_back_in_steps_and_the_marker_goes() -> None:
    situation = Situation()
    situation.play(at(22, 0))
    after = [(at_ms, floor) for at_ms, floor in situation.floors if at_ms >= at(21, 30)]
    assert [floor for _, floor in after] == [241, 182, 122, 63, 3]
    assert after[-1][0] == at(21, 34)
    assert situation.hpa.min_replicas == 3
    assert ORIGINAL not in situation.hpa.annotations
    assert PROGRESS not in situation.hpa.annotations
    assert situation.codes().count("HandedBack") == 1


def test_a_floor_that_was_not_written_goes_back_to_what_the_api_takes_for_it() -> None:
    situation = Situation(minimum=None)
    situation.play(at(20, 45))
    assert situation.hpa.annotations[ORIGINAL] == ""
    situation.play(at(22, 0))
    assert situation.hpa.min_replicas == 1


def test_the_baseline_is_what_there_was_when_the_ramp_began_not_what_there_is_now() -> None:
    situation = Situation()
    situation.play(situation.now_ms + 1)
    situation.play(at(20, 40))
    situation.scale(300)
    situation.play(at(21, 0), forgetting=True)
    assert situation.hpa.min_replicas == 300  # not 3,000


def test_a_baseline_may_be_given() -> None:
    situation = Situation(
        annotations={"kingtide.dev/prescale": EVENT, "kingtide.dev/prescale-baseline": "20"}
    )
    situation.play(at(20, 45))
    assert situation.hpa.min_replicas == 200


def test_the_floor_never_exceeds_max_replicas_and_that_is_said() -> None:
    situation = Situation(maximum=120)
    situation.play(at(20, 45))
    assert situation.hpa.min_replicas == 120
    assert situation.codes().count("DoesNotFitMaxReplicas") == 1


@pytest.mark.parametrize(("max_size", "fits"), [(20, False), (100, True)])
def test_an_event_that_the_node_groups_cannot_hold_is_said(max_size: int, fits: bool) -> None:
    situation = Situation()
    amounts = Resources(cpu_millicores=4000, memory_bytes=16 * GIB, pods=20)
    node = Node("n1", "n1", {}, amounts, amounts, 0, Condition("True", 0), "aws:///eu-west-1a/i-1")
    situation.cluster.apply(None, node)
    pool = CapacityPool("m5.xlarge", "eu-west-1a", "spot")
    situation.cloud.groups["spot"] = AutoScalingGroup(
        "spot", 0, max_size, 1, ("m5.xlarge",), ("eu-west-1a",), {},
        instances=(Instance("i-1", "spot", pool, "InService", 0),),
    )  # fmt: skip
    situation.play(at(20, 45))
    assert ("DoesNotFitNodeGroups" in situation.codes()) == (not fits)


def test_an_event_of_the_calendar_needs_no_annotation() -> None:
    situation = Situation(
        annotations={}, events=("2026-06-10 20:45-21:30 Europe/Paris x2 for shop/*",)
    )
    situation.play(at(20, 45))
    assert situation.hpa.min_replicas == 60
    situation.play(at(22, 0))
    assert situation.hpa.min_replicas == 3


def test_of_two_events_at_once_the_larger_counts() -> None:
    text = "20:45-21:30 Europe/Paris x10; 20:45-22:00 Europe/Paris x2"
    situation = Situation(annotations={"kingtide.dev/prescale": text})
    situation.play(at(20, 50))
    assert situation.hpa.min_replicas == 300
    situation.play(at(21, 50))
    assert situation.hpa.min_replicas == 60
    situation.play(at(22, 30))
    assert situation.hpa.min_replicas == 3


def test_an_event_that_has_begun_unseen_is_left_to_the_autoscaler() -> None:
    situation = Situation()
    situation.now_ms = at(20, 50)
    situation.play(at(21, 0))
    assert situation.writes == 0
    assert situation.codes() == ["MissedBeginning"]


def test_a_workload_scaled_to_zero_is_left_alone() -> None:
    situation = Situation(replicas=0)
    situation.play(at(21, 0))
    assert situation.writes == 0
    assert "TargetAtZero" in situation.codes()


def test_taking_the_annotation_off_hands_back_at_once() -> None:
    situation = Situation()
    situation.play(at(20, 45))
    kept = {k: v for k, v in situation.hpa.annotations.items() if k != "kingtide.dev/prescale"}
    situation.change(annotations=kept)
    situation.run()
    assert situation.hpa.min_replicas == 3
    assert situation.hpa.annotations == {}


def test_an_annotation_that_cannot_be_read_is_said_and_hands_back() -> None:
    situation = Situation()
    situation.play(at(20, 45))
    situation.change(annotations={**situation.hpa.annotations, "kingtide.dev/prescale": "tonight"})
    situation.run()
    situation.run()
    assert situation.hpa.min_replicas == 3
    assert situation.codes().count("AnnotationUnreadable") == 1


def test_a_deployment_tool_that_writes_the_floor_back_is_overruled_until_the_event_is_over() -> (
    None
):
    situation = Situation()
    situation.play(at(20, 45))
    situation.change(min_replicas=3)
    situation.play(at(20, 47))
    assert situation.hpa.min_replicas == 300
    situation.play(at(22, 0))
    assert situation.hpa.min_replicas == 3


def test_a_floor_that_somebody_sets_meanwhile_is_the_one_that_stays() -> None:
    situation = Situation()
    situation.play(at(20, 45))
    situation.change(min_replicas=5)
    situation.play(at(20, 47))
    assert situation.hpa.min_replicas == 300
    situation.play(at(22, 0))
    assert situation.hpa.min_replicas == 5


def test_a_write_that_fails_is_tried_again() -> None:
    situation = Situation()
    situation.now_ms = at(20, 40)
    situation.run(performing=False)
    situation.run()
    assert situation.hpa.min_replicas == 300


def test_no_more_is_written_in_a_pass_than_allowed() -> None:
    situation = Situation(max_writes=2)
    for number in range(4):
        other = msgspec.structs.replace(situation.hpa, name=f"api-{number}", uid=f"h{number}")
        situation.cluster.apply(None, other)
    situation.now_ms = at(20, 40)
    wake_at_ms = situation.run(performing=False)
    assert situation.writes == 2
    assert wake_at_ms == situation.now_ms + 1000
    assert situation.codes().count("WritesAtMaximum") == 3


def test_hpas_without_events_are_not_looked_at() -> None:
    situation = Situation(annotations={})
    situation.play(at(21, 0))
    assert situation.memory.concerned == {}
    assert situation.writes == 0


def test_nothing_is_written_when_nothing_changes() -> None:
    situation = Situation()
    situation.play(at(20, 45))
    writes = situation.writes
    situation.play(at(21, 29))
    assert situation.writes == writes


@settings(max_examples=30, deadline=None)
@given(
    replicas=st.integers(1, 400),
    minimum=st.integers(1, 50),
    multiplier=st.integers(101, 2000),
    restarts=st.booleans(),
)
def test_whatever_the_event_the_floor_ends_as_it_was(
    replicas: int, minimum: int, multiplier: int, restarts: bool
) -> None:
    size = f"x{multiplier // 100}.{multiplier % 100:02}"
    situation = Situation(
        replicas=replicas,
        minimum=minimum,
        maximum=600,
        annotations={"kingtide.dev/prescale": f"20:45-21:30 Europe/Paris {size}"},
    )
    situation.play(at(20, 45), forgetting=restarts)
    rising = [floor for _, floor in situation.floors]
    assert rising == sorted(rising)
    assert all(floor <= 600 for floor in rising)
    wanted = min(600, -(-replicas * multiplier // 100))
    assert (situation.hpa.min_replicas or 1) == max(minimum, wanted)
    situation.play(at(22, 0), forgetting=restarts)
    falling = [floor for at_ms, floor in situation.floors if at_ms >= at(21, 30)]
    assert falling == sorted(falling, reverse=True)
    assert situation.hpa.min_replicas == minimum
    assert ORIGINAL not in situation.hpa.annotations


def test_a_failed_write_is_reported() -> None:
    situation = Situation()
    action = SetMinReplicas(
        namespace="shop", name="api", uid="h", min_replicas=3, expected_min_replicas=1, reason="x"
    )
    outcome = Outcome(action, "precondition_failed", situation.now_ms, "409")
    snapshot = Snapshot(situation.cluster, situation.cloud, "test", (outcome,))
    decision = CONTROLLER.decide(
        snapshot, situation.policy, situation.memory, situation.now_ms, CHANCE
    )
    assert [it.code for it in decision.report.verdicts] == ["WriteFailed"]


@pytest.mark.parametrize(
    "progress", ["", "{}", '{"baseline":-5,"floor":9}', f'{{"baseline":{10**30}}}']
)
def test_of_a_mark_that_somebody_spoilt_the_present_floor_is_the_baseline(progress: str) -> None:
    assert read_marker({ORIGINAL: "3", PROGRESS: progress}, 40) == Marker(3, 40, 40)


@pytest.mark.parametrize(("maximum", "fits"), [(300, True), (299, False)])
def test_an_event_may_need_as_many_replicas_as_there_may_be(maximum: int, fits: bool) -> None:
    situation = Situation(maximum=maximum)
    situation.play(at(20, 45))
    assert ("DoesNotFitMaxReplicas" in situation.codes()) == (not fits)
    assert situation.hpa.min_replicas == maximum


def test_an_event_is_missed_from_its_very_beginning() -> None:
    just_before, missed = Situation(), Situation()
    just_before.now_ms, missed.now_ms = at(20, 45) - 1, at(20, 45)
    just_before.run()
    missed.run()
    assert "MissedBeginning" not in just_before.codes()
    assert (missed.writes, missed.codes()) == (0, ["MissedBeginning"])
