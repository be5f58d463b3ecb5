from __future__ import annotations

import pytest

from kingtide.compile.document import Document
from kingtide.fleet.documents.tree import Plain
from kingtide.operate.world import compare_world
from tests.unit.compile.plan.fleets import cluster, group

BEFORE = (cluster(), group("a"))
AFTER = (cluster(kubernetesVersion="1.36.0"), group("a", image="new"), group("b"))


def test_the_world_of_the_plan_has_not_moved() -> None:
    found = compare_world(BEFORE, (), BEFORE)
    assert (found.moved, found.also_there) == ((), ())


def test_what_kops_adds_does_not_count() -> None:
    written = Document(
        {**BEFORE[1].body, "metadata": {"name": "a", "creationTimestamp": "2026-01-01T00:00:00Z"}}
    )
    found = compare_world(BEFORE, (), (BEFORE[0], written))
    assert (found.moved, found.also_there) == ((), ())


def test_a_resumed_run_may_find_any_mixture_of_before_and_after() -> None:
    for live in ((AFTER[0], BEFORE[1]), (BEFORE[0], AFTER[1], AFTER[2]), AFTER):
        assert compare_world(BEFORE, AFTER, live).moved == ()
        assert compare_world(BEFORE, (), live).moved != ()


def test_a_resumed_run_does_not_go_on_over_a_third_hand() -> None:
    third = (BEFORE[0], group("a", image="by hand"))
    assert compare_world(BEFORE, AFTER, third).moved == (
        'InstanceGroup a spec.image: "by hand" instead of "ubuntu"',
    )


def test_a_resumed_run_may_have_deleted_a_group() -> None:
    both = (*BEFORE, group("gone"))
    assert compare_world(both, BEFORE, BEFORE).moved == ()
    assert compare_world(both, (), BEFORE).moved == (
        "InstanceGroup gone is not in the state store",
    )


@pytest.mark.parametrize(
    ("written", "stored", "moved"),
    [
        pytest.param({"a": "5m"}, {"a": "5m0s"}, False, id="one duration in two ways"),
        pytest.param({"a": "5m"}, {"a": "6m0s"}, True, id="another duration"),
        pytest.param({"a": "7"}, {"a": "7s"}, True, id="no duration"),
        pytest.param({"a": False}, {}, False, id="false is left out"),
        pytest.param({"a": {"b": 0}}, {}, False, id="zero is left out, with what holds it"),
        pytest.param({"a": True}, {}, True, id="true is not"),
        pytest.param({"a": False}, {"a": True}, True, id="switched"),
    ],
)
def test_what_kops_writes_otherwise_has_not_moved(
    written: dict[str, Plain], stored: dict[str, Plain], moved: bool
) -> None:
    found = compare_world((cluster(x=written),), (), (cluster(x=stored),))
    assert bool(found.moved) == moved
