"""Whole passes of downscaling: what wakes it, what it writes, and what it says."""

import msgspec
import pytest

from kingtide.control.decision import Decision
from kingtide.control.outcome import Outcome
from kingtide.control.workload_actions import WorkloadAction
from kingtide.controllers.downscaling.decide import CONTROLLER
from kingtide.controllers.downscaling.memory import DownscalingMemory
from kingtide.controllers.downscaling.names import FORCE_UPTIME, ORIGINAL_REPLICAS, WAKE_UNTIL
from kingtide.controllers.downscaling.retries import LONGEST_PAUSE_MS, pause_ms
from kingtide.kube.pods import Pod, PodSpec
from tests.unit.controllers.downscaling.situation import (
    HOUR_MS,
    MONDAY_NIGHT_MS,
    MONDAY_NOON_MS,
    Situation,
)

WEB = "Deployment/shop/web"
TUESDAY_MORNING_MS = MONDAY_NIGHT_MS + 9 * HOUR_MS + HOUR_MS // 2


def names(decision: Decision[DownscalingMemory]) -> list[str]:
    """Return whom each action changes."""
    found = []
    for action in decision.actions:
        assert isinstance(action, WorkloadAction)
        found.append(action.name)
    return found


def test_a_night_takes_it_down_and_a_morning_brings_it_back() -> None:
    there = Situation(look_again_seconds=86_400)
    there.put()
    night = there.step()
    assert there.codes(night) == ["ScaledDown"]
    assert there.size() == 0
    assert there.cluster.scalables[WEB].annotations == {ORIGINAL_REPLICAS: "3"}
    there.now_ms += 31_000
    quiet = there.step()
    assert (quiet.actions, quiet.report.verdicts) == ((), ())
    assert quiet.wake_at_ms == TUESDAY_MORNING_MS
    there.now_ms = quiet.wake_at_ms
    morning = there.step()
    assert there.codes(morning) == ["ScaledUp"]
    assert there.size() == 3
    assert there.cluster.scalables[WEB].annotations == {}


def test_nothing_is_looked_at_that_has_not_changed_and_is_not_due() -> None:
    there = Situation(now_ms=MONDAY_NOON_MS)
    there.put()
    there.put("other")
    assert there.step().report.saw == {}
    there.now_ms += 1_000
    before = there.memory
    assert there.decide().memory == before
    # A pass that looked at a workload would have found this one down.
    assert there.memory.due == before.due


def test_it_looks_again_within_the_policys_bound() -> None:
    there = Situation(look_again_seconds=60)
    there.put()
    assert there.step().wake_at_ms == MONDAY_NIGHT_MS + 30_000  # to see its write confirmed
    there.now_ms += 40_000
    assert there.step().wake_at_ms == there.now_ms + 60_000


def test_a_pass_writes_so_many_objects_at_most_and_the_next_ones_the_rest() -> None:
    there = Situation(max_writes_per_pass=2)
    for name in "abcde":
        there.put(name)
    done = []
    for _ in range(3):
        decision = there.step()
        done.append(names(decision))
        assert decision.wake_at_ms is not None
        there.now_ms = decision.wake_at_ms
    assert done == [["a", "b"], ["c", "d"], ["e"]]


def test_memory_may_be_lost_at_any_moment() -> None:
    there = Situation()
    there.put()
    there.step()
    there.memory = CONTROLLER.first_memory()
    assert there.step().actions == ()
    there.now_ms = TUESDAY_MORNING_MS
    there.memory = CONTROLLER.first_memory()
    there.step()
    assert there.size() == 3


def test_a_namespaces_word_counts_at_once_for_everything_in_it() -> None:
    there = Situation(now_ms=MONDAY_NOON_MS)
    there.put("a")
    there.put("b")
    there.put("c", namespace="other")
    there.step()
    there.namespace(downtime="always")
    assert names(there.step()) == ["a", "b"]
    there.namespace()
    assert names(there.step()) == ["a", "b"]
    assert there.size("Deployment/shop/a") == 3


def test_a_forced_namespace_is_left_when_the_force_ends() -> None:
    there = Situation()
    there.put()
    there.namespace(force_uptime="Mon-Mon 20:00-23:00 UTC")
    assert there.codes(there.step()) == ["Forced"]
    assert there.memory.due[WEB] == MONDAY_NIGHT_MS + HOUR_MS
    there.now_ms = MONDAY_NIGHT_MS + HOUR_MS
    there.step()
    assert there.size() == 0


def test_a_force_to_come_wakes_what_is_forced_down_now() -> None:
    there = Situation(uptime="always")
    there.put()
    there.namespace(force_downtime="true", force_uptime="Mon-Mon 23:00-24:00 UTC")
    there.step()
    there.step()
    assert there.size() == 0
    assert there.memory.due[WEB] == MONDAY_NIGHT_MS + HOUR_MS
    there.now_ms = MONDAY_NIGHT_MS + HOUR_MS
    there.step()
    assert there.size() == 3


def test_a_pod_keeps_everything_up_while_it_runs() -> None:
    there = Situation()
    there.put()
    there.put("b", namespace="other")
    pod = Pod("build", "p", "p", PodSpec(()), {}, 0, {FORCE_UPTIME: "True"}, phase="Running")
    there.cluster.apply(None, pod)
    assert there.step().actions == ()
    there.cluster.apply(pod, msgspec.structs.replace(pod, phase="Succeeded"))
    assert len(there.step().actions) == 2


def test_a_wake_up_brings_it_back_until_it_expires() -> None:
    there = Situation()
    there.put()
    there.step()
    there.annotate(WEB, {WAKE_UNTIL: "2026-11-23T23:30:00Z"})
    there.step()
    assert there.size() == 3
    there.step()
    assert there.memory.due[WEB] == MONDAY_NIGHT_MS + HOUR_MS * 3 // 2
    there.now_ms = there.memory.due[WEB]
    there.step()
    assert there.size() == 0
    assert there.cluster.scalables[WEB].annotations[ORIGINAL_REPLICAS] == "3"


def test_a_namespace_can_be_woken_as_a_whole() -> None:
    there = Situation()
    there.put()
    namespace = there.cluster.namespaces
    there.namespace()
    woken = msgspec.structs.replace(namespace["shop"], annotations={WAKE_UNTIL: "2026-11-24"})
    there.cluster.apply(namespace["shop"], woken)
    assert there.codes(there.step()) == ["Woken"]


def test_annotations_that_nobody_can_read_are_told_once() -> None:
    there = Situation()
    there.put(annotations={WAKE_UNTIL: "tomorrow", "downscaler/exclude-until": "soon"})
    first = there.decide()
    (told,) = [it for it in first.report.verdicts if it.code == "AnnotationIgnored"]
    assert told.subject == "Deployment-annotations/shop/web"
    assert "kingtide.dev/wake-until: 'tomorrow' is no time" in str(told.details["detail"])
    there.now_ms += 60_000
    assert "AnnotationIgnored" not in there.codes(there.decide())


def test_a_bad_specification_leaves_one_workload_and_says_where_it_stands() -> None:
    there = Situation()
    there.put("bad", annotations={"downscaler/uptime": "Mon-Fri 25:00-26:00 UTC"})
    there.put("good")
    decision = there.step()
    told = [CONTROLLER.phrases.tell(it) for it in decision.report.verdicts]
    assert (
        "shop/bad is left as it is: downscaler/uptime (workload): 'Mon-Fri 25:00-26:00 UTC':"
        " no clock shows 25:00; write 00:00 to 24:00"
    ) in told
    assert there.size("Deployment/shop/good") == 0
    there.annotate("Deployment/shop/bad", {"downscaler/uptime": "always"})
    assert there.codes(there.step()) == ["Up"]


def test_a_write_that_fails_is_tried_again_after_growing_pauses() -> None:
    there = Situation()
    there.put()
    pauses = []
    for attempt in range(1, 5):
        decision = there.decide()
        assert len(decision.actions) == 1
        there.outcomes = (Outcome(decision.actions[0], "failed", there.now_ms, "500", "no"),)
        told = there.decide()
        assert there.codes(told) == ["WriteFailed"]
        assert told.actions == ()
        assert told.report.verdicts[0].details["failures"] == attempt
        assert told.wake_at_ms is not None
        pauses.append(told.wake_at_ms - there.now_ms)
        there.now_ms = told.wake_at_ms
    assert pauses == [5_000, 10_000, 20_000, 40_000]
    there.step()
    there.step()
    assert there.memory.failures == {}


def test_pauses_have_a_bound() -> None:
    assert pause_ms(10_000) == LONGEST_PAUSE_MS


def test_a_workload_that_goes_is_forgotten() -> None:
    there = Situation()
    it = there.put()
    there.step()
    there.cluster.apply(there.cluster.scalables[it.key], None)
    there.step()
    assert (there.memory.due, there.memory.said) == ({}, {})


@pytest.mark.parametrize(
    ("holidays", "state"),
    [
        (("2026-11-23 UTC",), 0),
        (("2026-11-20/2026-11-23",), 0),
        (("2026-11-24",), 3),
        (("2026-11-22",), 3),
    ],
)
def test_holidays_take_down_what_has_a_timetable(holidays: tuple[str, ...], state: int) -> None:
    there = Situation(now_ms=MONDAY_NOON_MS, holidays=holidays)
    there.put()
    there.put("always", annotations={"downscaler/uptime": "always"})
    there.step()
    assert there.size() == state
    assert there.size("Deployment/shop/always") == 3


def test_a_holiday_is_over_when_its_zones_day_is() -> None:
    there = Situation(
        now_ms=MONDAY_NOON_MS,
        uptime="Mon-Sun 00:00-24:00 UTC",
        holidays=("2026-11-23 America/New_York",),
        look_again_seconds=86_400,
    )
    there.put()
    there.step()
    there.now_ms += 31_000
    there.step()
    # Midnight there is five in the morning.
    assert there.memory.next_due_ms == MONDAY_NOON_MS + 17 * HOUR_MS
    there.now_ms = MONDAY_NOON_MS + 17 * HOUR_MS
    there.step()
    assert there.size() == 3


def test_a_holiday_may_have_hours_of_its_own() -> None:
    there = Situation(
        now_ms=MONDAY_NOON_MS, holidays=("2026-11-23",), holiday_uptime="Mon-Sun 11:00-13:00 UTC"
    )
    there.put()
    assert there.step().actions == ()
    there.now_ms += HOUR_MS
    there.step()
    assert there.size() == 0


def test_a_change_that_comes_before_a_write_is_confirmed_is_not_missed() -> None:
    there = Situation(now_ms=MONDAY_NIGHT_MS - 10_000, uptime="Mon-Fri 22:00-23:00 UTC")
    there.put()
    assert there.step().wake_at_ms == MONDAY_NIGHT_MS
    there.now_ms = MONDAY_NIGHT_MS
    there.step()
    assert there.size() == 3
