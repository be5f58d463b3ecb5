"""The guide has every metric of the webhook with its labels, and no others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from prometheus_client.metrics import MetricWrapperBase

from kingtide.operate.admission.metrics import AdmissionMetrics

GUIDE = Path(__file__).parents[4] / "docs" / "guides" / "admission.md"
ROW = re.compile(r"^\| `(kingtide_admission_\w+)` \| ([^|]*) \|", re.MULTILINE)


def served() -> Iterator[tuple[str, tuple[str, ...]]]:
    metrics = AdmissionMetrics(lambda: {"Namespace": 1.0})
    for it in vars(metrics).values():
        if isinstance(it, MetricWrapperBase):
            suffix = "_total" if it._type == "counter" else ""
            yield f"{it._name}{suffix}", it._labelnames
    yield "kingtide_admission_staleness_seconds", ("kind",)


def test_the_guide_lists_what_is_served() -> None:
    listed = {
        name: tuple(re.findall(r"`(\w+)`", labels))
        for name, labels in ROW.findall(GUIDE.read_text())
    }
    assert listed == dict(served())
