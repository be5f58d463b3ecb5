"""The immutable part of a pod as the API writes it."""

from __future__ import annotations

from typing import Any

from kingtide.kube.pods import Container, PodSpec, PodTemplate, Volume
from kingtide.kube.taints import Toleration
from kingtide.kube.wire.affinity import affinity_body, spread_body
from kingtide.kube.wire.amounts import resources_body


def pod_spec_body(spec: PodSpec) -> dict[str, Any]:
    """Return a pod's spec, with the defaults that the API server fills in where users read them."""
    body: dict[str, Any] = {"containers": [_container_body(it) for it in spec.containers]}
    if spec.init_containers:
        body["initContainers"] = [_container_body(it) for it in spec.init_containers]
    overhead = resources_body(spec.overhead)
    if overhead:
        body["overhead"] = overhead
    body["priority"] = spec.priority
    if spec.priority_class_name:
        body["priorityClassName"] = spec.priority_class_name
    body["preemptionPolicy"] = spec.preemption_policy
    body["restartPolicy"] = spec.restart_policy
    body["terminationGracePeriodSeconds"] = spec.termination_grace_period_seconds
    if spec.tolerations:
        body["tolerations"] = [_toleration_body(it) for it in spec.tolerations]
    if spec.node_selector:
        body["nodeSelector"] = dict(spec.node_selector)
    affinity = affinity_body(spec)
    if affinity:
        body["affinity"] = affinity
    if spec.topology_spread:
        body["topologySpreadConstraints"] = [spread_body(it) for it in spec.topology_spread]
    if spec.volumes:
        body["volumes"] = [_volume_body(it) for it in spec.volumes]
    body["dnsPolicy"] = "ClusterFirst"
    body["schedulerName"] = "default-scheduler"
    body["securityContext"] = {}
    return body


def template_body(template: PodTemplate) -> dict[str, Any]:
    """Return what a workload makes its pods from."""
    metadata: dict[str, Any] = {"labels": dict(template.labels)}
    if template.annotations:
        metadata["annotations"] = dict(template.annotations)
    return {"metadata": metadata, "spec": pod_spec_body(template.spec)}


def _container_body(it: Container) -> dict[str, Any]:
    body: dict[str, Any] = {"name": it.name, "image": it.image}
    resources: dict[str, Any] = {}
    if it.limits is not None:
        resources["limits"] = resources_body(it.limits)
    requests = resources_body(it.requests)
    if requests:
        resources["requests"] = requests
    body["resources"] = resources
    if it.host_ports:
        body["ports"] = [
            {"containerPort": p.port, "hostPort": p.port, "protocol": p.protocol}
            | ({"hostIP": p.host_ip} if p.host_ip else {})
            for p in it.host_ports
        ]
    if it.always_restarts:
        body["restartPolicy"] = "Always"
    return body


def _toleration_body(it: Toleration) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if it.key:
        body["key"] = it.key
    body["operator"] = it.operator
    if it.value:
        body["value"] = it.value
    if it.effect:
        body["effect"] = it.effect
    if it.toleration_seconds is not None:
        body["tolerationSeconds"] = it.toleration_seconds
    return body


def _volume_body(it: Volume) -> dict[str, Any]:
    source: dict[str, Any] = {"medium": it.medium} if it.medium else {}
    return {"name": it.name, it.source: source}
