from __future__ import annotations

from disturbances.published import PAGE, kept, published


def test_the_page_has_the_rules_and_results_that_there_are() -> None:
    page = PAGE.read_text()
    assert published(page) == page


def test_no_evening_that_is_kept_broke_a_rule() -> None:
    assert len(kept()) >= 3
    assert [it.violations for it in kept() if it.violations] == []
