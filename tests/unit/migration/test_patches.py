from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kingtide.fleet.documents.tree import Plain
from kingtide.kube.patching.json_patch import is_same
from kingtide.migration.parts import Part
from kingtide.migration.patches import beyond, difference, patches, shared
from tests.unit.migration.round_trip import applied

VALUES: st.SearchStrategy[Plain] = st.recursive(
    st.booleans() | st.integers(0, 2) | st.sampled_from(("a", "b")),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("xyz"), inner),
    max_leaves=8,
)
MAPS: st.SearchStrategy[Part] = st.dictionaries(st.sampled_from("xyz"), VALUES)


@given(MAPS, MAPS)
def test_a_difference_merged_into_the_one_gives_the_other(made: Part, wanted: Part) -> None:
    assert is_same(applied(made, difference(made, wanted)), wanted)


@given(MAPS)
def test_nothing_differs_from_itself(made: Part) -> None:
    assert difference(made, made) == {}


@given(st.lists(MAPS, min_size=1, max_size=3), MAPS)
def test_what_is_shared_and_what_is_beyond_it_are_the_whole(maps: list[Part], base: Part) -> None:
    maps = [applied(base, it) for it in maps]
    common = shared(maps)
    for whole in maps:
        assert is_same(applied(common, beyond(common, whole)), whole)


def test_true_is_not_one() -> None:
    assert difference({"a": 1}, {"a": True}) == {"a": True}
    assert difference({"a": [1]}, {"a": [True]}) == {"a": [True]}


@pytest.mark.parametrize(
    ("wanted", "merge"),
    [({}, {"a": None}), ({"a": None}, {"a": None}), ({"a": {"b": None}}, {"a": {}})],
    ids=["absent", "null", "null within"],
)
def test_null_and_absent_are_the_same_to_kops(wanted: Part, merge: Part) -> None:
    assert difference({"a": "x"}, wanted) == merge


def test_the_order_of_subnets_is_no_difference() -> None:
    one: list[Plain] = [{"name": "a"}, {"name": "b"}]
    assert difference({"subnets": one}, {"subnets": one[::-1]}) == {}
    assert difference({"others": one}, {"others": one[::-1]}) == {"others": one[::-1]}


def document(kind: str, name: str, **spec: Plain) -> Part:
    return {"kind": kind, "metadata": {"name": name}, "spec": spec}


def test_what_all_instance_groups_need_stands_once() -> None:
    pairs = [
        (document("Cluster", "c", a=1), document("Cluster", "c", a=2)),
        (document("InstanceGroup", "x", a=1, b=1), document("InstanceGroup", "x", b=2)),
        (document("InstanceGroup", "y", a=1), document("InstanceGroup", "z")),
    ]
    assert patches(pairs) == [
        {"target": {"kind": "InstanceGroup"}, "merge": {"spec": {"a": None}}},
        {"target": {"kind": "Cluster", "name": "c"}, "merge": {"spec": {"a": 2}}},
        {"target": {"kind": "InstanceGroup", "name": "x"}, "merge": {"spec": {"b": 2}}},
        {"target": {"kind": "InstanceGroup", "name": "y"}, "merge": {"metadata": {"name": "z"}}},
    ]
