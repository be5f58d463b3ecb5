"""What a pod requests, as the autoscaler counts it: not what the scheduler counts.

Source:
https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/podautoscaler/replica_calculator.go
(`calculateRequests`), pod-level resources: KEP-2837 (gate `PodLevelResources`, on since 1.34).
"""

from __future__ import annotations

from typing import Literal

import msgspec

ContainerRole = Literal["main", "sidecar", "init"]


class MissingRequest(msgspec.Struct, frozen=True, gc=False):
    """Why a pod has no request to compare its usage with.

    `message` is the controller's own wording.
    """

    error: Literal["missing_request", "container_not_found"]
    message: str


class ContainerRequest(msgspec.Struct, frozen=True, gc=False):
    """One container's request of the measured resource in milli-units, None when it sets none.

    `role` tells a main container from a sidecar (an init container that always restarts) and from a
    plain init container.
    """

    name: str
    request_milli: int | None
    role: ContainerRole = "main"


class PodLevelRequest(msgspec.Struct, frozen=True, gc=False):
    """`spec.resources.requests` of a pod that sets any; None when it sets only other resources."""

    request_milli: int | None


def pod_request_milli(
    pod_name: str,
    containers: tuple[ContainerRequest, ...],
    resource: str,
    container: str = "",
    pod_level: PodLevelRequest | None = None,
) -> int | MissingRequest:
    """Return the request a pod's usage of `resource` is compared with, in milli-units.

    `container` names the one container of a ContainerResource metric, "" means the whole pod.
    `containers` are in the order of the pod's spec. `pod_level` None means that the pod sets
    nothing at pod level, or that the gate is off.
    """
    if pod_level is not None and container == "":
        return _pod_level(pod_name, containers, resource, pod_level)
    request = 0
    for role in ("main", "sidecar"):
        for candidate in containers:
            if candidate.role != role or container not in ("", candidate.name):
                continue
            if candidate.request_milli is None:
                return MissingRequest(
                    "missing_request",
                    f"missing request for {resource} in container {candidate.name} "
                    f"of Pod {pod_name}",
                )
            request += candidate.request_milli
            if container == candidate.name:
                return request
    if container != "":
        return MissingRequest(
            "container_not_found", f"container {container} not found in Pod {pod_name}"
        )
    return request


def _pod_level(
    pod_name: str,
    containers: tuple[ContainerRequest, ...],
    resource: str,
    pod_level: PodLevelRequest,
) -> int | MissingRequest:
    """Return the pod's own request or, where it sets none of this resource.

    What its containers add up to.

    The sum follows the pod's life: sidecars stay beside every later init step, and an unset
    container counts nothing as long as any container sets the resource.
    """
    if pod_level.request_milli is not None:
        return pod_level.request_milli
    if all(container.request_milli is None for container in containers):
        return MissingRequest(
            "missing_request", f"missing pod-level request for {resource} in Pod {pod_name}"
        )
    sidecars = 0
    peak = 0
    for container in containers:
        if container.role == "sidecar":
            sidecars += container.request_milli or 0
            peak = max(peak, sidecars)
        elif container.role == "init":
            peak = max(peak, sidecars + (container.request_milli or 0))
    main = sum(c.request_milli or 0 for c in containers if c.role == "main")
    return max(main + sidecars, peak)
