from __future__ import annotations

import pytest

from kingtide.control.counted import Counted, counted


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 nodes"), (1, "1 node"), (2, "2 nodes"), (1_200, "1,200 nodes")]
)
def test_one_is_singular_and_all_else_plural(count: int, text: str) -> None:
    assert counted(count, "node") == text


@pytest.mark.parametrize(("count", "text"), [(1, "1 pod waits"), (2, "2 pods wait")])
def test_a_format_string_chooses_the_word_that_goes_with_a_count(count: int, text: str) -> None:
    number = Counted(count)
    assert f"{number} {number:pod waits|pods wait}" == text
    assert f"{Counted(1_200):,}" == "1,200"
