from __future__ import annotations

import re
from functools import lru_cache

import pytest

from kingtide.check.findings import Checked
from kingtide.check.registry import FAMILIES, RULES
from kingtide.check.rule import Example, Rule
from kingtide.check.run import check_fleet
from tests.unit.check.example_fleet import example_view

TODAY = "2026-11-22"
EACH_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)


def checked(example: Example) -> Checked:
    return check_fleet(example_view(example), RULES, TODAY)


@EACH_RULE
def test_a_failing_example_has_the_finding_at_a_place_in_a_file(rule: Rule) -> None:
    found = [it for it in checked(rule.failing).findings if it.code == rule.code]
    assert found
    for it in found:
        assert it.severity == rule.severity
        assert it.place.file
        assert it.wrong
        assert it.instead


@EACH_RULE
def test_a_passing_example_has_no_finding_of_any_rule(rule: Rule) -> None:
    found = checked(rule.passing)
    assert "prod" in found.clusters
    assert found.unsound == ()
    assert [(it.code, it.text) for it in found.findings] == []


@EACH_RULE
def test_a_rule_says_what_is_wrong_why_and_where_that_is_known_from(rule: Rule) -> None:
    assert re.fullmatch(r"KT[1-6]\d\d", rule.code)
    assert not rule.title.endswith(".")
    assert rule.why.endswith(".")
    assert re.search(r"https://|docs/", rule.source)


def test_every_rule_has_a_code_of_its_own_in_a_family() -> None:
    codes = [rule.code for rule in RULES]
    assert codes == sorted(set(codes))
    assert all(code[:3] in FAMILIES for code in codes)


@lru_cache(maxsize=1)
def _good() -> Checked:
    return checked(Example())


def test_the_good_fleet_is_checked_whole() -> None:
    assert _good().rules == tuple(rule.code for rule in RULES)
    assert _good().unsound == ()
