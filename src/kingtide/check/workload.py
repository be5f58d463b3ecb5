"""Workloads of Kubernetes manifests, as rules look at them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from kingtide.check.plain_values import items_at, map_at, text_at, value_at
from kingtide.fleet.documents.tree import Path, Plain, plain
from kingtide.fleet.manifests import Manifest

POD_SPEC: Mapping[str, Path] = {
    "Pod": ("spec",),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    **dict.fromkeys(
        ("DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet"),
        ("spec", "template", "spec"),
    ),
}
"""Where the pod's spec stands in each kind of object that makes pods."""


class Container(msgspec.Struct, frozen=True):
    """A container of a pod, and where in its object it stands."""

    body: Plain
    at: Path
    name: str


class Workload(msgspec.Struct, frozen=True):
    """An object that makes pods: `at` is where its pod's spec stands, `body` the whole of it."""

    manifest: Manifest
    at: Path
    body: Plain

    @property
    def kind(self) -> str:
        """Its kind."""
        return self.manifest.kind

    @property
    def namespace(self) -> str:
        """Its namespace, as `kubectl apply` takes one that is not said."""
        return self.manifest.namespace or "default"

    @property
    def pod(self) -> Plain:
        """Its pod's spec."""
        return value_at(self.body, self.at)

    @property
    def labels(self) -> Mapping[str, str]:
        """Its pods' labels."""
        found = map_at(self.body, *self.at[:-1], "metadata", "labels")
        return {key: value for key, value in found.items() if isinstance(value, str)}

    def containers(self, *, init: bool = True) -> Iterator[Container]:
        """Return its containers, those that run before the others first."""
        for field in ("initContainers", "containers") if init else ("containers",):
            for index, body in enumerate(items_at(self.pod, field)):
                yield Container(body, (*self.at, field, index), text_at(body, "name"))


def workloads_of(manifests: Iterable[Manifest]) -> tuple[Workload, ...]:
    """Return what makes pods among objects."""
    return tuple(
        Workload(it, POD_SPEC[it.kind], plain(it.node)) for it in manifests if it.kind in POD_SPEC
    )
