"""An object under review: what it is, and where its pods' spec stands."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.controllers.admission.lenient import below, fields, items, text
from kingtide.controllers.admission.verdict import Path
from kingtide.kube.patching.json_pointer import Json

TEMPLATES: Mapping[tuple[str, str], Path] = {
    ("", "Pod"): ("spec",),
    ("apps", "Deployment"): ("spec", "template", "spec"),
    ("apps", "ReplicaSet"): ("spec", "template", "spec"),
    ("apps", "StatefulSet"): ("spec", "template", "spec"),
    ("apps", "DaemonSet"): ("spec", "template", "spec"),
    ("batch", "Job"): ("spec", "template", "spec"),
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template", "spec"),
}
"""Where objects have the spec of pods, by API group and kind."""
MIRROR = "kubernetes.io/config.mirror"
"""On pods that a kubelet made by itself: nobody else can change or refuse them.

Source: https://kubernetes.io/docs/reference/labels-annotations-taints/ (v1.36).
"""


class Subject(msgspec.Struct, frozen=True):
    """An object; `pod_path` is where its pods' spec stands, None where it has none."""

    group: str
    kind: str
    namespace: str
    body: Mapping[str, Json]
    pod_path: Path | None

    @property
    def pod_spec(self) -> Mapping[str, Json]:
        """The spec of its pods, empty without."""
        return fields(below(self.body, *map(str, self.pod_path or ())) if self.pod_path else None)

    @property
    def is_pod(self) -> bool:
        """Whether it is a pod, not what pods are made of."""
        return (self.group, self.kind) == ("", "Pod")

    @property
    def is_daemon_set(self) -> bool:
        """Whether it is a DaemonSet."""
        return (self.group, self.kind) == ("apps", "DaemonSet")

    @property
    def runs_everywhere(self) -> bool:
        """Whether its pods are a DaemonSet's, which go by nodes and not by applications."""
        owners = items(below(self.body, "metadata", "ownerReferences"))
        return self.is_daemon_set or any(text(below(it, "kind")) == "DaemonSet" for it in owners)

    @property
    def is_out_of_reach(self) -> bool:
        """Whether it is on its way out, or a kubelet's own: a refusal would only do harm."""
        metadata = fields(self.body.get("metadata"))
        is_going = bool(text(metadata.get("deletionTimestamp")))
        return is_going or MIRROR in fields(metadata.get("annotations"))


def subject_of(body: Json, namespace: str = "") -> Subject | None:
    """Return an object as a subject, None for what is no object at all.

    `namespace` is that of the request; without it the object's own counts, and `default`.
    """
    if not isinstance(body, dict):
        return None
    group, _, _ = text(body.get("apiVersion")).rpartition("/")
    kind = text(body.get("kind"))
    path = TEMPLATES.get((group, kind))
    if path is not None and not isinstance(below(body, *map(str, path)), dict):
        path = None
    named = namespace or text(below(body, "metadata", "namespace")) or "default"
    return Subject(group, kind, named, body, path)
