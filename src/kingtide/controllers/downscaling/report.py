"""What downscaling says of its passes: every code with its sentence."""

from __future__ import annotations

from kingtide.control.outcome import Outcome
from kingtide.control.report import Phrases, Verdict
from kingtide.controllers.downscaling.step import Step

PHRASES = Phrases(
    {
        "ScaledDown": "{name} goes down from {before} to {after}: {why}",
        "FollowedDown": "{name} goes on from {before} to {after}, as its downtime-replicas now say",
        "ScaledUp": "{name} comes up again from {before} to {after}: {why}",
        "MarkerRemoved": "{name} has {replicas} already, so its marker is taken off",
        "Up": "{name} is up, as it should be",
        "Down": "{name} is down, as it should be",
        "InGrace": "{name} is too young to go down: {why}",
        "Excluded": "{name} is left alone: {why}",
        "Woken": "{name} is up on demand: {why}",
        "Forced": "{name} is {state}: {why}",
        "Holiday": "{name} is {state}: {why}",
        "LeftAlone": "{name} stays as it is: {why}",
        "KeptByHand": "{name} was scaled to {replicas} in its downtime and stays so until it ends",
        "Stranded": "{name} has {replicas}, neither its downtime-replicas nor the {marker} before",
        "BudgetLeft": "{name} keeps its maxUnavailable: lowering it would only stop drains",
        "AutoscalerScales": "{name} is left to its HPA {autoscaler}, which would scale it up again:"
        " give that a downtime, or downtime-replicas 0 to the workload",
        "Prescaled": "{name} is left alone while the floor of {floor_of} is raised for an event",
        "BadWord": "{name} is left as it is: {detail}",
        "BadMarker": "{name} is left as it is: {detail}",
        "Unsized": "{name} is left as it is: {detail}",
        "NoBirth": "{name} is left as it is: {detail}",
        "AnnotationIgnored": "{name}: {detail}",
        "WriteFailed": "{name} could not be written, {failures} {failures:time|times} in a row:"
        " {detail}",
    }
)

AS_IT_SHOULD_BE = ("Up", "Down")
"""Codes of a workload of which all is well, which is told only after something else was."""


def verdict(key: str, step: Step) -> Verdict:
    """Return a step as a verdict on its workload."""
    return Verdict(key, step.stance, step.code, step.details)


def failed(key: str, failures: int, outcome: Outcome) -> Verdict:
    """Return the verdict on a workload whose write came to nothing so many times in a row."""
    detail = " ".join(part for part in (outcome.code, outcome.message) if part)
    return Verdict(key, "noticed", "WriteFailed", {"failures": failures, "detail": detail})


def ignored(key: str, texts: tuple[str, ...]) -> Verdict:
    """Return the verdict on annotations of a workload that nobody can read."""
    details = {"detail": "; ".join(texts)}
    return Verdict(annotations_of(key), "noticed", "AnnotationIgnored", details)


def annotations_of(key: str) -> str:
    """Return the subject of verdicts on a workload's annotations, beside those on itself."""
    kind, _, name = key.partition("/")
    return f"{kind}-annotations/{name}"
