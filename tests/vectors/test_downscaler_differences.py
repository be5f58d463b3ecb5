"""Which cases of the downscaler's vectors Kingtide departs from by default: these, and no other.

The guide (docs/guides/downscaling.md) lists them with their reasons.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vectors import cases
from tests.vectors.downscaler_pass import changes
from tests.vectors.test_downscaler_timespec import answer

DIFFERENT = {
    "ts-x49": True,
    "db-130": {"Deployment/web": {"spec": {"replicas": 0}}},
}
"""What comes out by default where the tool does otherwise."""

pytestmark = pytest.mark.skipif(
    not cases.is_default_folder(), reason="the list is of the cases of the repository's own folder"
)


def test_exactly_the_listed_cases_differ_by_default() -> None:
    found: dict[str, object] = {}
    for loaded in cases.load("downscaler_timespec", "cases", ("expect",)):
        got = answer(loaded.case.given, is_compatible=False)
        assert loaded.expectation.whole is not None
        if got != loaded.expectation.whole["expect"]:
            found[loaded.case.name] = got
    for loaded in cases.load("downscaler_behaviour", "cases", ("expect_changes",)):
        written = changes(loaded.case.given, "none")
        assert loaded.expectation.whole is not None
        if written != loaded.expectation.whole["expect_changes"]:
            found[loaded.case.name] = written
    assert found == DIFFERENT


def test_the_guide_lists_every_case_that_differs(repository: Path) -> None:
    guide = (repository / "docs" / "guides" / "downscaling.md").read_text(encoding="utf-8")
    assert [case for case in DIFFERENT if f"`{case}`" not in guide] == []
