"""What the containers of a pod ask for together."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.fleet.documents.mistakes import Findings
from kingtide.fleet.documents.tree import Entry, Map, Node, Path, Scalar, Sequence, node_at
from kingtide.fleet.manifests import Manifest
from kingtide.kube.quantities import QuantityError, parse_bytes, parse_cpu_millicores

_RESOURCES = ("cpu", "memory")


def amounts(it: Manifest, path: Path, findings: Findings) -> Mapping[str, Map]:
    """Return the requests and limits of the containers at a path, each resource added up.

    As the API server has it, a container that names a limit alone requests that much. A pod is
    limited where all its containers are.
    """
    containers = node_at(it.node, path)
    if not isinstance(containers, Sequence) or not containers.items:
        place = it.place if containers is None else containers.place
        findings.add(place, path, "has no containers", "add `containers:`")
        return {}
    requests: dict[str, Entry] = {}
    limits: dict[str, Entry] = {}
    for resource in _RESOURCES:
        asked = [_amount(one, "requests", resource) for one in containers.items]
        bounds = [_amount(one, "limits", resource) for one in containers.items]
        either = [own or bound for own, bound in zip(asked, bounds, strict=True)]
        total = _total([it for it in either if it is not None], resource, path, findings)
        if total is not None:
            requests[resource] = Entry(total.place, total)
        known = [bound for bound in bounds if bound is not None]
        bound = _total(known, resource, path, findings) if len(known) == len(bounds) else None
        if bound is not None:
            limits[resource] = Entry(bound.place, bound)
    found = {"requests": Map(requests, containers.place)}
    return {**found, "limits": Map(limits, containers.place)} if limits else found


def _amount(container: Node, field: str, resource: str) -> Scalar | None:
    found = node_at(container, ("resources", field, resource))
    return found if isinstance(found, Scalar) and found.value is not None else None


def _total(written: list[Scalar], resource: str, path: Path, findings: Findings) -> Scalar | None:
    """Return several quantities as one, at the place of the first."""
    if len(written) < 2:
        return written[0] if written else None
    total = 0
    for it in written:
        try:
            text = str(it.value)
            total += parse_cpu_millicores(text) if resource == "cpu" else parse_bytes(text)
        except QuantityError as error:
            wrong, _, instead = str(error).partition("; ")
            findings.add(it.place, (*path, resource), wrong, instead)
    return Scalar(f"{total}m" if resource == "cpu" else total, written[0].place)
