from __future__ import annotations

import pytest

from kingtide.check.rules.kops import group_sizes
from tests.unit.check.rules.kops.documents import CONTROL_PLANE, SPOT, Change, faults


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param([(SPOT, ("spec", "minSize"), 3)], [], id="both bounds"),
        pytest.param([(SPOT, ("spec", "minSize"), 100)], [], id="the least is the most"),
        pytest.param(
            [(SPOT, ("spec", "minSize"), 101)],
            [f"{SPOT} spec.minSize"],
            id="the least is above the most",
        ),
        pytest.param([(SPOT, ("spec", "minSize"), None)], [f"{SPOT} spec.minSize"], id="no least"),
        pytest.param([(SPOT, ("spec", "maxSize"), None)], [f"{SPOT} spec.maxSize"], id="no most"),
        pytest.param(
            [(SPOT, ("spec", "minSize"), -1)], [f"{SPOT} spec.minSize"], id="below nothing"
        ),
    ],
)
def test_the_bounds_of_a_group_fit(changes: list[Change], expected: list[str]) -> None:
    assert faults(group_sizes._sizes, *changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param([(CONTROL_PLANE, ("spec", "maxSize"), 1)], [], id="one machine"),
        pytest.param(
            [(CONTROL_PLANE, ("spec", "maxSize"), 2)],
            [f"{CONTROL_PLANE} spec.maxSize"],
            id="two machines",
        ),
        pytest.param(
            [(CONTROL_PLANE, ("spec", "minSize"), 0)], [f"{CONTROL_PLANE} spec.minSize"], id="none"
        ),
        pytest.param([(SPOT, ("spec", "minSize"), 9)], [], id="nodes may be many"),
    ],
)
def test_a_group_of_the_control_plane_has_one_machine(
    changes: list[Change], expected: list[str]
) -> None:
    assert faults(group_sizes._control_plane_sizes, *changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            [(SPOT, ("spec", "rollingUpdate"), {"maxSurge": 0, "maxUnavailable": "0%"})],
            [f"{SPOT} spec.rollingUpdate.maxUnavailable"],
            id="both nothing",
        ),
        pytest.param(
            [(SPOT, ("spec", "rollingUpdate"), {"maxUnavailable": 0})],
            [f"{SPOT} spec.rollingUpdate.maxUnavailable"],
            id="nothing missing, surge left out",
        ),
        pytest.param(
            [(SPOT, ("spec", "rollingUpdate"), {"maxSurge": 0})],
            [],
            id="no surge, one missing by default",
        ),
        pytest.param(
            [(SPOT, ("spec", "rollingUpdate"), {"maxSurge": "10%", "maxUnavailable": 0})],
            [],
            id="a surge",
        ),
        pytest.param(
            [("", ("spec", "rollingUpdate"), {"maxSurge": 0, "maxUnavailable": 0})],
            ["Cluster spec.rollingUpdate.maxUnavailable"],
            id="of the whole cluster",
        ),
        pytest.param(
            [(CONTROL_PLANE, ("spec", "rollingUpdate"), {"maxSurge": 1})],
            [f"{CONTROL_PLANE} spec.rollingUpdate.maxSurge"],
            id="a control plane cannot surge",
        ),
    ],
)
def test_a_rolling_update_can_replace_something(changes: list[Change], expected: list[str]) -> None:
    assert faults(group_sizes._rolling_updates, *changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param([(SPOT, ("spec", "maxInstanceLifetime"), "24h")], [], id="a day"),
        pytest.param(
            [(SPOT, ("spec", "maxInstanceLifetime"), "23h59m")],
            [f"{SPOT} spec.maxInstanceLifetime"],
            id="a minute less",
        ),
        pytest.param([(SPOT, ("spec", "maxInstanceLifetime"), "0s")], [], id="for ever"),
        pytest.param(
            [(SPOT, ("spec", "maxInstanceLifetime"), "a week")],
            [f"{SPOT} spec.maxInstanceLifetime"],
            id="no duration",
        ),
    ],
)
def test_an_instance_lives_a_day_or_longer(changes: list[Change], expected: list[str]) -> None:
    assert faults(group_sizes._lifetimes, *changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            [(SPOT, ("spec", "warmPool"), {"minSize": 1, "maxSize": 2})], [], id="of nodes"
        ),
        pytest.param(
            [(CONTROL_PLANE, ("spec", "warmPool"), {"minSize": 1})],
            [f"{CONTROL_PLANE} spec.warmPool"],
            id="of a control plane",
        ),
        pytest.param(
            [(CONTROL_PLANE, ("spec", "warmPool"), {"maxSize": 0})],
            [],
            id="switched off for a control plane",
        ),
        pytest.param(
            [(SPOT, ("spec", "warmPool"), {"minSize": 3, "maxSize": 2})],
            [f"{SPOT} spec.warmPool.minSize"],
            id="the least above the most",
        ),
        pytest.param(
            [("", ("spec", "warmPool"), {"minSize": 1})],
            [],
            id="of the whole cluster, which a control plane has none of",
        ),
    ],
)
def test_a_warm_pool_is_one_that_kops_takes(changes: list[Change], expected: list[str]) -> None:
    assert faults(group_sizes._warm_pools, *changes) == expected
