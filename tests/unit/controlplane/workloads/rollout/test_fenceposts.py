"""Expected values: pkg/controller/deployment/util/deployment_util.go (v1.36), by hand."""

import pytest

from kingtide.controlplane.workloads.rollout.fenceposts import Fenceposts, fenceposts, min_available
from tests.unit.controlplane.workloads.rollout.scene import deployment


@pytest.mark.parametrize(
    ("replicas", "surge", "unavailable", "expected"),
    [
        pytest.param(10, "25%", "25%", Fenceposts(3, 2), id="defaults: surge up, unavailable down"),
        pytest.param(4, "25%", "25%", Fenceposts(1, 1), id="defaults of four"),
        pytest.param(1, "25%", "25%", Fenceposts(1, 0), id="defaults of one: surge first"),
        pytest.param(0, "25%", "25%", Fenceposts(0, 0), id="defaults of none"),
        pytest.param(10, "3", "2", Fenceposts(3, 2), id="numbers"),
        pytest.param(10, "0", "0", Fenceposts(0, 1), id="both nothing: one may be away"),
        pytest.param(3, "0%", "25%", Fenceposts(0, 1), id="both round to nothing"),
        pytest.param(5, "0", "100%", Fenceposts(0, 5), id="all may be away"),
        pytest.param(3, "0", "9", Fenceposts(0, 3), id="never more away than there are"),
        pytest.param(10, "100%", "0", Fenceposts(10, 0), id="all again beside"),
    ],
)
def test_a_rolling_update_strays_so_far(
    replicas: int, surge: str, unavailable: str, expected: Fenceposts
) -> None:
    it = deployment(replicas, surge, unavailable)
    assert fenceposts(it) == expected
    assert min_available(it) == replicas - expected.unavailable


def test_recreate_has_no_bounds_to_stray_within() -> None:
    assert fenceposts(deployment(10, strategy="Recreate")) == Fenceposts(0, 0)
