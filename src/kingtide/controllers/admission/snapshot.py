"""What rules have to see of the cluster."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.controllers.admission.subject import Subject
from kingtide.fleet.policies.admission import AdmissionPolicy, GroupAdmission
from kingtide.kube.nodes import GROUP_LABEL


class AdmissionSnapshot(msgspec.Struct, frozen=True):
    """A view of the cluster; None is what is not known, or was heard of too long ago.

    `namespace_labels` are labels by namespace. `priority_classes` are the names of those there are,
    each with whether it is that of pods that name none.
    """

    namespace_labels: Mapping[str, Mapping[str, str]] | None = None
    priority_classes: Mapping[str, bool] | None = None


SYSTEM_CLASSES = ("system-cluster-critical", "system-node-critical")
"""PriorityClasses that every cluster has.

Source: https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/
(v1.36).
"""


def group_name(subject: Subject, snapshot: AdmissionSnapshot) -> str:
    """Return the application group that a subject's namespace belongs to, empty for none."""
    return (snapshot.namespace_labels or {}).get(subject.namespace, {}).get(GROUP_LABEL, "")


def group_of(
    subject: Subject, snapshot: AdmissionSnapshot, policy: AdmissionPolicy
) -> GroupAdmission:
    """Return what pods of a subject's group get; of an unknown group, what others get."""
    name = group_name(subject, snapshot)
    return next((it for it in policy.groups if name and it.name == name), policy.ungrouped)
