"""PriorityClasses: who waits for whom when room is short."""

from __future__ import annotations

from kingtide.compile.document import Document
from kingtide.compile.kubernetes.metadata import metadata
from kingtide.compile.subject import Subject
from kingtide.fleet.pause_pods import PAUSE_PRIORITY_CLASS
from kingtide.fleet.priority_classes import DEFAULT_PRIORITY_CLASS


def priority_classes(subject: Subject) -> tuple[Document, ...]:
    """Return the cluster's PriorityClasses by name; `default` is that of pods that name none."""
    return tuple(
        Document(
            {
                "apiVersion": "scheduling.k8s.io/v1",
                "description": _description(name),
                "globalDefault": name == DEFAULT_PRIORITY_CLASS,
                "kind": "PriorityClass",
                "metadata": metadata(name),
                "value": value,
            }
        )
        for name, value in sorted(subject.spec.priority_classes.items())
    )


def _description(name: str) -> str:
    if name == PAUSE_PRIORITY_CLASS:
        return "Pause pods, which give way to every other pod."
    if name == DEFAULT_PRIORITY_CLASS:
        return "Pods that name no class."
    return f"Pods that name the class {name}."
