"""Down and up again, kind by kind: what is lost with the tool, and is not here."""

from typing import Any

import pytest

from kingtide.controllers.downscaling.names import (
    KEDA_PAUSED_REPLICAS,
    ORIGINAL_PAUSE_REPLICAS,
    ORIGINAL_REPLICAS,
    PARKED,
    PRESCALED,
)
from kingtide.kube.pods import OwnerReference
from kingtide.kube.scalables import ScalableKind
from tests.unit.controllers.downscaling.situation import (
    HOUR_MS,
    MONDAY_NIGHT_MS,
    MONDAY_NOON_MS,
    Situation,
)

WEB = "Deployment/shop/web"
MORNING_MS = MONDAY_NOON_MS + 24 * HOUR_MS
KEPT = {ORIGINAL_REPLICAS: "3"}


@pytest.mark.parametrize(
    ("kind", "fields", "down"),
    [
        ("Deployment", {"size": 3}, {"size": 0}),
        ("StatefulSet", {"size": 2}, {"size": 0}),
        ("Rollout", {"size": 4}, {"size": 0}),
        ("Stack", {"size": 4}, {"size": 0}),
        ("AutoscalingRunnerSet", {"size": 4}, {"size": 0}),
        ("HorizontalPodAutoscaler", {"size": 4, "max_size": 9}, {"size": 1}),
        ("CronJob", {"suspended": False}, {"suspended": True}),
        ("Job", {"suspended": False}, {"suspended": True}),
        ("DaemonSet", {"node_selector": (("a", "b"),)}, None),
        ("PodDisruptionBudget", {"min_available": "50%"}, {"min_available": "0"}),
        ("ScaledObject", {}, {"annotations": {KEDA_PAUSED_REPLICAS: "0", ORIGINAL_REPLICAS: "-1"}}),
        (
            "ScaledObject",
            {"annotations": {KEDA_PAUSED_REPLICAS: "2"}},
            {
                "annotations": {
                    KEDA_PAUSED_REPLICAS: "0",
                    ORIGINAL_PAUSE_REPLICAS: "2",
                    ORIGINAL_REPLICAS: "2",
                }
            },
        ),
    ],
)
def test_every_kind_goes_down_and_comes_back_as_it_was(
    kind: ScalableKind, fields: dict[str, Any], down: dict[str, Any] | None
) -> None:
    there = Situation(kinds=(kind,))
    before = there.put(kind=kind, **fields)
    there.step()
    night = there.cluster.scalables[before.key]
    if down is None:
        assert night.node_selector == (("a", "b"), (PARKED, "true"))
    else:
        assert {name: getattr(night, name) for name in down} == down
    assert ORIGINAL_REPLICAS in night.annotations
    assert there.step().actions == ()
    there.now_ms = MORNING_MS
    there.step()
    assert there.cluster.scalables[before.key] == before
    assert there.step().actions == ()


@pytest.mark.parametrize(
    ("size", "downtime", "after"),
    [
        pytest.param(1, "0", 0, id="lowered while down: further down"),
        pytest.param(0, "1", 1, id="raised while down: followed"),
        pytest.param(0, "5", 3, id="raised above what it was: as it was"),
        pytest.param(1, "1", 1, id="as it says"),
    ],
)
def test_downtime_replicas_that_change_are_followed_and_nothing_is_lost(
    size: int, downtime: str, after: int
) -> None:
    there = Situation()
    there.put(size=size, annotations={**KEPT, "downscaler/downtime-replicas": downtime})
    there.step()
    assert there.size() == after
    assert there.step().actions == ()
    there.now_ms = MORNING_MS
    there.step()
    assert there.size() == 3
    assert ORIGINAL_REPLICAS not in there.cluster.scalables[WEB].annotations


@pytest.mark.parametrize("by_hand", [3, 5])
def test_what_somebody_scales_up_at_night_stays_and_is_theirs_in_the_morning(by_hand: int) -> None:
    there = Situation()
    there.put(size=by_hand, annotations=KEPT)
    assert there.codes(there.step()) == ["KeptByHand"]
    assert there.size() == by_hand
    there.now_ms = MORNING_MS
    assert there.codes(there.step()) == ["MarkerRemoved"]
    assert there.size() == by_hand
    assert there.cluster.scalables[WEB].annotations == {}


def test_a_policy_may_overrule_what_is_scaled_by_hand_and_still_remembers_it() -> None:
    there = Situation(manual_replicas="overrule")
    there.put(size=5, annotations=KEPT)
    there.step()
    assert there.size() == 0
    there.now_ms = MORNING_MS
    there.step()
    assert there.size() == 5


def test_a_scaled_object_unpaused_by_hand_goes_down_again_without_losing_its_pause() -> None:
    there = Situation(kinds=("ScaledObject",), manual_replicas="overrule")
    it = there.put(
        kind="ScaledObject", annotations={ORIGINAL_REPLICAS: "-1", ORIGINAL_PAUSE_REPLICAS: "2"}
    )
    there.step()
    there.now_ms = MORNING_MS
    there.step()
    assert there.cluster.scalables[it.key].annotations == {KEDA_PAUSED_REPLICAS: "2"}


def test_an_hpa_never_asks_for_zero_unless_the_api_allows_it() -> None:
    for allowed, least in ((False, 1), (True, 0)):
        there = Situation(kinds=("HorizontalPodAutoscaler",), hpa_scale_to_zero=allowed)
        it = there.put(kind="HorizontalPodAutoscaler", size=4, max_size=9)
        there.step()
        assert there.size(it.key) == least


def test_an_hpa_comes_back_to_no_more_than_its_maximum() -> None:
    there = Situation(now_ms=MONDAY_NOON_MS, kinds=("HorizontalPodAutoscaler",))
    it = there.put(
        kind="HorizontalPodAutoscaler", size=1, max_size=2, annotations={ORIGINAL_REPLICAS: "4"}
    )
    there.step()
    assert there.size(it.key) == 2
    assert there.step().actions == ()


def test_a_deployment_is_left_to_its_hpa_where_the_two_would_fight() -> None:
    there = Situation()
    there.put(annotations={"downscaler/downtime-replicas": "1"})
    there.put(
        "scaler", "HorizontalPodAutoscaler", size=2, target_kind="Deployment", target_name="web"
    )
    assert there.codes(there.step()) == ["AutoscalerScales"]
    # At 0 replicas an HPA rests.
    there.annotate(WEB, {"downscaler/downtime-replicas": "0"})
    there.step()
    assert there.size() == 0


@pytest.mark.parametrize("bearer", ["web", "scaler"])
def test_what_another_controller_has_raised_for_an_event_is_left_alone(bearer: str) -> None:
    there = Situation(kinds=("Deployment", "HorizontalPodAutoscaler"))
    there.put()
    there.put(
        "scaler", "HorizontalPodAutoscaler", size=2, target_kind="Deployment", target_name="web"
    )
    key = WEB if bearer == "web" else "HorizontalPodAutoscaler/shop/scaler"
    there.annotate(key, {PRESCALED: "2"})
    decision = there.step()
    assert "Prescaled" in there.codes(decision)
    assert there.size() == 3
    there.annotate(key, {PRESCALED: None})
    there.step()
    assert there.size() == 0


def test_a_budgets_max_unavailable_is_not_lowered() -> None:
    there = Situation(kinds=("PodDisruptionBudget",))
    there.put(kind="PodDisruptionBudget", max_unavailable="2")
    assert there.codes(there.step()) == ["BudgetLeft"]


def test_a_young_workload_goes_down_when_its_grace_is_over() -> None:
    there = Situation(grace_period_seconds=600)
    there.put(created_ms=MONDAY_NIGHT_MS - 300_000)
    assert there.codes(there.step()) == ["InGrace"]
    there.now_ms = there.memory.due[WEB]
    assert there.now_ms == MONDAY_NIGHT_MS + 300_001
    there.step()
    assert there.size() == 0


@pytest.mark.parametrize(
    ("annotation", "protected"),
    [("60", False), ("300", True), ("900", True), ("0", True), ("-5", True), ("soon", True)],
)
def test_a_workloads_own_grace_counts_where_it_is_shorter(annotation: str, protected: bool) -> None:
    there = Situation(grace_period_seconds=300)
    there.put(
        created_ms=MONDAY_NIGHT_MS - 120_000, annotations={"downscaler/grace-period": annotation}
    )
    there.step()
    assert (there.size() == 3) == protected


def test_a_release_counts_as_the_birth() -> None:
    there = Situation(deployment_time_annotation="released")
    there.put(annotations={"released": "2026-11-23T21:50:00Z"})
    assert there.codes(there.step()) == ["InGrace"]
    assert there.memory.due[WEB] == MONDAY_NIGHT_MS + 300_001


@pytest.mark.parametrize("text", ["many", "3%", "1.5", ""])
def test_a_marker_that_nobody_can_read_is_told_and_nothing_is_written(text: str) -> None:
    there = Situation(now_ms=MONDAY_NOON_MS)
    there.put(size=0, annotations={ORIGINAL_REPLICAS: text})
    decision = there.step()
    assert (there.codes(decision), decision.actions) == (["BadMarker"], ())


def test_a_bad_downtime_replicas_does_not_keep_it_down_in_the_morning() -> None:
    there = Situation()
    there.put(size=0, annotations={**KEPT, "downscaler/downtime-replicas": "none"})
    assert there.codes(there.step()) == ["BadWord"]
    there.now_ms = MORNING_MS
    there.step()
    assert there.size() == 3


@pytest.mark.parametrize(
    ("settings", "fields"),
    [
        ({"kinds": ("StatefulSet",)}, {}),
        ({"namespaces": ("other",)}, {}),
        ({"excluded_namespaces": ("sh.*",)}, {}),
        ({"excluded_names": ("web",)}, {}),
        ({"matching_labels": ("tier=.*",)}, {"labels": {"app": "web"}}),
        ({"excluded_labels": ("downscaler=never",)}, {"labels": {"downscaler": "never"}}),
        ({}, {"owners": (OwnerReference("Stack", "s"),)}),
    ],
)
def test_what_is_not_selected_is_not_touched(
    settings: dict[str, Any], fields: dict[str, Any]
) -> None:
    there = Situation(**settings)
    there.put(**fields)
    assert there.step().actions == ()
    there.put("hit" if "excluded_names" in settings else "web", **fields)


def test_labels_choose_by_whole_matches_of_any_pattern() -> None:
    there = Situation(matching_labels=("tier=web", "env=.*"))
    there.put("a", labels={"tier": "web"})
    there.put("b", labels={"tier": "website"})
    there.put("c", labels={"env": "test"})
    there.step()
    sizes = [there.size(f"Deployment/shop/{name}") for name in "abc"]
    assert sizes == [0, 3, 0]


def test_grace_lasts_to_its_last_instant() -> None:
    there = Situation(grace_period_seconds=300, now_ms=MONDAY_NIGHT_MS)
    there.put("last", created_ms=MONDAY_NIGHT_MS - 300_000)
    there.put("over", created_ms=MONDAY_NIGHT_MS - 300_001)
    there.step()
    assert there.size("Deployment/shop/last") == 3
    assert there.size("Deployment/shop/over") == 0


def test_a_workloads_own_word_counts_before_its_namespaces() -> None:
    there = Situation()
    there.put(annotations={"downscaler/uptime": "always"})
    there.put("other")
    there.namespace(uptime="never", downtime_replicas="1")
    there.step()
    assert there.size() == 3
    assert there.size("Deployment/shop/other") == 1


def test_the_downtime_is_asked_only_while_it_is_up() -> None:
    there = Situation(compatibility="py-kube-downscaler")
    there.put(annotations={"downscaler/downtime": "nonsense"})
    there.step()
    assert there.size() == 0
    there.now_ms = MORNING_MS
    assert there.codes(there.step()) == ["BadWord"]


@pytest.mark.parametrize(
    ("own", "namespace"),
    [("2026-11-23T22:30:00Z", "2026-11-23T23:30:00Z"), ("2026-11-23T23:30:00Z", "2026-11-23")],
)
def test_the_later_of_two_times_counts(own: str, namespace: str) -> None:
    there = Situation()
    there.put(annotations={"downscaler/exclude-until": own})
    there.namespace(exclude_until=namespace)
    assert there.codes(there.step()) == ["Excluded"]
    assert there.memory.due[WEB] == MONDAY_NIGHT_MS + HOUR_MS * 3 // 2


def test_a_scaled_object_that_goes_further_down_keeps_the_pause_it_had_first() -> None:
    there = Situation(kinds=("ScaledObject",), downtime_replicas=1)
    it = there.put(kind="ScaledObject", annotations={KEDA_PAUSED_REPLICAS: "3"})
    there.step()
    there.annotate(it.key, {"downscaler/downtime-replicas": "0"})
    there.step()
    annotations = there.cluster.scalables[it.key].annotations
    assert annotations[KEDA_PAUSED_REPLICAS] == "0"
    assert annotations[ORIGINAL_PAUSE_REPLICAS] == "3"
    there.now_ms = MORNING_MS
    there.step()
    assert there.cluster.scalables[it.key].annotations[KEDA_PAUSED_REPLICAS] == "3"
