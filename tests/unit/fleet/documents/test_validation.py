from __future__ import annotations

from pydantic import model_validator

from kingtide.fleet.documents.mistakes import Findings, Mistakes
from kingtide.fleet.documents.validation import read
from kingtide.fleet.documents.written import Written
from kingtide.fleet.documents.yaml_tree import parse_yaml
from kingtide.fleet.fields import Count, Millicores, PositiveCount


class Bounds(Written):
    min: Count = 0
    max: PositiveCount


class Pair(Written):
    first_name: str
    bounds: Bounds | None = None
    steps: tuple[tuple[Count, Count], ...] = ()
    sizes: dict[str, Bounds] = {}
    cpu: Millicores = 0

    @model_validator(mode="after")
    def _fits(self) -> Pair:
        if self.first_name == "bad":
            raise ValueError("is bad; write something good")
        return self


def mistakes(text: str) -> list[str]:
    findings = Findings()
    read(Pair, parse_yaml(text.encode(), "f"), findings)
    return [str(m) for m in Mistakes(findings.as_error().all).all]


def test_a_right_document_becomes_its_model() -> None:
    findings = Findings()
    tree = parse_yaml(b"{firstName: a, bounds: {max: 3}, steps: [[1, 2]], cpu: 500m}", "f")
    model, _ = read(Pair, tree, findings)
    assert not findings
    assert model is not None
    assert (model.first_name, model.bounds, model.steps) == ("a", Bounds(max=3), ((1, 2),))
    assert model.cpu == 500


def test_all_mistakes_are_told_at_once_in_order_of_their_place() -> None:
    assert mistakes("{bounds: {mn: 1, max: -2}, cpu: 1x, steps: [[1, 2, 3], [a, 4]]}") == [
        "f:1:1: firstName: is missing; add `firstName:`",
        "f:1:11: bounds.mn: unknown field; did you mean 'min'?",
        "f:1:23: bounds.max: -2 is negative; write 0 or more",
        "f:1:33: cpu: '1x' is not a quantity; write for example 500m, 2 or 1.5",
        "f:1:45: steps[0]: has 3 items; write 2",
        "f:1:57: steps[1][0]: 'a' is not a whole number; write for example 3",
    ]


def test_an_unknown_field_like_no_other_lists_the_known_ones() -> None:
    assert mistakes("{firstName: a, zzz: 1}") == [
        "f:1:16: zzz: unknown field; known fields are bounds, cpu, firstName, sizes, steps"
    ]


def test_a_rule_over_several_fields_is_told_beside_mistakes_in_others() -> None:
    assert mistakes("{firstName: bad, cpu: -1}") == [
        "f:1:1: is bad; write something good",
        "f:1:23: cpu: -1 is negative; write 0 or more",
    ]


def test_a_wrong_value_is_not_told_again_as_missing() -> None:
    assert mistakes("{firstName: 3, sizes: {a: {max: x}}}") == [
        'f:1:13: firstName: 3 is not text; write it in quotes: "3"',
        "f:1:33: sizes.a.max: 'x' is not a whole number; write for example 3",
    ]


def test_values_of_the_wrong_kind_are_told_in_words_of_the_file() -> None:
    assert mistakes("{firstName: [a], bounds: 3, sizes: [], steps: 1}") == [
        "f:1:13: firstName: a list stands where text is expected; write a single value",
        "f:1:26: bounds: 3 stands where a map is expected; write keys and values below it",
        "f:1:36: sizes: a list stands where a map is expected; write keys and values below it",
        "f:1:47: steps: 1 stands where a list is expected; write it as [a, b, ...]",
    ]


def test_a_document_that_is_no_map_is_one_mistake() -> None:
    assert mistakes("[1, 2]") == [
        "f:1:1: a list stands where a map is expected; write keys and values below it"
    ]
