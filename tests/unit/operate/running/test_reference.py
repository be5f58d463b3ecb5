from __future__ import annotations

from pathlib import Path

from kingtide.operate.running.metric_table import METRICS
from kingtide.operate.running.reference import page


def test_the_page_is_current(repository: Path) -> None:
    hint = "python -m kingtide.operate.running.reference > docs/reference/run.md"
    assert (repository / "docs/reference/run.md").read_text(encoding="utf-8") == page(), hint


def test_every_metric_is_named_once_and_by_its_unit() -> None:
    names = [it.name for it in METRICS]
    assert len(set(names)) == len(names)
    for it in METRICS:
        assert it.name.startswith("kingtide_")
        assert bool(it.bounds) == (it.kind == "histogram")
        if it.kind == "histogram":
            assert it.name.endswith("_seconds")
