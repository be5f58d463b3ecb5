"""Times, counts and lengths at their very edge."""

from __future__ import annotations

import pytest

from kingtide.control.outcome import Outcome
from kingtide.control.workload_actions import ScaleWorkload
from kingtide.controllers.downscaling import names, report
from kingtide.controllers.downscaling.annotation_check import annotation_mistakes
from kingtide.controllers.downscaling.dialect import dialect_of
from kingtide.controllers.downscaling.grace import in_grace_until
from kingtide.controllers.downscaling.holidays import MAX_HOLIDAYS, holiday_at, read_holiday
from kingtide.controllers.downscaling.policy_check import empty_hours, policy_mistakes
from kingtide.controllers.downscaling.retries import failed_object, pause_ms
from kingtide.controllers.downscaling.selection import Selection
from kingtide.controllers.downscaling.time_spec import MAX_LENGTH, BadTimeSpec, read_time_spec
from kingtide.controllers.downscaling.words import words_of
from kingtide.fleet.policies.downscaling import DownscalingPolicy
from kingtide.kube.scalables import Scalable
from tests.unit.controllers.downscaling.situation import Situation

DIALECT = dialect_of(DownscalingPolicy())
BORN_MS = 1_800_000_000_000


def web(**annotations: str) -> Scalable:
    said = {f"downscaler/{key.replace('_', '-')}": it for key, it in annotations.items()}
    return Scalable("Deployment", "shop", "web", created_ms=BORN_MS, annotations=said, size=3)


def test_a_holiday_begins_with_its_first_instant_and_is_over_with_the_next_day() -> None:
    day = read_holiday("2026-12-25 UTC", "")
    inside = [
        holiday_at((day,), at_ms) is not None
        for at_ms in (day.from_ms - 1, day.from_ms, day.until_ms - 1, day.until_ms)
    ]
    assert inside == [False, True, True, False]


@pytest.mark.parametrize(
    ("own", "seconds"),
    [("1", 1), ("0", 900), ("899", 899), ("900", 900), ("901", 900), ("soon", 900)],
)
def test_a_workloads_own_grace_is_any_time_up_to_the_policys(own: str, seconds: int) -> None:
    policy = DownscalingPolicy(grace_period_seconds=900)
    it = web(grace_period=own)
    assert in_grace_until(it, words_of(it, None, policy), policy) == BORN_MS + seconds * 1000


def test_what_was_never_released_is_as_old_as_its_creation() -> None:
    policy = DownscalingPolicy(grace_period_seconds=60, deployment_time_annotation="released-at")
    it = web()
    words = words_of(it, None, policy)
    assert in_grace_until(it, words, policy) == BORN_MS + 60_000
    assert words.ignored == []


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 5), (2, 10), (3, 20), (7, 320), (8, 600), (10_000, 600)]
)
def test_a_failed_write_is_tried_again_after_ever_longer_up_to_ten_minutes(
    failures: int, seconds: int
) -> None:
    assert pause_ms(failures) == seconds * 1000


def test_only_a_workload_whose_write_came_to_nothing_is_tried_again() -> None:
    there = Situation()
    there.put()
    (action,) = there.decide().actions
    assert isinstance(action, ScaleWorkload)
    assert failed_object(Outcome(action, "done", 0)) is None
    assert failed_object(Outcome(action, "failed", 0, "500")) == "Deployment/shop/web"
    assert failed_object(Outcome(action, "precondition_failed", 0)) == "Deployment/shop/web"


@pytest.mark.parametrize(
    ("code", "message", "detail"),
    [("409", "conflict", "409 conflict"), ("409", "", "409"), ("", "gone", "gone"), ("", "", "")],
)
def test_a_failure_is_told_with_all_that_the_answer_said(
    code: str, message: str, detail: str
) -> None:
    there = Situation()
    there.put()
    (action,) = there.decide().actions
    outcome = Outcome(action, "failed", 0, code, message)
    assert report.failed("k", 1, outcome).details["detail"] == detail


@pytest.mark.parametrize(
    ("namespaces", "expected"), [((), True), (("shop",), True), (("other",), False)]
)
def test_a_namespace_is_looked_at_unless_others_are_named(
    namespaces: tuple[str, ...], expected: bool
) -> None:
    assert Selection(DownscalingPolicy(namespaces=namespaces)).scans("shop") is expected


def test_writes_beyond_those_of_one_pass_are_counted_and_follow_later() -> None:
    there = Situation(max_writes_per_pass=2)
    for number in range(5):
        there.put(f"web-{number}")
    left = []
    for _ in range(3):
        left.append(there.step().report.saw["writes_left"])
        there.now_ms += 10_000
    assert left == [3, 1, 0]


def test_as_many_holidays_as_may_be_are_no_mistake() -> None:
    days = tuple(f"20{n // 360:02d}-{n // 30 % 12 + 1:02d}-{n % 28 + 1:02d}" for n in range(500))
    most = DownscalingPolicy(holidays=days[:MAX_HOLIDAYS], default_timezone="UTC")
    assert policy_mistakes(most) == ()
    one_more = DownscalingPolicy(holidays=days[: MAX_HOLIDAYS + 1], default_timezone="UTC")
    (mistake,) = policy_mistakes(one_more)
    assert f"{MAX_HOLIDAYS + 1} entries are too many" in str(mistake)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon-Fri 00:00-00:00 UTC", True),
        ("Mon-Fri 08:00-08:00 UTC", True),
        ("Mon-Fri 08:00-08:01 UTC", False),
        ("Mon-Fri 22:00-06:00 UTC", False),
        ("Mon-Fri 00:00-24:00 UTC", False),
        ("Mon-Fri 08:00-18:00 UTC, Sat-Sat 08:00-08:00 UTC", True),
        ("2026-12-24T18:00:00+01:00-2026-12-24T18:00:00+01:00", False),
        ("always", False),
        ("whenever", False),
    ],
)
def test_hours_that_end_where_they_begin_never_come(text: str, expected: bool) -> None:
    assert empty_hours(text, DIALECT) is expected


def test_a_specification_may_be_as_long_as_it_may_be_and_no_longer() -> None:
    part = "Mon-Fri 08:00-18:00 UTC"
    longest = part + " " * (MAX_LENGTH - len(part))
    assert read_time_spec(longest, DIALECT).parts
    with pytest.raises(BadTimeSpec, match="4,000"):
        read_time_spec(longest + " ", DIALECT)


def test_spaces_around_a_word_are_none_of_it_but_for_the_old_tool() -> None:
    old = dialect_of(DownscalingPolicy(compatibility="py-kube-downscaler"))
    assert read_time_spec(" Always ", DIALECT).constant is True
    assert read_time_spec(" Always ", old).constant is None
    assert read_time_spec("Always", old).constant is True


def test_what_nobody_reads_is_told_with_what_may_be_written() -> None:
    (text,) = annotation_mistakes({"downscaler/uptme": "always"}, DIALECT).values()
    named = text.rpartition(" with ")[2].split(", ")
    assert {"uptime", "downtime-replicas", "exclude", "exclude-until"} <= {*named}
    # What the tool writes itself, and what is not called downscaler/.
    assert not {"original-replicas", "original-pause-replicas", "wake-until"} & {*named}
    wrong = annotation_mistakes({names.UPTIME: "true", names.FORCE_UPTIME: "TRUE"}, DIALECT)
    assert list(wrong) == [names.UPTIME]
