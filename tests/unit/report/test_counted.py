from __future__ import annotations

import pytest

from kingtide.report.counted import counted


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 nodes"), (1, "1 node"), (2, "2 nodes"), (1_200, "1,200 nodes")]
)
def test_one_is_singular_and_all_else_plural(count: int, text: str) -> None:
    assert counted(count, "node") == text
