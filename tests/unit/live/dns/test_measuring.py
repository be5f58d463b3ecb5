from __future__ import annotations

import pytest

from kingtide.live.dns.measuring import percentile


@pytest.mark.parametrize(("percent", "expected"), [(50, 2), (99, 4), (75, 3), (1, 1), (100, 4)])
def test_a_percentile_is_the_nearest_rank(percent: int, expected: int) -> None:
    assert percentile([4, 1, 3, 2], percent) == expected
