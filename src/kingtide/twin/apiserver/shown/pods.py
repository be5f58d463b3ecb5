"""A pod's status as its kubelet writes it: containers, addresses, quality of service.

Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/ (v1.36).
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from kingtide.kube.pods import Container, Pod, PodSpec
from kingtide.kube.wire.times import time_text
from kingtide.twin.cluster.restarts import CRASH_LOOP, is_waiting_to_restart

Body = dict[str, Any]


def pod_shown(pod: Pod, body: Body, restarts: int, restarted_ms: int) -> None:
    """Complete a pod's body; `restarts` says how often its containers were killed."""
    status = body["status"]
    status["qosClass"] = quality_of_service(pod.spec)
    if not pod.node_name:
        return
    status["hostIP"] = address(pod.node_name, 10)
    at = pod_address(pod)
    if at:
        status["podIP"] = at
        status["podIPs"] = [{"ip": at}]
    spec = pod.spec
    status["containerStatuses"] = [
        _container(pod, it, restarts, restarted_ms) for it in spec.containers
    ]
    if spec.init_containers:
        status["initContainerStatuses"] = [
            _container(pod, it, restarts if it.always_restarts else 0, restarted_ms)
            for it in spec.init_containers
        ]


def _container(pod: Pod, it: Container, restarts: int, restarted_ms: int) -> Body:
    is_running = pod.phase == "Running" and not is_waiting_to_restart(pod)
    found: Body = {
        "name": it.name,
        "image": it.image,
        "imageID": "",
        "ready": pod.is_ready,
        "started": is_running,
        "restartCount": restarts,
        "state": _state(pod),
    }
    if restarts:
        reason = (pod.ready.message if pod.ready is not None else "") or "Error"
        ended = {"exitCode": 137, "reason": reason, "finishedAt": time_text(restarted_ms)}
        found["lastState"] = {"terminated": ended}
    return found


def _state(pod: Pod) -> Body:
    if pod.is_terminal:
        is_failed = pod.phase == "Failed"
        reason = "Error" if is_failed else "Completed"
        ended: Body = {"exitCode": int(is_failed), "reason": reason}
        if pod.ready is not None:
            ended["finishedAt"] = time_text(pod.ready.since_ms)
        return {"terminated": ended}
    if is_waiting_to_restart(pod):
        return {"waiting": {"reason": CRASH_LOOP}}
    if pod.phase == "Running":
        return {"running": {"startedAt": time_text(pod.started_ms or pod.created_ms)}}
    return {"waiting": {"reason": "ContainerCreating"}}


def quality_of_service(spec: PodSpec) -> str:
    """Return a pod's QoS class.

    Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/ (v1.36).
    """
    containers = (*spec.containers, *spec.init_containers)
    named = [(it.requests.cpu_millicores, it.requests.memory_bytes, it.limits) for it in containers]
    if all(not cpu and not memory and limits is None for cpu, memory, limits in named):
        return "BestEffort"
    guaranteed = all(
        limits is not None
        and 0 < limits.cpu_millicores == cpu
        and 0 < limits.memory_bytes == memory
        for cpu, memory, limits in named
    )
    return "Guaranteed" if guaranteed else "Burstable"


def pod_address(pod: Pod) -> str:
    """Return a pod's address, empty until its kubelet gave it one."""
    return address(pod.uid, 100) if pod.node_name and pod.started_ms is not None else ""


def address(name: str, first: int) -> str:
    """Return a private IPv4 address, the same always for one name."""
    a, b, c = blake2b(name.encode(), digest_size=3).digest()
    return f"{first}.{64 + a % 64}.{b}.{1 + c % 254}"
