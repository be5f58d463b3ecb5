"""Conditions that end, texts that are told, and when the next look is: in exact numbers."""

from __future__ import annotations

import pytest

from kingtide.control.node_actions import Cordon, Uncordon
from kingtide.controllers.ondemand_reclaim.conditions import have_healed, parse_conditions
from kingtide.controllers.ondemand_reclaim.label_expression import (
    ExpressionError,
    holds,
    parse_expression,
)
from kingtide.controllers.ondemand_reclaim.marks import (
    CORDONED_BY,
    DRAINO_CONDITIONS,
    NAME,
    conditions_of_draino,
    given_up_until_ms,
    is_cordoned_by_us,
)
from kingtide.kube.pods import Condition
from tests.unit.controllers.ondemand_reclaim.small_world import HOUR_MS, MINUTE_MS, SmallWorld


@pytest.mark.parametrize(
    ("status", "since_ms", "healed"),
    [
        pytest.param("False", 60_000, True, id="well for as long as it has to be"),
        pytest.param("False", 59_999, False, id="a moment less"),
        pytest.param("True", 10**9, False, id="still bad"),
        pytest.param(None, 0, False, id="not reported any more"),
    ],
)
def test_a_condition_has_healed_when_it_was_well_for_its_time(
    status: str | None, since_ms: int, healed: bool
) -> None:
    world = SmallWorld()
    world.group("spot", "spot", nodes=1)
    if status is not None:
        found = Condition("True" if status == "True" else "False", world.now_ms - since_ms)
        world.change_node("spot-0", conditions={"Broken": found})
    were = parse_conditions(("Broken=True,1m",))
    assert have_healed(world.cluster.nodes["spot-0"], were, world.now_ms) == healed


def test_of_several_conditions_one_that_healed_is_enough() -> None:
    world = SmallWorld()
    world.group("spot", "spot", nodes=1)
    conditions = {"A": Condition("True", 0), "B": Condition("False", 0)}
    world.change_node("spot-0", conditions=conditions)
    node = world.cluster.nodes["spot-0"]
    assert have_healed(node, parse_conditions(("A=True,1m", "B=True,1m")), world.now_ms)
    assert not have_healed(node, parse_conditions(("A=True,1m", "C=True,1m")), world.now_ms)


def test_so_many_of_drainos_conditions_are_read_and_no_more() -> None:
    world = SmallWorld()
    world.group("spot", "spot", nodes=1)
    text = ";".join(f"C{number}=True,1m" for number in range(70))
    world.change_node("spot-0", annotations={DRAINO_CONDITIONS: f";{text}"})
    found = conditions_of_draino(world.cluster.nodes["spot-0"])
    assert [it.type for it in found] == [f"C{number}" for number in range(63)]


@pytest.mark.parametrize(
    ("label", "has_annotation", "expected"),
    [
        pytest.param(NAME, False, True, id="our mark"),
        pytest.param(None, True, True, id="draino's, whose place we take"),
        pytest.param("nobody", True, False, id="draino's, which we have undone"),
        pytest.param(None, False, False, id="neither"),
    ],
)
def test_whose_cordon_it_is(label: str | None, has_annotation: bool, expected: bool) -> None:
    world = SmallWorld()
    labels = {} if label is None else {CORDONED_BY: label}
    world.group("spot", "spot", nodes=1, labels=labels)
    annotations = {DRAINO_CONDITIONS: "Broken=True,1m"} if has_annotation else {}
    world.change_node("spot-0", annotations=annotations)
    assert is_cordoned_by_us(world.cluster.nodes["spot-0"]) == expected


@pytest.mark.parametrize(
    ("text", "until_ms"),
    [
        ("1800000000", 1_800_000_000_000),
        ("99999999999999", 99_999_999_999_999_000),
        ("999999999999999", 0),
        ("soon", 0),
        ("", 0),
    ],
)
def test_until_when_a_node_was_given_up_is_a_number_of_seconds(text: str, until_ms: int) -> None:
    world = SmallWorld()
    labels = {"kingtide.dev/reclaim-given-up-until": text}
    world.group("spot", "spot", nodes=1, labels=labels)
    assert given_up_until_ms(world.cluster.nodes["spot-0"]) == until_ms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Broken", ("Broken", "True", 0)),
        ("Broken=False,90s", ("Broken", "False", 90_000)),
    ],
)
def test_a_condition_that_says_no_more_is_bad_at_once_when_true(
    text: str, expected: tuple[str, str, int]
) -> None:
    (found,) = parse_conditions((text,))
    assert (found.type, found.status, found.minimum_ms) == expected


# ------------------------------------------------------------ expressions


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("(true", "not the end"),
        ("(true metadata", "not 'metadata'"),
    ],
)
def test_a_mistake_says_what_stands_there(text: str, told: str) -> None:
    with pytest.raises(ExpressionError, match=told):
        parse_expression(text)


def test_an_expression_of_4096_characters_is_read_and_no_longer_one() -> None:
    assert holds(parse_expression("true".ljust(4_096)), {})
    with pytest.raises(ExpressionError, match="4097 characters"):
        parse_expression("true".ljust(4_097))


@pytest.mark.parametrize(("value", "expected"), [("0", True), ("1", True), ("2", False)])
def test_a_label_is_among_values_that_it_equals_one_of(value: str, expected: bool) -> None:
    assert holds(parse_expression("metadata.labels.a in ['0', '1']"), {"a": value}) is expected


# ------------------------------------------------------------ passes


def world_with(age_ms: int, **settings: int) -> SmallWorld:
    world = SmallWorld(**settings)
    world.group("spot", "spot", nodes=1)
    world.group("on-demand", "on-demand", nodes=1, age_ms=age_ms)
    world.pods(1, on="on-demand-0")
    return world


@pytest.mark.parametrize(
    ("age_ms", "wakes_in_ms"),
    [
        pytest.param(HOUR_MS, 10_000, id="it is far from its age"),
        pytest.param(2 * HOUR_MS - 2 * MINUTE_MS, 10_000, id="its place is looked for"),
        pytest.param(2 * HOUR_MS - 3_000, 3_000, id="its age comes before the next poll"),
        pytest.param(2 * HOUR_MS, 5_000, id="it is being emptied"),
    ],
)
def test_the_next_look_is_when_something_may_have_changed(age_ms: int, wakes_in_ms: int) -> None:
    world = world_with(age_ms, poll_seconds=10, drain_poll_seconds=5, max_age_seconds=7_200)
    assert world.run().wake_at_ms == world.now_ms + wakes_in_ms


def test_a_cordon_of_ours_on_a_node_that_nobody_empties_is_undone_and_said() -> None:
    world = world_with(HOUR_MS)
    node = world.cluster.nodes["on-demand-0"]
    world.change_node("on-demand-0", unschedulable=True, labels={**node.labels, CORDONED_BY: NAME})
    said = [it.code for it in world.run().report.verdicts]
    assert world.names(Uncordon) == ["on-demand-0"]
    assert "TakesPodsAgain" in said
    # The mark alone is taken off in the next pass, without another word.
    assert "TakesPodsAgain" not in [it.code for it in world.run().report.verdicts]
    assert CORDONED_BY not in world.cluster.nodes["on-demand-0"].labels
    assert world.names(Cordon) == []
