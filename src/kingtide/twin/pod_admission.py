"""Gives new pods what admission gives them, as a mutating webhook would.

Pods of one shape share their spec, so each shape is reviewed once. What admission refuses is
refused where clients write (`apiserver/webhooks`); pods that workload controllers make are changed
and never refused here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from kingtide.controllers.admission.review import review
from kingtide.controllers.admission.snapshot import AdmissionSnapshot
from kingtide.fleet.policies.admission import AdmissionPolicy
from kingtide.kube.patching.json_patch import json_patched
from kingtide.kube.pods import Pod, PodSpec
from kingtide.kube.wire.kinds import api_kinds
from kingtide.kube.workloads import PriorityClass

Labels = Mapping[str, Mapping[str, str]]
MAX_SHAPES = 10_000
"""Shapes that are remembered; an evening has some dozens, a namespace's change makes new ones."""


class PodAdmission:
    """Reviews pods as they are made; `labels` returns each namespace's as they are then."""

    def __init__(
        self,
        policy: AdmissionPolicy,
        classes: tuple[PriorityClass, ...],
        labels: Callable[[], Labels],
    ) -> None:
        self._policy = policy
        self._values = {it.name: it.value for it in classes}
        self._defaults = {it.name: it.global_default for it in classes}
        self._labels = labels
        self._pods = api_kinds()["Pod"]
        self._known: dict[tuple[str, int], tuple[PodSpec, PodSpec, Mapping[str, str]]] = {}

    def admitted(self, pod: Pod) -> Pod:
        """Return a pod with what it gets."""
        labels = self._labels()
        own = labels.get(pod.namespace, {})
        key = (pod.namespace, id(pod.spec))  # the spec is kept beside it, so the id stays its own
        known = self._known.get(key)
        if known is None or known[2] != own:
            if len(self._known) >= MAX_SHAPES:
                self._known.clear()
            known = self._known[key] = (pod.spec, self._reviewed(pod, labels), own)
        return pod if known[1] is pod.spec else msgspec.structs.replace(pod, spec=known[1])

    def _reviewed(self, pod: Pod, labels: Labels) -> PodSpec:
        body = {"apiVersion": "v1", "kind": "Pod", **self._pods.body(pod)}
        snapshot = AdmissionSnapshot(labels, self._defaults)
        verdict = review(body, snapshot, self._policy, namespace=pod.namespace)
        if not verdict.changes:
            return pod.spec
        changed = json_patched(body, verdict.operations)
        spec = changed["spec"]
        if "priority" not in spec:
            spec["priority"] = self._values.get(spec.get("priorityClassName", ""), 0)
        found: PodSpec = self._pods.read(msgspec.json.encode(changed)).spec
        return pod.spec if found == pod.spec else found
