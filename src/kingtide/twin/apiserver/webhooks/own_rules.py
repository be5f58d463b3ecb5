"""Our own rules of admission, where the served cluster's files ask for them."""

from __future__ import annotations

from kingtide.controllers.admission.alert_labels import PROMETHEUS_RULE
from kingtide.controllers.admission.review import review, review_update
from kingtide.controllers.admission.snapshot import AdmissionSnapshot
from kingtide.controllers.admission.subject import TEMPLATES
from kingtide.fleet.policies.admission import AdmissionPolicy
from kingtide.kube.patching.json_patch import json_patched
from kingtide.twin.apiserver.entries import Body
from kingtide.twin.apiserver.objects import Objects
from kingtide.twin.apiserver.refusals import ApiRefusal
from kingtide.twin.apiserver.resources import Resource


class OwnRules:
    """Reviews what is written, as `run admission` would behind a webhook."""

    def __init__(self, objects: Objects, policy: AdmissionPolicy) -> None:
        self._objects = objects
        self._policy = policy

    def are_about(self, resource: Resource) -> bool:
        """Whether some rule may look at a resource's objects."""
        place = (resource.group, resource.kind)
        return place in TEMPLATES or place == PROMETHEUS_RULE

    def admit(self, body: Body, before: Body | None) -> tuple[Body, list[str]]:
        """Return an object with what it gets, and warnings.

        Raises:
            ApiRefusal: 403, a rule refuses it.
        """
        snapshot = self._snapshot()
        is_pod_update = before is not None and body.get("kind") == "Pod"
        if is_pod_update:
            return body, []  # a pod's spec is what it was made with
        if before is None:
            verdict = review(body, snapshot, self._policy)
        else:
            verdict = review_update(body, before, snapshot, self._policy)
        if not verdict.allowed:
            why = "; ".join(it.sentence for it in verdict.refusals)
            raise ApiRefusal(403, "Forbidden", f"kingtide admission denied the request: {why}")
        changed: Body = json_patched(body, verdict.operations)
        return changed, [it.sentence for it in verdict.warnings]

    def _snapshot(self) -> AdmissionSnapshot:
        namespaces = self._objects.entries("Namespace")
        classes = self._objects.entries("PriorityClass")
        return AdmissionSnapshot(
            {it.name: it.body()["metadata"].get("labels") or {} for it in namespaces},
            {it.name: it.value.global_default for it in classes},
        )
