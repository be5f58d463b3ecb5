"""DaemonSets have to be QoS Guaranteed: for CPU and memory every container requests its limit.

Init containers count, as they do for Kubernetes; ephemeral ones do not. A limit without a request
is both, by the API server's defaulting. Amounts of the pod as a whole, where it states them, take
the place of its containers'. Source:
https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/ (v1.36).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from kingtide.controllers.admission.lenient import below, fields, is_odd, numbered, text
from kingtide.controllers.admission.snapshot import AdmissionSnapshot
from kingtide.controllers.admission.subject import Subject
from kingtide.controllers.admission.verdict import Path, Refused, Said, Set
from kingtide.fleet.policies.admission import AdmissionPolicy
from kingtide.kube.patching.json_pointer import Json
from kingtide.kube.quantities import parse_quantity

RESOURCES = ("cpu", "memory")
"""Those that Kubernetes derives the class from."""
_EXAMPLES = {"cpu": "100m", "memory": "128Mi"}


def guaranteed_daemon_sets(
    subject: Subject, _snapshot: AdmissionSnapshot, policy: AdmissionPolicy
) -> Iterator[Said]:
    """Yield what keeps a DaemonSet's pods from being Guaranteed, or limits that make them so."""
    if not subject.is_daemon_set or subject.pod_path is None:
        return
    copies = policy.daemon_sets.missing_limits == "copyFromRequests"
    whole = below(subject.pod_spec, "resources")
    if isinstance(whole, dict) and (whole.get("limits") or whole.get("requests")):
        yield from _judged(whole, (*subject.pod_path, "resources"), "its pods", copies=copies)
        return
    for kind in ("initContainers", "containers"):
        for path, container in numbered(subject.pod_spec.get(kind), (*subject.pod_path, kind)):
            named = text(container.get("name"))
            what = f"container {named}" if named else "the container"
            resources = container.get("resources")
            if not is_odd(resources, dict):
                yield from _judged(resources, (*path, "resources"), what, copies=copies)


def _judged(resources: Json, path: Path, what: str, *, copies: bool) -> Iterator[Said]:
    requests, limits = (fields(below(resources, it)) for it in ("requests", "limits"))
    copied: dict[str, Json] = {}
    for resource in RESOURCES:
        request, limit = amount(requests.get(resource)), amount(limits.get(resource))
        at = (*path, "limits", resource)
        if limit and (requests.get(resource) is None or request == limit):
            continue
        if limit:
            wrong = f"is {limits[resource]}, and {what} requests {requests[resource]}"
            yield Refused("RequestIsNotLimit", at, wrong, "write the same amount in both")
        elif not request:
            wrong = f"is missing: {what} sets no {resource}, and a DaemonSet has to be Guaranteed"
            advice = f"add limits.{resource}, for example {_EXAMPLES[resource]}; requests follow"
            yield Refused("NoLimit", at, wrong, advice)
        elif copies and not is_odd(below(resources, "limits"), dict):
            copied[resource] = requests[resource]
        else:
            wrong = f"is missing, and {what} requests {requests[resource]}"
            yield Refused("NoLimit", at, wrong, f"write limits.{resource}: {requests[resource]}")
    if copied:
        yield Set((*path, "limits"), {**limits, **copied})


def amount(value: Json) -> Decimal | None:
    """Return a quantity; None for what is none, and for zero, which counts as nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return parse_quantity(str(value)) or None
    except ValueError:  # no quantity, or a number of thousands of digits
        return None
