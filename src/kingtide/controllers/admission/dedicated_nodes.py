"""Pods go to the nodes of their application group, and to nobody else's.

A pod's group is that of its namespace's label. It gets the node selector, and of a dedicated group
the toleration; what contradicts them is refused. Whoever tolerates everything is told, because
then a taint keeps nothing away. DaemonSets go by nodes and are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kingtide.controllers.admission.lenient import below, fields, is_odd, items, numbered, text
from kingtide.controllers.admission.snapshot import AdmissionSnapshot, group_name
from kingtide.controllers.admission.subject import Subject
from kingtide.controllers.admission.verdict import Refused, Said, Set, Warned
from kingtide.fleet.expansion import dedicated_taint, dedicated_toleration
from kingtide.fleet.policies.admission import AdmissionPolicy, GroupAdmission
from kingtide.kube.nodes import GROUP_LABEL
from kingtide.kube.patching.json_pointer import Json
from kingtide.kube.taints import Toleration, tolerates


def dedicated_nodes(
    subject: Subject, snapshot: AdmissionSnapshot, policy: AdmissionPolicy
) -> Iterator[Said]:
    """Yield selector and toleration that are missing, and what contradicts a pod's group."""
    if subject.pod_path is None or subject.runs_everywhere:
        return
    if subject.is_pod and text(subject.pod_spec.get("nodeName")):
        return
    groups = {it.name: it for it in policy.groups}
    name = group_name(subject, snapshot)
    yield from _told_of_all(subject, groups)
    if name and name not in groups:
        wrong = f"is in namespace {subject.namespace} of group {name}, which the fleet has not"
        among = ", ".join(sorted(groups)) or "none"
        yield Warned("NoSuchGroup", (), wrong, f"mend the namespace's label; groups are {among}")
    elif name:
        yield from _own_nodes(subject, groups[name])
    yield from _others_nodes(subject, name, groups)


def _own_nodes(subject: Subject, group: GroupAdmission) -> Iterator[Said]:
    path, spec = subject.pod_path or (), subject.pod_spec
    selector = spec.get("nodeSelector")
    if not is_odd(selector, dict):
        selected = fields(selector).get(GROUP_LABEL)
        if selected is None:
            yield Set((*path, "nodeSelector"), {**fields(selector), GROUP_LABEL: group.name})
        elif selected != group.name:
            wrong = f"is {selected}, and namespace {subject.namespace} is of group {group.name}"
            advice = f"leave it out, or write {group.name}"
            yield Refused("OtherGroup", (*path, "nodeSelector", GROUP_LABEL), wrong, advice)
    if _never_there(spec, group.name):
        wrong = f"rules out the nodes of {group.name}, the group of namespace {subject.namespace}"
        advice = f"leave {GROUP_LABEL} out of the required node affinity"
        yield Refused("OtherGroup", (*path, "affinity", "nodeAffinity"), wrong, advice)
    tolerations = spec.get("tolerations")
    if group.is_dedicated and not is_odd(tolerations, list) and not _tolerates(spec, group.name):
        yield Set((*path, "tolerations"), [*items(tolerations), _toleration(group.name)])


def _others_nodes(
    subject: Subject, name: str, groups: Mapping[str, GroupAdmission]
) -> Iterator[Said]:
    """Yield what leads a pod onto nodes that are dedicated to another group."""
    path, spec = subject.pod_path or (), subject.pod_spec
    for at, written in numbered(spec.get("tolerations"), (*path, "tolerations")):
        other = text(written.get("value"))
        is_ours = other != name and other in groups and groups[other].is_dedicated
        if text(written.get("key")) == GROUP_LABEL and is_ours:
            wrong = f"tolerates nodes that are dedicated to {other}"
            advice = f"leave it out, or label namespace {subject.namespace} {GROUP_LABEL}={other}"
            yield Refused("DedicatedToOthers", at, wrong, advice)
    selected = text(fields(spec.get("nodeSelector")).get(GROUP_LABEL))
    if not name and selected in groups and groups[selected].is_dedicated:
        wrong = f"is {selected}, whose nodes are dedicated, and the namespace is of no group"
        advice = f"leave it out, or label namespace {subject.namespace} {GROUP_LABEL}={selected}"
        at = (*path, "nodeSelector", GROUP_LABEL)
        yield Refused("DedicatedToOthers", at, wrong, advice)


def _told_of_all(subject: Subject, groups: Mapping[str, GroupAdmission]) -> Iterator[Said]:
    if not any(it.is_dedicated for it in groups.values()):
        return
    tolerations = subject.pod_spec.get("tolerations")
    for at, written in numbered(tolerations, (*(subject.pod_path or ()), "tolerations")):
        key, operator = text(written.get("key")), text(written.get("operator"))
        if operator == "Exists" and key in ("", GROUP_LABEL):
            what = "everything" if not key else f"every {GROUP_LABEL}"
            wrong = f"tolerates {what}, so that its pods may land on any group's dedicated nodes"
            yield Warned("ToleratesAll", at, wrong, "name the taints that it has to tolerate")


def _tolerates(spec: Mapping[str, Json], group: str) -> bool:
    taint = dedicated_taint(group)
    return any(
        tolerates(_read_toleration(it), taint)
        for it in items(spec.get("tolerations"))
        if isinstance(it, dict)
    )


def _read_toleration(written: Mapping[str, Json]) -> Toleration:
    operator = written.get("operator")
    effect = text(written.get("effect"))
    return Toleration(
        key=text(written.get("key")),
        operator="Exists" if operator == "Exists" else "Equal",
        value=text(written.get("value")),
        effect=effect,  # type: ignore[arg-type]  # an unknown effect is no taint's, and so no match
    )


def _toleration(group: str) -> Mapping[str, Json]:
    it = dedicated_toleration(group)
    return {"effect": it.effect, "key": it.key, "operator": it.operator, "value": it.value}


def _never_there(spec: Mapping[str, Json], group: str) -> bool:
    """Whether no term of the required node affinity can hold on a group's nodes."""
    required = below(
        spec, "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"
    )
    terms = items(below(required, "nodeSelectorTerms"))
    return bool(terms) and all(_rules_out(it, group) for it in terms)


def _rules_out(term: Json, group: str) -> bool:
    for it in items(below(term, "matchExpressions")):
        values = [each for each in items(below(it, "values")) if isinstance(each, str)]
        operator = below(it, "operator")
        if below(it, "key") != GROUP_LABEL:
            continue
        if (operator == "In" and group not in values) or operator == "DoesNotExist":
            return True
        if operator == "NotIn" and group in values:
            return True
    return False
