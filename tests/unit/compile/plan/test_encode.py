from __future__ import annotations

import pytest

from kingtide.compile.plan.compare import plan
from kingtide.compile.plan.encode import NotAPlan, decode_plan, encode_plan
from tests.unit.compile.plan.fleets import cluster, fleet, priority_class, spot, state

PLAN = plan(fleet(state()), fleet(state(cluster(), spot(image="new"), objects=(priority_class(),))))


def test_a_plan_is_the_same_after_it_was_written_and_read() -> None:
    assert decode_plan(encode_plan(PLAN)) == PLAN


def test_the_same_plan_is_the_same_bytes() -> None:
    assert encode_plan(PLAN) == encode_plan(decode_plan(encode_plan(PLAN)))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"apiVersion: v1", "is no plan", id="yaml"),
        pytest.param(b"{}", "`kingtide plan --out FILE` writes one", id="other JSON"),
        pytest.param(
            encode_plan(PLAN).replace(b'"version": 1', b'"version": 9'), "version 9", id="version"
        ),
        pytest.param(
            encode_plan(PLAN).replace(b"--yes", b"--not"), "was changed after", id="edited"
        ),
    ],
)
def test_what_is_no_plan_is_refused(content: bytes, told: str) -> None:
    with pytest.raises(NotAPlan, match=told):
        decode_plan(content)
