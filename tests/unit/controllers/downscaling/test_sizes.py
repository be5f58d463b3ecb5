"""How large an object is, and what its marker says it was."""

from __future__ import annotations

from typing import Any

import pytest

from kingtide.controllers.downscaling import names
from kingtide.controllers.downscaling.marker import BadMarker, marker_of
from kingtide.controllers.downscaling.size import Size, Unsized, read_amount, size_of
from kingtide.controllers.downscaling.smaller import target_of
from kingtide.fleet.policies.downscaling import DownscalingPolicy
from kingtide.kube.scalables import Scalable, ScalableKind

PAUSED = names.KEDA_PAUSED_REPLICAS


def of(kind: ScalableKind, **fields: Any) -> Scalable:
    return Scalable(kind, "shop", "web", **fields)


@pytest.mark.parametrize(
    ("it", "size"),
    [
        pytest.param(of("Deployment", size=3), "3", id="what is written"),
        pytest.param(of("Deployment"), "1", id="the API's default"),
        pytest.param(of("AutoscalingRunnerSet"), "0", id="no runners by default"),
        pytest.param(of("CronJob"), "1", id="not suspended by default"),
        pytest.param(of("Job", suspended=True), "0", id="suspended"),
        pytest.param(of("DaemonSet"), "1", id="a DaemonSet"),
        pytest.param(of("DaemonSet", node_selector=((names.PARKED, "true"),)), "0", id="parked"),
        pytest.param(of("PodDisruptionBudget", min_available="50%"), "50%", id="a share"),
        pytest.param(of("PodDisruptionBudget", max_unavailable="2"), "2", id="the other bound"),
        pytest.param(of("ScaledObject"), "-1", id="not paused"),
        pytest.param(of("ScaledObject", annotations={PAUSED: "2"}), "2", id="paused"),
    ],
)
def test_a_size_is_what_is_written_or_the_apis_default(it: Scalable, size: str) -> None:
    assert size_of(it, is_compatible=False).amount == size


@pytest.mark.parametrize("it", [of("Deployment"), of("CronJob"), of("Job")], ids=lambda it: it.kind)
def test_the_old_tool_knows_no_default(it: Scalable) -> None:
    with pytest.raises(Unsized):
        size_of(it, is_compatible=True)


@pytest.mark.parametrize("text", ["-1", "soon", "50%"])
def test_a_pause_that_is_no_number_of_pods_is_no_size(text: str) -> None:
    with pytest.raises(Unsized, match="no number"):
        size_of(of("ScaledObject", annotations={PAUSED: text}), is_compatible=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3", Size("3", 3)),
        (" +03 ", Size("3", 3)),
        ("0", Size("0", 0)),
        ("-1", Size("-1", None)),
        ("0%", Size("0%", 0)),
        ("1%", Size("1%", None)),
        ("50%", Size("50%", None)),
        ("-5%", None),
        ("three", None),
    ],
)
def test_an_amount_is_a_number_or_a_share_and_only_nothing_of_a_share_is_known(
    text: str, expected: Size | None
) -> None:
    assert read_amount(text) == expected


@pytest.mark.parametrize(
    ("amount", "pods", "expected"),
    [("1", 0, True), ("0", 0, False), ("0", -1, False), ("2", 2, False), ("50%", 9, True)],
)
def test_only_what_is_larger_can_be_made_smaller_and_nothing_below_zero(
    amount: str, pods: int, expected: bool
) -> None:
    size = read_amount(amount)
    assert size is not None
    assert size.is_above(pods) is expected


@pytest.mark.parametrize(
    ("kind", "text", "amount"),
    [
        pytest.param("Deployment", "3", "3", id="a number"),
        pytest.param("Deployment", "0", None, id="it had none"),
        pytest.param("Deployment", "-1", None, id="only a ScaledObject is unpaused"),
        pytest.param("ScaledObject", "-1", "-1", id="it was not paused"),
        pytest.param("ScaledObject", "-2", None, id="no such pause"),
        pytest.param("PodDisruptionBudget", "50%", "50%", id="a share"),
        pytest.param("PodDisruptionBudget", "0%", None, id="nothing of a share"),
    ],
)
def test_a_marker_is_a_size_that_the_kind_can_have_had(
    kind: ScalableKind, text: str, amount: str | None
) -> None:
    found = marker_of(of(kind, annotations={names.ORIGINAL_REPLICAS: text}))
    assert (None if found is None else found.amount) == amount


def test_a_share_is_no_marker_of_what_has_replicas() -> None:
    with pytest.raises(BadMarker):
        marker_of(of("Deployment", annotations={names.ORIGINAL_REPLICAS: "50%"}))


@pytest.mark.parametrize(
    ("kind", "wanted", "expected"),
    [
        ("Deployment", 0, 0),
        ("Deployment", 2, 2),
        ("CronJob", 0, 0),
        ("CronJob", 1, 1),
        ("DaemonSet", 2, 1),
        ("HorizontalPodAutoscaler", 0, 1),
        ("HorizontalPodAutoscaler", 2, 2),
    ],
)
def test_a_kind_goes_down_as_far_as_it_can(kind: ScalableKind, wanted: int, expected: int) -> None:
    assert target_of(kind, wanted, DownscalingPolicy()) == expected
