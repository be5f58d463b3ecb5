"""When nodes are left alone because too many are broken."""

from __future__ import annotations

import pytest

from kingtide.control.cluster_health import is_unhealthy


@pytest.mark.parametrize(
    ("unready", "nodes", "expected"),
    [
        pytest.param(3, 3, False, id="as-many-as-are-always-allowed"),
        pytest.param(4, 8, True, id="half-of-a-small-cluster"),
        pytest.param(45, 100, False, id="just-the-share"),
        pytest.param(46, 100, True, id="above-the-share"),
        pytest.param(450, 1_000, False, id="just-the-share-of-many"),
        pytest.param(451, 1_000, True, id="one-more-than-the-share-of-many"),
        pytest.param(4, 100, False, id="few-of-many"),
    ],
)
def test_a_cluster_is_unhealthy_beyond_both_bounds(
    unready: int, nodes: int, expected: bool
) -> None:
    found = is_unhealthy(unready, nodes, ok_unready_count=3, max_unready_percentage=45)
    assert found is expected
