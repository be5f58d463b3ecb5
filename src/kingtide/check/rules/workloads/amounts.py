"""What the pods of manifests request."""

from __future__ import annotations

from kingtide.check.plain_values import text_at, value_at
from kingtide.check.workload import Container, Workload
from kingtide.fleet.documents.tree import Plain
from kingtide.kube.quantities import QuantityError, parse_bytes, parse_cpu_millicores
from kingtide.kube.resources import NO_RESOURCES, Resources


def amount_of(resource: str, written: Plain) -> int | None:
    """Return an amount of `cpu` in millicores or of `memory` in bytes; None for what is none."""
    if written is None or isinstance(written, bool | dict | list):
        return None
    text = written if isinstance(written, str) else f"{written:f}"
    try:
        return parse_cpu_millicores(text) if resource == "cpu" else parse_bytes(text)
    except QuantityError:
        return None


def requests_of(workload: Workload) -> Resources:
    """Return what one pod of a workload requests, as the scheduler counts it.

    Containers that run before the others count where one of them asks for more than all others
    together; sidecars (restartPolicy Always) run beside them.
    Source: https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/ (v1.36).
    """
    running, largest = NO_RESOURCES, NO_RESOURCES
    for container in workload.containers():
        own = _requests(container)
        first = "initContainers" in container.at
        if first and text_at(container.body, "restartPolicy") != "Always":
            largest = largest.at_least(running + own)
        else:
            running = running + own
    return running.at_least(largest)


def _requests(container: Container) -> Resources:
    """Return what a container requests; what it is limited to where it requests nothing."""
    found = {}
    for resource in ("cpu", "memory"):
        for field in ("requests", "limits"):
            written = value_at(container.body, ("resources", field, resource))
            amount = amount_of(resource, written)
            if amount is not None:
                found[resource] = amount
                break
    return Resources(found.get("cpu", 0), found.get("memory", 0))
