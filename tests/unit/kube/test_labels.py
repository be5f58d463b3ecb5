from collections.abc import Mapping

import pytest

from kingtide.kube.labels import (
    LabelSelector,
    NodeSelectorTerm,
    Requirement,
    SelectorOperator,
    requirement_matches,
    selector_matches,
    term_matches,
)

PRESENT = {"tier": "web", "cores": "16"}


@pytest.mark.parametrize(
    ("key", "operator", "values", "matches"),
    [
        pytest.param("tier", "In", ("db", "web"), True, id="In"),
        pytest.param("tier", "In", ("db",), False, id="In, another value"),
        pytest.param("zone", "In", ("a",), False, id="In, absent"),
        pytest.param("tier", "NotIn", ("db",), True, id="NotIn"),
        pytest.param("tier", "NotIn", ("web",), False, id="NotIn, that value"),
        pytest.param("zone", "NotIn", ("a",), True, id="NotIn, absent"),
        pytest.param("tier", "Exists", (), True, id="Exists"),
        pytest.param("zone", "Exists", (), False, id="Exists, absent"),
        pytest.param("tier", "DoesNotExist", (), False, id="DoesNotExist"),
        pytest.param("zone", "DoesNotExist", (), True, id="DoesNotExist, absent"),
        pytest.param("cores", "Gt", ("15",), True, id="Gt"),
        pytest.param("cores", "Gt", ("16",), False, id="Gt, equal"),
        pytest.param("cores", "Gt", ("9",), True, id="Gt compares numbers, not text"),
        pytest.param("cores", "Lt", ("17",), True, id="Lt"),
        pytest.param("cores", "Lt", ("16",), False, id="Lt, equal"),
        pytest.param("zone", "Lt", ("16",), False, id="Lt, absent"),
        pytest.param("tier", "Gt", ("1",), False, id="Gt on a word"),
        pytest.param("cores", "Gt", ("many",), False, id="Gt with a word"),
        pytest.param("cores", "Gt", ("1", "2"), False, id="Gt with two values"),
    ],
)
def test_a_requirement_matches_labels(
    key: str, operator: SelectorOperator, values: tuple[str, ...], *, matches: bool
) -> None:
    assert requirement_matches(Requirement(key, operator, values), PRESENT) is matches


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("1_000", id="underscores"),
        pytest.param("１６", id="other digits"),
        pytest.param("16.0", id="a fraction"),
        pytest.param("0x20", id="hexadecimal"),
        pytest.param("9223372036854775808", id="beyond 64 bits"),
    ],
)
def test_what_go_does_not_read_as_a_number_is_not_compared(value: str) -> None:
    labels = {"cores": value}
    assert not requirement_matches(Requirement("cores", "Gt", ("1",)), labels)
    assert not requirement_matches(Requirement("cores", "Lt", ("99999",)), labels)


@pytest.mark.parametrize(
    ("selector", "labels", "selects"),
    [
        pytest.param(LabelSelector(), {}, True, id="an empty selector selects everything"),
        pytest.param(LabelSelector((("a", "1"),)), {"a": "1", "b": "2"}, True, id="label"),
        pytest.param(LabelSelector((("a", "1"), ("b", "1"))), {"a": "1"}, False, id="all labels"),
        pytest.param(
            LabelSelector((("a", "1"),), (Requirement("b", "Exists"),)),
            {"a": "1"},
            False,
            id="labels and expressions",
        ),
    ],
)
def test_a_selector_selects(
    selector: LabelSelector, labels: Mapping[str, str], *, selects: bool
) -> None:
    assert selector_matches(selector, labels) is selects


def test_an_empty_node_selector_term_matches_no_node() -> None:
    assert not term_matches(NodeSelectorTerm(), PRESENT, "node-1")


def test_a_node_selector_term_can_ask_for_a_node_by_name() -> None:
    term = NodeSelectorTerm(match_fields=(Requirement("metadata.name", "In", ("node-1",)),))
    assert term_matches(term, {}, "node-1")
    assert not term_matches(term, {}, "node-2")


def test_fields_and_labels_of_a_term_must_both_match() -> None:
    term = NodeSelectorTerm(
        (Requirement("tier", "In", ("web",)),), (Requirement("metadata.name", "In", ("node-1",)),)
    )
    assert term_matches(term, PRESENT, "node-1")
    assert not term_matches(term, {}, "node-1")
    assert not term_matches(term, PRESENT, "node-2")
