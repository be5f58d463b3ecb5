"""Kubernetes' own decisions in a journal: what autoscalers did to applications."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kingtide.control.report import Phrases, Report, Verdict
from kingtide.rehearsal.record import DecisionEntry
from kingtide.twin.journal import Mark

CONTROLLER = "horizontal_pod_autoscaling"
"""Kube-controller-manager's part that answers HorizontalPodAutoscalers."""

PHRASES = Phrases({"Rescaled": "{told}"})

_KIND = "rescaled"


def rescales(marks: Iterable[Mark]) -> Iterator[DecisionEntry]:
    """Yield a decision for every change of an application's replicas by its autoscaler."""
    for mark in marks:
        if mark.kind == _KIND:
            verdict = Verdict(
                f"deployment/{mark.subject}", "chose", "Rescaled", {"told": mark.message}
            )
            yield DecisionEntry(mark.at_ms, CONTROLLER, Report(verdicts=(verdict,)))
