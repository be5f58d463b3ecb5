"""What the API server itself writes into objects as they come: uid, times, priorities, defaults.

Source: https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#priority
(v1.36), and pkg/apis/core/v1/defaults.go.
"""

from __future__ import annotations

from typing import Any

from kingtide.twin.apiserver.entries import Body
from kingtide.twin.apiserver.objects import Objects
from kingtide.twin.apiserver.refusals import ApiRefusal, not_found
from kingtide.twin.apiserver.resources import Resource

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""Letters of generated names, without those that make words (apimachinery/pkg/util/rand)."""
_WITH_TEMPLATE = ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job")
_WITHOUT_UID = ("ConfigMap", "Namespace", "PriorityClass")
"""Modelled kinds whose values have no uid: theirs follows from their names."""
_TIMES_OF_A_NAME = 8
"""Names that are tried before generating one is given up (names.go of apiserver: 7 retries)."""


class Admission:
    """Completes objects; `warnings` of a call are for the client to read."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._generated = 0

    def name(self, resource: Resource, metadata: dict[str, Any]) -> None:
        """Give a name to what only has the beginning of one.

        Raises:
            ApiRefusal: 409, no name was free.
        """
        prefix = metadata.get("generateName")
        if metadata.get("name") or not prefix:
            return
        entries = self._objects.table(resource).entries
        for _ in range(_TIMES_OF_A_NAME):
            self._generated += 1
            key = (metadata.get("namespace", ""), str(prefix))
            digits = int(self._objects.new_uid(resource, key, self._generated)[:8], 16)
            letters = [_ALPHABET[digits // len(_ALPHABET) ** it % 27] for it in range(5)]
            name = str(prefix)[:58] + "".join(letters)
            if (key[0], name) not in entries:
                metadata["name"] = name
                return
        raise ApiRefusal(409, "AlreadyExists", "the server was not able to generate a unique name")

    def complete(self, resource: Resource, body: Body) -> list[str]:
        """Complete a new object's body in place and return warnings.

        Raises:
            ApiRefusal: 404, its namespace does not exist; 403, it names a class that does not.
        """
        metadata = body["metadata"]
        if resource.namespaced:
            self._check_namespace(metadata["namespace"], metadata.get("name", ""), resource)
        revision = self._objects.revision
        key = (metadata.get("namespace", ""), metadata["name"])
        made_at = 0 if resource.kind in _WITHOUT_UID else revision + 1
        metadata["uid"] = self._objects.new_uid(resource, key, made_at)
        metadata["creationTimestamp"] = self._objects.shown.time(self._objects.now_ms)
        for name in ("resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds"):
            metadata.pop(name, None)
        if "status" in resource.subresources:
            body.pop("status", None)
        return self.prioritise(resource, body)

    def prioritise(self, resource: Resource, body: Body) -> list[str]:
        """Write the priority of a pod's class into its spec, or into a template's.

        Raises:
            ApiRefusal: 403, a pod names a class that does not exist.
        """
        if resource.kind == "Pod":
            missing = self._prioritise(body.get("spec"))
            if missing:
                what = f'pods "{body["metadata"]["name"]}" is forbidden'
                why = f"no PriorityClass with name {missing} was found"
                raise ApiRefusal(403, "Forbidden", f"{what}: {why}")
            return []
        spec: Any = body.get("spec")
        if resource.kind == "CronJob" and isinstance(spec, dict):
            spec = (spec.get("jobTemplate") or {}).get("spec")
        elif resource.kind not in _WITH_TEMPLATE:
            return []
        template = spec.get("template") if isinstance(spec, dict) else None
        missing = self._prioritise(template.get("spec") if isinstance(template, dict) else None)
        text = "its pods would be refused; here they have priority 0"
        return [f"no PriorityClass with name {missing} was found: {text}"] if missing else []

    def _prioritise(self, spec: Any) -> str:
        """Write the priority of a pod's spec; return the class that there is none of."""
        if not isinstance(spec, dict):
            return ""
        wanted = spec.get("priorityClassName")
        if not wanted:
            classes = (it.value for it in self._objects.entries("PriorityClass"))
            found = next((it for it in classes if it.global_default), None)
            if found is not None:
                spec["priorityClassName"], spec["priority"] = found.name, found.value
            return ""
        if wanted in SYSTEM_CLASSES:
            spec["priority"] = SYSTEM_CLASSES[wanted]
            return ""
        entry = self._objects.get("PriorityClass", "", str(wanted))
        if entry is None:
            return str(wanted)
        spec["priority"] = entry.value.value
        return ""

    def _check_namespace(self, namespace: str, name: str, resource: Resource) -> None:
        found = self._objects.get("Namespace", "", namespace)
        if found is None:
            raise not_found(self._objects.resources.modelled["Namespace"], namespace)
        if found.body()["metadata"].get("deletionTimestamp"):
            what = f'{resource.qualified} "{name}" is forbidden'
            why = f"namespace {namespace} takes no new content because it is being terminated"
            raise ApiRefusal(403, "Forbidden", f"{what}: {why}")


SYSTEM_CLASSES = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}
"""Every cluster has them. Source: pkg/apis/scheduling/types.go (v1.36)."""
