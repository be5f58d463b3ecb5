"""The tables of events, namespaces, configuration and what else kubectl shows in its own way.

Source: pkg/printers/internalversion/printers.go (v1.36).
"""

from __future__ import annotations

from typing import Any

from kingtide.twin.apiserver.entries import Entry
from kingtide.twin.apiserver.tables.ages import UNKNOWN, age, since
from kingtide.twin.apiserver.tables.row import AGE, NAME, Cell, Column, Table

SHOWN = 3
"""Addresses and ports that are told one by one (formatEndpointSlice)."""


def _event(entry: Entry, now_ms: int) -> list[Cell]:
    body = entry.body()
    first, last = body.get("firstTimestamp"), body.get("lastTimestamp")
    at = body.get("eventTime")
    series = body.get("series") or {}
    about = body.get("involvedObject", {})
    source = body.get("source", {})
    told_by = source.get("component") or body.get("reportingComponent", "")
    host = source.get("host")
    return [
        since(series.get("lastObservedTime") or last or at, now_ms),
        body.get("type", ""),
        body.get("reason", ""),
        f"{about.get('kind', '').lower()}/{about.get('name', '')}",
        about.get("fieldPath", ""),
        f"{told_by}, {host}" if host else told_by,
        body.get("message", "").strip(),
        since(first or at, now_ms),
        int(series.get("count") or body.get("count") or 1),
        entry.name,
    ]


def _namespace(entry: Entry, now_ms: int) -> list[Cell]:
    return [entry.name, entry.body().get("status", {}).get("phase", ""), age(entry, now_ms)]


def _config_map(entry: Entry, now_ms: int) -> list[Cell]:
    body = entry.body()
    count = len(body.get("data") or {}) + len(body.get("binaryData") or {})
    return [entry.name, str(count), age(entry, now_ms)]


def _secret(entry: Entry, now_ms: int) -> list[Cell]:
    body = entry.body()
    count = str(len(body.get("data") or {}))
    return [entry.name, body.get("type", "Opaque"), count, age(entry, now_ms)]


def _priority_class(entry: Entry, now_ms: int) -> list[Cell]:
    body = entry.body()
    is_default = "true" if body.get("globalDefault") else "false"
    policy = body.get("preemptionPolicy", "PreemptLowerPriority")
    return [entry.name, int(body["value"]), is_default, age(entry, now_ms), policy]


def _lease(entry: Entry, now_ms: int) -> list[Cell]:
    spec: dict[str, Any] = entry.body().get("spec") or {}
    return [entry.name, spec.get("holderIdentity", ""), age(entry, now_ms)]


def _service(entry: Entry, now_ms: int) -> list[Cell]:
    spec: dict[str, Any] = entry.body().get("spec") or {}
    ports = [f"{it.get('port')}/{it.get('protocol', 'TCP')}" for it in spec.get("ports", [])]
    selector = spec.get("selector") or {}
    return [
        entry.name,
        spec.get("type", "ClusterIP"),
        spec.get("clusterIP") or "<none>",
        ",".join(spec.get("externalIPs", [])) or "<none>",
        ",".join(ports) or "<none>",
        age(entry, now_ms),
        ",".join(f"{key}={value}" for key, value in sorted(selector.items())) or "<none>",
    ]


def _endpoint_slice(entry: Entry, now_ms: int) -> list[Cell]:
    body = entry.body()
    numbers = [str(it.get("port", "*")) for it in body.get("ports") or ()]
    found = [it for endpoint in body.get("endpoints") or () for it in endpoint["addresses"]]
    return [
        entry.name,
        body.get("addressType", ""),
        _some(numbers),
        _some(found),
        age(entry, now_ms),
    ]


def _some(texts: list[str]) -> str:
    more = f" + {len(texts) - SHOWN} more..." if len(texts) > SHOWN else ""
    return ",".join(texts[:SHOWN]) + more or "<unset>"


def _definition(entry: Entry, _now_ms: int) -> list[Cell]:
    return [entry.name, entry.body()["metadata"].get("creationTimestamp", UNKNOWN)]


EVENTS = Table(
    (
        Column("Last Seen"),
        Column("Type"),
        Column("Reason"),
        Column("Object"),
        Column("Subobject", wide=True),
        Column("Source", wide=True),
        Column("Message"),
        Column("First Seen", wide=True),
        Column("Count", "integer", wide=True),
        Column("Name", wide=True),
    ),
    _event,
)
NAMESPACES = Table((NAME, Column("Status"), AGE), _namespace)
CONFIG_MAPS = Table((NAME, Column("Data"), AGE), _config_map)
SECRETS = Table((NAME, Column("Type"), Column("Data"), AGE), _secret)
PRIORITY_CLASSES = Table(
    (NAME, Column("Value", "integer"), Column("Global-Default"), AGE, Column("PreemptionPolicy")),
    _priority_class,
)
LEASES = Table((NAME, Column("Holder"), AGE), _lease)
SERVICES = Table(
    (
        NAME,
        Column("Type"),
        Column("Cluster-IP"),
        Column("External-IP"),
        Column("Port(s)"),
        AGE,
        Column("Selector", wide=True),
    ),
    _service,
)
ENDPOINT_SLICES = Table(
    (NAME, Column("AddressType"), Column("Ports"), Column("Endpoints"), AGE), _endpoint_slice
)
DEFINITIONS = Table((NAME, Column("Created At")), _definition)
