"""Objects that stand in files, as a cluster's view of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from kingtide.controllers.ingress.located import path_of
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.documents.mistakes import Findings
from kingtide.fleet.documents.tree import Place, place_of, plain
from kingtide.fleet.manifests import Manifest
from kingtide.kube.ingresses import Ingress, IngressClass
from kingtide.kube.secrets import Secret
from kingtide.kube.services import EndpointSlice, Service
from kingtide.kube.wire.kinds import ApiKind, api_kinds
from kingtide.kube.wire.traffic import traffic_kinds
from kingtide.kube.workloads import ConfigMap


def kinds_read() -> Mapping[str, ApiKind]:
    """Return the kinds that say how traffic finds its pods, by name."""
    return {**traffic_kinds(), "ConfigMap": api_kinds()["ConfigMap"]}


def written_view(manifests: Iterable[Manifest], findings: Findings) -> TrafficView:
    """Return what objects in files say of traffic, noting those that cannot be read.

    Objects of other kinds are passed over: files hold whole applications. An object that stands
    twice is a mistake, since a cluster would have one of the two.
    """
    kinds = kinds_read()
    objects: list[Any] = []
    places: dict[tuple[str, str], Place] = {}
    for it in manifests:
        kind = kinds.get(it.kind)
        if kind is None:
            continue
        read = _read(it, kind, findings)
        if read is None:
            continue
        first = places.setdefault((it.kind, read.key), it.place)
        if first is not it.place:
            wrong = f"{it.kind} {read.key} stands at {first.file}:{first.line} already"
            findings.add(it.place, (), wrong, "leave one of the two out", "contradiction")
            continue
        objects.append(read)
    return gathered(objects)


def gathered(objects: Iterable[Any]) -> TrafficView:
    """Return the view of some objects; those of other kinds are passed over."""
    ingresses: dict[str, Ingress] = {}
    classes: dict[str, IngressClass] = {}
    services: dict[str, Service] = {}
    slices: dict[str, list[EndpointSlice]] = {}
    secrets: dict[str, Secret] = {}
    config_maps: dict[str, ConfigMap] = {}
    for it in objects:
        match it:
            case Ingress():
                ingresses[it.key] = it
            case IngressClass():
                classes[it.name] = it
            case Service():
                services[it.key] = it
            case EndpointSlice() if it.service:
                slices.setdefault(f"{it.namespace}/{it.service}", []).append(it)
            case Secret():
                secrets[it.key] = it
            case ConfigMap():
                config_maps[it.key] = it
            case _:
                pass
    sliced = {key: tuple(sorted(found, key=_name)) for key, found in slices.items()}
    return TrafficView(ingresses, classes, services, sliced, secrets, config_maps)


def _name(it: EndpointSlice) -> str:
    return it.name


def _read(it: Manifest, kind: ApiKind, findings: Findings) -> Any:
    """Return the object, None where it is none: what the API server would refuse."""
    version = it.value(("apiVersion",))
    if version != kind.api_version:
        place = place_of(it.node, ("apiVersion",))
        wrong = f"{version!r} is no version of {it.kind}" if version else "is missing"
        findings.add(place, ("apiVersion",), wrong, f"write {kind.api_version}")
        return None
    try:
        return kind.read(msgspec.json.encode(plain(it.node)))
    except ValueError as error:
        wrong, _, where = str(error).partition(" - at `$")
        path = path_of(where.rstrip("`"))
        findings.add(place_of(it.node, path), path, wrong, f"write it as {it.kind} has it")
        return None
