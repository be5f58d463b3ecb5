"""How large an event may be, in how many steps its floor rises, and what is told of the floor."""

from __future__ import annotations

from itertools import pairwise

import pytest

from kingtide.control.report import Verdict
from kingtide.controllers.prescaling.events import BASELINE, PRESCALE, baseline_of
from kingtide.controllers.prescaling.marker import ORIGINAL
from kingtide.controllers.prescaling.ramp import steps_up
from kingtide.controllers.prescaling.timetable import (
    MAX_MULTIPLIER,
    Event,
    Size,
    TimetableError,
    occurrences,
    parse_event,
)
from kingtide.fleet.policies.prescaling import PrescalingPolicy
from kingtide.kube.scalables import Scalable
from tests.unit.controllers.prescaling.test_prescaling_passes import Situation, at


def test_an_event_multiplies_by_the_largest_multiplier_and_by_no_more() -> None:
    assert parse_event("08:00-09:00 UTC x100").size == Size(hundredths=MAX_MULTIPLIER * 100)
    with pytest.raises(TimetableError, match="x100 at most"):
        parse_event("08:00-09:00 UTC x100.01")


def test_an_event_multiplies_by_more_than_one() -> None:
    assert parse_event("08:00-09:00 UTC x1.01").size == Size(hundredths=101)
    with pytest.raises(TimetableError, match="more than x1"):
        parse_event("08:00-09:00 UTC x1.00")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("1", 1, id="one digit"),
        pytest.param("999999", 999_999, id="six digits"),
        pytest.param("1000000", None, id="seven digits: more than any group has"),
        pytest.param("", None, id="nothing"),
        pytest.param("ten", None, id="no number"),
    ],
)
def test_a_baseline_is_a_number_of_at_most_six_digits(text: str, expected: int | None) -> None:
    hpa = Scalable("HorizontalPodAutoscaler", "shop", "api", annotations={BASELINE: text})
    assert baseline_of(hpa) == expected


@pytest.mark.parametrize(
    ("rise", "steps"),
    [
        pytest.param(0, 1, id="what does not rise takes one step"),
        pytest.param(20, 1, id="one portion"),
        pytest.param(21, 2, id="one replica more"),
        pytest.param(10**6, 41, id="as many as fit: the first, and one each half minute"),
    ],
)
def test_a_floor_rises_in_portions_and_in_no_more_steps_than_fit(rise: int, steps: int) -> None:
    room_seconds = PrescalingPolicy().lead_seconds + 40 * 30
    policy = PrescalingPolicy(ramp_max_seconds=room_seconds, step_seconds=30, replicas_per_step=20)
    assert steps_up(rise, policy) == steps


def _told(situation: Situation, code: str) -> Verdict:
    return next(it for it in situation.verdicts if it.code == code)


def test_a_floor_that_is_not_written_and_is_enough_as_it_is_stays_unwritten() -> None:
    situation = Situation(minimum=None, annotations={PRESCALE: "20:45-21:30 Europe/Paris =1"})
    situation.play(at(21, 0))
    assert situation.writes == 0
    assert situation.hpa.min_replicas is None
    assert _told(situation, "AlreadyEnough").details["floor"] == 1


def test_a_rise_from_a_floor_that_is_not_written_is_told_as_one_from_the_apis_one() -> None:
    situation = Situation(minimum=None)
    situation.play(at(20, 45))
    assert _told(situation, "FloorRaised").details["before"] == 1


def test_a_floor_that_somebody_took_off_meanwhile_is_handed_back_as_the_apis_one() -> None:
    situation = Situation()
    situation.play(at(20, 45))
    kept = {key: it for key, it in situation.hpa.annotations.items() if key != PRESCALE}
    situation.change(min_replicas=None, annotations=kept)
    situation.run()
    assert _told(situation, "HandedBack").details == {"floor": 1, "before": 1}
    assert situation.hpa.min_replicas == 1
    assert ORIGINAL not in situation.hpa.annotations


def test_an_event_of_which_no_days_are_said_is_on_every_day_of_the_week() -> None:
    event = Event("", 8 * 60, 9 * 60, "UTC", Size(replicas=2))
    found = [it.begin_ms for it in occurrences(event, at(0, 0, day=1), at(0, 0, day=8))]
    assert [later - earlier for earlier, later in pairwise(found)] == [86_400_000] * 6
