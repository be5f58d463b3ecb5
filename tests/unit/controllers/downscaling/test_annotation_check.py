"""Annotations that a user is about to write: which are wrong, and what to write instead."""

from __future__ import annotations

import pytest

from kingtide.controllers.downscaling import names
from kingtide.controllers.downscaling.annotation_check import annotation_mistakes
from kingtide.controllers.downscaling.dialect import Dialect

DIALECT = Dialect(zone="UTC")


@pytest.mark.parametrize("key", [names.DOWNTIME_REPLICAS, names.GRACE_PERIOD])
@pytest.mark.parametrize(
    ("text", "is_wrong"),
    [
        pytest.param("0", False, id="none"),
        pytest.param("900", False, id="a number"),
        pytest.param("soon", True, id="a word"),
        pytest.param("-1", True, id="less than none"),
        pytest.param("50%", True, id="a share"),
    ],
)
def test_what_has_to_be_a_number_is_one(key: str, text: str, is_wrong: bool) -> None:
    assert (key in annotation_mistakes({key: text}, DIALECT)) is is_wrong


def test_annotations_that_are_no_numbers_are_not_taken_for_some() -> None:
    written = {names.EXCLUDE: "true", "team": "web", names.FORCE_UPTIME: "true"}
    assert annotation_mistakes(written, DIALECT) == {}


def test_an_annotation_that_nothing_reads_is_answered_with_all_that_a_user_may_write() -> None:
    found = annotation_mistakes({"downscaler/up-time": "always"}, DIALECT)
    told = found["downscaler/up-time"]
    for key in (names.UPTIME, names.FORCE_DOWNTIME, names.EXCLUDE_UNTIL, names.GRACE_PERIOD):
        assert key.partition("/")[2] in told
    assert "original" not in told
