"""Admission in a rehearsal: as the cluster's files ask for it, with their namespaces' groups."""

from __future__ import annotations

import msgspec

from kingtide.controllers.admission.planned import planned_snapshot
from kingtide.fleet.admission_settings import admission_policy
from kingtide.fleet.policies.admission import AdmissionPolicy
from kingtide.kube.namespaces import Namespace
from kingtide.rehearsal.scenario.read import Scenario


def admission(scenario: Scenario) -> AdmissionPolicy | None:
    """Return the settings of admission, None where the cluster asks for none."""
    spec = scenario.cluster.spec
    return None if spec.admission is None else admission_policy(spec)


def labelled(scenario: Scenario, namespaces: tuple[Namespace, ...]) -> tuple[Namespace, ...]:
    """Return namespaces with the labels of the cluster's files, where rules go by them."""
    if scenario.cluster.spec.admission is None:
        return namespaces
    labels = dict(planned_snapshot(scenario.cluster.spec).namespace_labels or {})
    found = tuple(
        msgspec.structs.replace(it, labels={**it.labels, **labels.pop(it.name, {})})
        for it in namespaces
    )
    return (*found, *(Namespace(name, labels=it) for name, it in labels.items()))
