"""Other people's kinds that can be scaled: KEDA's, Argo's, Zalando's and GitHub's.

They are custom resources: a cluster has them or not. Only the fields that scale are read.
Sources: https://keda.sh/docs/2.17/reference/scaledobject-spec/,
https://argo-rollouts.readthedocs.io/en/stable/features/specification/ (v1.8),
https://github.com/zalando-incubator/stackset-controller/blob/v1.4.122/docs/stack_crd.yaml,
https://docs.github.com/en/actions/concepts/runners/actions-runner-controller (0.12).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from kingtide.kube.scalable_documents import NotScalable, read_scalable
from kingtide.kube.scalables import Scalable, ScalableKind
from kingtide.kube.wire.kinds import ApiKind
from kingtide.kube.wire.metadata import metadata_body

_PLACES: tuple[tuple[ScalableKind, str, str], ...] = (
    ("ScaledObject", "keda.sh/v1alpha1", "scaledobjects"),
    ("Rollout", "argoproj.io/v1alpha1", "rollouts"),
    ("Stack", "zalando.org/v1", "stacks"),
    ("AutoscalingRunnerSet", "actions.github.com/v1alpha1", "autoscalingrunnersets"),
)


def scalable_kinds() -> Mapping[str, ApiKind]:
    """Return these kinds by name; their values are Scalables."""
    return {
        kind: ApiKind(kind, api_version, plural, True, _reader(kind), _writer(kind, api_version))
        for kind, api_version, plural in _PLACES
    }


def _reader(kind: ScalableKind) -> Callable[[bytes | memoryview], Scalable]:
    def read(written: bytes | memoryview) -> Scalable:
        document = msgspec.json.decode(written)
        if not isinstance(document, dict):
            raise NotScalable("it is no object")
        return read_scalable({**document, "kind": kind})  # items of a list may not say their kind

    return read


def _writer(kind: ScalableKind, api_version: str) -> Callable[[Scalable], dict[str, Any]]:
    sized = "minRunners" if kind == "AutoscalingRunnerSet" else "replicas"

    def body(it: Scalable) -> dict[str, Any]:
        metadata = metadata_body(
            it.name,
            namespace=it.namespace,
            uid=it.uid,
            created_ms=it.created_ms,
            labels=it.labels,
            annotations=it.annotations,
            owners=it.owners,
        )
        spec: dict[str, Any] = {} if it.size is None else {sized: it.size}
        if it.target_name:
            spec["scaleTargetRef"] = {"kind": it.target_kind, "name": it.target_name}
        return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec}

    return body
