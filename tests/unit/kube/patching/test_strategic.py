"""Strategic merge patches, rule by rule."""

from __future__ import annotations

from typing import Any

import pytest

from kingtide.kube.patching.json_pointer import PatchFailed
from kingtide.kube.patching.strategic import strategic_patched
from tests.unit.kube.types import CONTAINER, DEPLOYMENT, METADATA, POD_SPEC

A, B = {"name": "a", "image": "a:1"}, {"name": "b", "image": "b:1"}
NEW = {"name": "n", "image": "n:1"}


def containers(*elements: dict[str, Any], **order: Any) -> dict[str, Any]:
    return {"containers": list(elements)} | order


@pytest.mark.parametrize(
    ("before", "patch", "after"),
    [
        pytest.param(
            containers(A, B),
            containers({"name": "b", "image": "b:2"}),
            containers(A, {"name": "b", "image": "b:2"}),
            id="an element is found by its key",
        ),
        pytest.param(
            containers(A, B), containers(NEW), containers(NEW, A, B), id="what is new comes first"
        ),
        pytest.param(
            containers(A, B),
            containers({"name": "a", "$patch": "delete"}),
            containers(B),
            id="an element is deleted",
        ),
        pytest.param(
            containers(A, B),
            containers({"$patch": "replace"}, NEW),
            containers(NEW),
            id="a list is replaced",
        ),
        pytest.param(
            containers(A, B),
            containers({"name": "a", "image": None}),
            containers({"name": "a"}, B),
            id="null removes a field of an element",
        ),
        pytest.param(
            containers(A, B),
            {"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}]},
            containers(B, A),
            id="an order without a list sorts",
        ),
        pytest.param(
            containers(A, B),
            containers(
                NEW,
                **{"$setElementOrder/containers": [{"name": "b"}, {"name": "n"}, {"name": "a"}]},
            ),
            containers(B, NEW, A),
            id="an order places what is new",
        ),
        pytest.param(
            {"tolerations": [{"key": "x"}, {"key": "y"}]},
            {"tolerations": [{"key": "z"}]},
            {"tolerations": [{"key": "z"}]},
            id="tolerations are replaced",
        ),
        pytest.param(
            {"nodeSelector": {"a": "1"}},
            {"nodeSelector": {"b": "2", "a": None}},
            {"nodeSelector": {"b": "2"}},
            id="a map merges",
        ),
        pytest.param(
            {"nodeSelector": {"a": "1"}},
            {"nodeSelector": {"$patch": "replace", "b": "2"}},
            {"nodeSelector": {"b": "2"}},
            id="a map is replaced",
        ),
        pytest.param(
            {"nodeSelector": {"a": "1"}},
            {"nodeSelector": {"$patch": "delete"}},
            {"nodeSelector": {}},
            id="a map is emptied",
        ),
        pytest.param(
            {"volumes": [{"name": "v", "emptyDir": {"medium": "Memory"}}]},
            {"volumes": [{"name": "v", "$retainKeys": ["name", "secret"], "secret": {"a": 1}}]},
            {"volumes": [{"name": "v", "secret": {"a": 1}}]},
            id="a volume keeps the fields that are named",
        ),
        pytest.param({}, {"containers": [NEW], "x": None}, containers(NEW), id="a list is new"),
        pytest.param(
            {},
            {"nodeSelector": {"a": None, "b": "1"}},
            {"nodeSelector": {"b": "1"}},
            id="null of what is new is nothing",
        ),
    ],
)
def test_a_pod_spec_is_patched(before: Any, patch: Any, after: Any) -> None:
    assert strategic_patched(before, patch, POD_SPEC) == after


@pytest.mark.parametrize(
    ("before", "patch", "after"),
    [
        pytest.param(["a"], {"finalizers": ["b", "a"]}, ["b", "a"], id="values merge"),
        pytest.param(
            ["a", "b"], {"$deleteFromPrimitiveList/finalizers": ["a"]}, ["b"], id="values go"
        ),
        pytest.param(
            ["a", "b"],
            {"finalizers": ["c"], "$setElementOrder/finalizers": ["b", "c", "a"]},
            ["b", "c", "a"],
            id="values have an order",
        ),
    ],
)
def test_finalizers_are_patched(before: list[str], patch: Any, after: list[str]) -> None:
    assert strategic_patched({"finalizers": before}, patch, METADATA)["finalizers"] == after


def test_another_strategy_drops_the_settings_of_the_first() -> None:
    before = {"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}}
    patch = {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}

    after = strategic_patched(before, patch, DEPLOYMENT)

    assert after == {"spec": {"strategy": {"type": "Recreate"}}}


def test_elements_the_patch_does_not_name_stay_before_what_they_preceded() -> None:
    env = [{"name": it, "value": "1"} for it in ("injected", "a", "b", "late")]
    patch = {
        "$setElementOrder/env": [{"name": "b"}, {"name": "a"}],
        "env": [{"name": "b", "value": "2"}],
    }

    after = strategic_patched({"env": env}, patch, CONTAINER)["env"]

    assert [it["name"] for it in after] == ["injected", "b", "a", "late"]
    assert after[1] == {"name": "b", "value": "2"}


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        pytest.param({"$patch": "explode"}, "unknown patch type", id="of a map"),
        pytest.param(
            containers({"name": "a", "$patch": "x"}),
            "unknown patch type",
            id="of an element",
        ),
        pytest.param(containers({"image": "i"}), "declared merge key: name", id="no key"),
        pytest.param({"containers": ["a"]}, "single value", id="no map"),
        pytest.param({"$retainKeys": "x"}, "no list", id="no list of keys"),
        pytest.param(
            {"$retainKeys": ["a"], "containers": []}, "retainKeys", id="a key that is not retained"
        ),
        pytest.param(
            containers(NEW, **{"$setElementOrder/containers": [{"name": "a"}]}),
            "doesn't match",
            id="an order without an element",
        ),
        pytest.param({"$deleteFromPrimitiveList/x": "a"}, "no list", id="no list of values"),
    ],
)
def test_a_patch_that_contradicts_itself_is_refused_and_changes_nothing(
    patch: Any, message: str
) -> None:
    before = containers(dict(A), dict(B))

    with pytest.raises(PatchFailed, match=message.replace("$", r"\$")):
        strategic_patched(before, patch, POD_SPEC)

    assert before == containers(A, B)
