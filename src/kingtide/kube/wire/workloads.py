"""Deployments, ReplicaSets, StatefulSets and DaemonSets, to and from the API's form."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from kingtide.kube.labels import LabelSelector
from kingtide.kube.wire.metadata import WireMetadata, metadata_body
from kingtide.kube.wire.pod_spec_body import template_body
from kingtide.kube.wire.pods import WireTemplate
from kingtide.kube.wire.selectors import WireSelector, selector_body
from kingtide.kube.workloads import DaemonSet, Deployment, ReplicaSet, StatefulSet

DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas"
MAX_REPLICAS = "deployment.kubernetes.io/max-replicas"
REVISION = "deployment.kubernetes.io/revision"


class _Rolling(msgspec.Struct, rename="camel", frozen=True, gc=False):
    max_surge: int | str | None = None
    max_unavailable: int | str | None = None
    partition: int = 0


class _DeploymentStrategy(msgspec.Struct, rename="camel", frozen=True, gc=False):
    type: Literal["RollingUpdate", "Recreate"] = "RollingUpdate"
    rolling_update: _Rolling | None = None


class _StatefulStrategy(msgspec.Struct, rename="camel", frozen=True, gc=False):
    type: Literal["RollingUpdate", "OnDelete"] = "RollingUpdate"
    rolling_update: _Rolling | None = None


class _DeploymentSpec(msgspec.Struct, rename="camel", frozen=True, gc=False):
    selector: WireSelector
    template: WireTemplate
    replicas: int | None = 1
    strategy: _DeploymentStrategy = _DeploymentStrategy()
    min_ready_seconds: int = 0
    progress_deadline_seconds: int | None = 600
    paused: bool = False


class _StatefulSpec(msgspec.Struct, rename="camel", frozen=True, gc=False):
    selector: WireSelector
    template: WireTemplate
    replicas: int | None = 1
    update_strategy: _StatefulStrategy = _StatefulStrategy()
    pod_management_policy: Literal["OrderedReady", "Parallel"] = "OrderedReady"
    min_ready_seconds: int = 0


class _DaemonSpec(msgspec.Struct, rename="camel", frozen=True, gc=False):
    selector: WireSelector
    template: WireTemplate
    update_strategy: _StatefulStrategy = _StatefulStrategy()


class _Spec(msgspec.Struct, rename="camel", frozen=True, gc=False):
    selector: WireSelector
    template: WireTemplate
    replicas: int | None = 1


class _Status(msgspec.Struct, rename="camel", frozen=True, gc=False):
    replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    current_revision: str = ""
    update_revision: str = ""


class _WireDeployment(msgspec.Struct, rename="camel", frozen=True, gc=False):
    metadata: WireMetadata
    spec: _DeploymentSpec
    status: _Status = _Status()


class _WireStatefulSet(msgspec.Struct, rename="camel", frozen=True, gc=False):
    metadata: WireMetadata
    spec: _StatefulSpec
    status: _Status = _Status()


class _Wire(msgspec.Struct, rename="camel", frozen=True, gc=False):
    metadata: WireMetadata
    spec: _Spec
    status: _Status = _Status()


class _WireDaemonSet(msgspec.Struct, rename="camel", frozen=True, gc=False):
    metadata: WireMetadata
    spec: _DaemonSpec
    status: _Status = _Status()


_DEPLOYMENT = msgspec.json.Decoder(_WireDeployment)
_STATEFUL_SET = msgspec.json.Decoder(_WireStatefulSet)
_DAEMON_SET = msgspec.json.Decoder(_WireDaemonSet)
_OTHER = msgspec.json.Decoder(_Wire)


def _fields(found: _Wire | _WireDeployment | _WireStatefulSet | _WireDaemonSet) -> dict[str, Any]:
    it = found.metadata
    return {
        "namespace": it.namespace or "default",
        "name": it.name,
        "uid": it.uid,
        "created_ms": it.created_ms,
        "resource_version": it.revision,
        "template": found.spec.template.value(),
        "selector": found.spec.selector.value(),
    }


def _as_written(amount: int | str | None, default: str) -> str:
    return default if amount is None else str(amount)


def _replicas(written: int | None) -> int:
    return 1 if written is None else written


def read_deployment(written: bytes | memoryview) -> Deployment:
    """Return the Deployment of a JSON text.

    Raises:
        ValueError: it is none.
    """
    found = _DEPLOYMENT.decode(written)
    spec, rolling = found.spec, found.spec.strategy.rolling_update or _Rolling()
    return Deployment(
        **_fields(found),
        replicas=_replicas(spec.replicas),
        labels=found.metadata.labels or {},
        annotations=found.metadata.annotations or {},
        max_surge=_as_written(rolling.max_surge, "25%"),
        max_unavailable=_as_written(rolling.max_unavailable, "25%"),
        status_replicas=found.status.replicas,
        ready_replicas=found.status.ready_replicas,
        strategy=spec.strategy.type,
        min_ready_seconds=spec.min_ready_seconds,
        progress_deadline_seconds=spec.progress_deadline_seconds,
        paused=spec.paused,
    )


def read_replica_set(written: bytes | memoryview) -> ReplicaSet:
    """Return the ReplicaSet of a JSON text.

    Raises:
        ValueError: it is none.
    """
    found = _OTHER.decode(written)
    said = found.metadata.annotations or {}
    return ReplicaSet(
        **_fields(found),
        replicas=_replicas(found.spec.replicas),
        owner=found.metadata.owner,
        status_replicas=found.status.replicas,
        ready_replicas=found.status.ready_replicas,
        available_replicas=found.status.available_replicas,
        desired_replicas=_number(said.get(DESIRED_REPLICAS)),
        max_replicas=_number(said.get(MAX_REPLICAS)),
        revision=_number(said.get(REVISION)),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None


def read_stateful_set(written: bytes | memoryview) -> StatefulSet:
    """Return the StatefulSet of a JSON text.

    Raises:
        ValueError: it is none.
    """
    found = _STATEFUL_SET.decode(written)
    spec, rolling = found.spec, found.spec.update_strategy.rolling_update or _Rolling()
    return StatefulSet(
        **_fields(found),
        replicas=_replicas(spec.replicas),
        labels=found.metadata.labels or {},
        annotations=found.metadata.annotations or {},
        pod_management_policy=spec.pod_management_policy,
        update_strategy=spec.update_strategy.type,
        partition=rolling.partition,
        max_unavailable=_as_written(rolling.max_unavailable, "1"),
        min_ready_seconds=spec.min_ready_seconds,
        current_revision=found.status.current_revision,
        update_revision=found.status.update_revision,
    )


def read_daemon_set(written: bytes | memoryview) -> DaemonSet:
    """Return the DaemonSet of a JSON text.

    Raises:
        ValueError: it is none.
    """
    found = _DAEMON_SET.decode(written)
    strategy = found.spec.update_strategy
    rolling = strategy.rolling_update or _Rolling()
    return DaemonSet(
        **_fields(found),
        labels=found.metadata.labels or {},
        annotations=found.metadata.annotations or {},
        update_strategy=strategy.type,
        max_unavailable=_as_written(rolling.max_unavailable, "1"),
    )


def _body(
    kind: str,
    it: Deployment | ReplicaSet | StatefulSet | DaemonSet,
    spec: dict[str, Any],
    status: dict[str, Any],
    **metadata: Any,
) -> dict[str, Any]:
    described = metadata_body(
        it.name,
        namespace=it.namespace,
        uid=it.uid,
        resource_version=it.resource_version,
        created_ms=it.created_ms,
        **metadata,
    )
    selected: LabelSelector = it.selector
    spec |= {"selector": selector_body(selected), "template": template_body(it.template)}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": described,
        "spec": spec,
        "status": status,
    }


def _number_or_share(written: str) -> int | str:
    return int(written) if written.isdecimal() else written


def deployment_body(it: Deployment) -> dict[str, Any]:
    """Return a Deployment as the API writes it."""
    strategy: dict[str, Any] = {"type": it.strategy}
    if it.strategy == "RollingUpdate":
        strategy["rollingUpdate"] = {
            "maxSurge": _number_or_share(it.max_surge),
            "maxUnavailable": _number_or_share(it.max_unavailable),
        }
    spec: dict[str, Any] = {"replicas": it.replicas, "strategy": strategy}
    if it.min_ready_seconds:
        spec["minReadySeconds"] = it.min_ready_seconds
    if it.progress_deadline_seconds is not None:
        spec["progressDeadlineSeconds"] = it.progress_deadline_seconds
    if it.paused:
        spec["paused"] = True
    status = {
        "replicas": it.status_replicas,
        "readyReplicas": it.ready_replicas,
        "availableReplicas": it.ready_replicas,
    }
    return _body("Deployment", it, spec, status, labels=it.labels, annotations=it.annotations)


def replica_set_body(it: ReplicaSet) -> dict[str, Any]:
    """Return a ReplicaSet as the API writes it."""
    said: dict[str, str] = {}
    if it.desired_replicas is not None:
        said[DESIRED_REPLICAS] = str(it.desired_replicas)
    if it.max_replicas is not None:
        said[MAX_REPLICAS] = str(it.max_replicas)
    if it.revision is not None:
        said[REVISION] = str(it.revision)
    status = {
        "replicas": it.status_replicas,
        "readyReplicas": it.ready_replicas,
        "availableReplicas": it.available_replicas,
    }
    owners = () if it.owner is None else (it.owner,)
    labels = it.template.labels
    spec = {"replicas": it.replicas}
    return _body("ReplicaSet", it, spec, status, labels=labels, annotations=said, owners=owners)


def stateful_set_body(it: StatefulSet) -> dict[str, Any]:
    """Return a StatefulSet as the API writes it."""
    strategy: dict[str, Any] = {"type": it.update_strategy}
    if it.update_strategy == "RollingUpdate":
        strategy["rollingUpdate"] = {
            "partition": it.partition,
            "maxUnavailable": _number_or_share(it.max_unavailable),
        }
    spec: dict[str, Any] = {
        "replicas": it.replicas,
        "podManagementPolicy": it.pod_management_policy,
        "updateStrategy": strategy,
        "serviceName": it.name,
    }
    if it.min_ready_seconds:
        spec["minReadySeconds"] = it.min_ready_seconds
    status = {"currentRevision": it.current_revision, "updateRevision": it.update_revision}
    return _body("StatefulSet", it, spec, status, labels=it.labels, annotations=it.annotations)


def daemon_set_body(it: DaemonSet) -> dict[str, Any]:
    """Return a DaemonSet as the API writes it."""
    strategy: dict[str, Any] = {"type": it.update_strategy}
    if it.update_strategy == "RollingUpdate":
        strategy["rollingUpdate"] = {"maxUnavailable": _number_or_share(it.max_unavailable)}
    spec = {"updateStrategy": strategy}
    return _body("DaemonSet", it, spec, {}, labels=it.labels, annotations=it.annotations)
