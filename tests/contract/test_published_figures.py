"""The figures in README and docs are those of a record in benchmarks/history, as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.publish import BRIEF, WHOLE, published_text, record_in


@pytest.mark.parametrize("page", [BRIEF, WHOLE], ids=lambda page: page.name)
def test_a_page_has_the_figures_of_its_record(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert published_text(text, record_in(text), brief=page == BRIEF) == text


def test_both_pages_have_the_figures_of_one_record() -> None:
    assert record_in(BRIEF.read_text("utf-8")) == record_in(WHOLE.read_text("utf-8"))


def test_a_page_without_a_place_for_figures_is_refused() -> None:
    with pytest.raises(ValueError, match="end of the benchmark"):
        published_text("# Nothing", Path("any.json"), brief=True)
