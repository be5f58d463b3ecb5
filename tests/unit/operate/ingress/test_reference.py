from __future__ import annotations

from pathlib import Path

from kingtide.operate.ingress.metric_table import METRICS
from kingtide.operate.ingress.metrics import IngressMetrics
from kingtide.operate.ingress.reference import page


def test_the_page_is_current(repository: Path) -> None:
    hint = "python -m kingtide.operate.ingress.reference > docs/reference/run-ingress.md"
    written = (repository / "docs/reference/run-ingress.md").read_text(encoding="utf-8")
    assert written == page(), hint


def test_what_is_counted_is_what_is_declared() -> None:
    found = IngressMetrics(dict).registry.collect()
    shown = {it.name for it in found if it.name.startswith("kingtide_")}
    assert shown == {it.name for it in METRICS}
