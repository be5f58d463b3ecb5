"""Pods that name no PriorityClass get that of their group.

The API server writes the cluster's default into pods before webhooks are asked, so a pod with that
class in a group that has another one is a pod that names none. What it wrote beside the name
(`priority`, `preemptionPolicy`) has to go: it refuses a pod in which they do not fit, and writes
them again. Source: plugin/pkg/admission/priority/admission.go (v1.36) and
https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/ (v1.36).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kingtide.controllers.admission.lenient import is_odd
from kingtide.controllers.admission.snapshot import SYSTEM_CLASSES, AdmissionSnapshot, group_of
from kingtide.controllers.admission.subject import Subject
from kingtide.controllers.admission.verdict import Said, Set, Warned
from kingtide.fleet.policies.admission import AdmissionPolicy

_WRITTEN_BESIDE = ("priority", "preemptionPolicy")


def priority_class(
    subject: Subject, snapshot: AdmissionSnapshot, policy: AdmissionPolicy
) -> Iterator[Said]:
    """Yield the class that is missing, and classes that there are none of."""
    if subject.pod_path is None:
        return
    path = (*subject.pod_path, "priorityClassName")
    spec, classes = subject.pod_spec, snapshot.priority_classes or {}
    named = spec.get("priorityClassName")
    if is_odd(named, str):
        return
    wanted = wanted_class(subject, snapshot, policy)
    if named and not (wanted and subject.is_pod and classes.get(named) and named != wanted):
        if named not in classes and named not in SYSTEM_CLASSES:
            yield Warned("NoSuchClass", path, f"is {named}, which there is not", _among(classes))
        return
    if not wanted:
        return
    if wanted not in classes and wanted not in SYSTEM_CLASSES:
        wrong = f"is missing, and the fleet's class {wanted} is not in the cluster"
        yield Warned("NoSuchClass", path, wrong, "apply the cluster's PriorityClasses")
        return
    yield Set(path, wanted)
    for it in _WRITTEN_BESIDE:
        if it in spec:
            yield Set((*subject.pod_path, it))


def wanted_class(subject: Subject, snapshot: AdmissionSnapshot, policy: AdmissionPolicy) -> str:
    """Return the class of a subject's pods that name none, empty where nobody says one."""
    if subject.runs_everywhere and policy.priority_class.daemon_set_class:
        return policy.priority_class.daemon_set_class
    return group_of(subject, snapshot, policy).priority_class


def _among(classes: Iterable[str]) -> str:
    names = ", ".join(sorted(classes))
    return f"name one of {names}" if names else "make it first"
