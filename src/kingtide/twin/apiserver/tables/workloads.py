"""The tables of workloads, their autoscalers and budgets.

Source: pkg/printers/internalversion/printers.go (v1.36).
"""

from __future__ import annotations

from typing import Any

from kingtide.kube.wire.times import time_ms
from kingtide.twin.apiserver.entries import Entry
from kingtide.twin.apiserver.tables.ages import UNKNOWN, age, human_duration, since
from kingtide.twin.apiserver.tables.row import AGE, NAME, Cell, Column, Table

Body = dict[str, Any]

_TEMPLATE = (
    Column("Containers", wide=True),
    Column("Images", wide=True),
    Column("Selector", wide=True),
)


def _template_cells(spec: Body) -> list[Cell]:
    containers = spec["template"]["spec"]["containers"]
    return [
        ",".join(it["name"] for it in containers),
        ",".join(it.get("image", "") for it in containers),
        selector_text(spec.get("selector")),
    ]


def selector_text(selector: Body | None) -> str:
    """Return a label selector in one line."""
    if not selector:
        return "<none>"
    found = [f"{key}={value}" for key, value in sorted(selector.get("matchLabels", {}).items())]
    for it in selector.get("matchExpressions", []):
        values = ",".join(it.get("values", []))
        match it["operator"]:
            case "In":
                found.append(f"{it['key']} in ({values})")
            case "NotIn":
                found.append(f"{it['key']} notin ({values})")
            case "Exists":
                found.append(it["key"])
            case _:
                found.append(f"!{it['key']}")
    return ",".join(found) or "<none>"


def _number(status: Body, name: str) -> int:
    return int(status.get(name, 0))


def _deployment(entry: Entry, now_ms: int) -> list[Cell]:
    body = entry.body()
    spec, status = body["spec"], body["status"]
    ready = f"{_number(status, 'readyReplicas')}/{spec['replicas']}"
    updated, available = _number(status, "updatedReplicas"), _number(status, "availableReplicas")
    return [entry.name, ready, updated, available, age(entry, now_ms), *_template_cells(spec)]


def _replica_set(entry: Entry, now_ms: int) -> list[Cell]:
    body = entry.body()
    spec, status = body["spec"], body["status"]
    counts = [spec["replicas"], _number(status, "replicas"), _number(status, "readyReplicas")]
    return [entry.name, *counts, age(entry, now_ms), *_template_cells(spec)]


def _stateful_set(entry: Entry, now_ms: int) -> list[Cell]:
    body = entry.body()
    spec = body["spec"]
    ready = f"{_number(body['status'], 'readyReplicas')}/{spec['replicas']}"
    return [entry.name, ready, age(entry, now_ms), *_template_cells(spec)[:2]]


def _daemon_set(entry: Entry, now_ms: int) -> list[Cell]:
    body = entry.body()
    spec, status = body["spec"], body["status"]
    names = (
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    )
    nodes = spec["template"]["spec"].get("nodeSelector", {})
    wanted = ",".join(f"{key}={value}" for key, value in sorted(nodes.items())) or "<none>"
    counts = [_number(status, it) for it in names]
    return [entry.name, *counts, wanted, age(entry, now_ms), *_template_cells(spec)]


def _job(entry: Entry, now_ms: int) -> list[Cell]:
    body = entry.body()
    spec, status = body["spec"], body["status"]
    held = {it["type"] for it in status.get("conditions", []) if it["status"] == "True"}
    state = next((it for it in ("Complete", "Failed") if it in held), "")
    if not state:
        state = "Suspended" if spec.get("suspend") else "Running"
    done, wanted = _number(status, "succeeded"), spec.get("completions")
    if wanted is None:
        parallel = spec.get("parallelism", 1)
        completions = f"{done}/1 of {parallel}" if parallel > 1 else f"{done}/1"
    else:
        completions = f"{done}/{wanted}"
    started, ended = time_ms(status.get("startTime")), time_ms(status.get("completionTime"))
    took = "" if started is None else human_duration((ended or now_ms) - started)
    return [entry.name, state, completions, took, age(entry, now_ms), *_template_cells(spec)]


def _cron_job(entry: Entry, now_ms: int) -> list[Cell]:
    body = entry.body()
    spec, status = body["spec"], body["status"]
    last = status.get("lastScheduleTime")
    return [
        entry.name,
        spec["schedule"],
        spec.get("timeZone") or "<none>",
        "True" if spec.get("suspend") else "False",
        len(status.get("active", [])),
        since(last, now_ms) if last else "<none>",
        age(entry, now_ms),
        *_template_cells(spec["jobTemplate"]["spec"]),
    ]


def _autoscaler(entry: Entry, now_ms: int) -> list[Cell]:
    body = entry.body()
    spec, status = body["spec"], body.get("status", {})
    target = spec["scaleTargetRef"]
    current = {
        it["resource"]["name"]: it["resource"]["current"]
        for it in status.get("currentMetrics", [])
        if it["type"] == "Resource"
    }
    targets = [_target(it["resource"], current) for it in spec.get("metrics", [])]
    return [
        entry.name,
        f"{target['kind']}/{target['name']}",
        ", ".join(targets) or "<none>",
        str(spec.get("minReplicas", 1)),
        spec["maxReplicas"],
        _number(status, "currentReplicas"),
        age(entry, now_ms),
    ]


def _target(resource: Body, current: Body) -> str:
    name, target = resource["name"], resource["target"]
    now = current.get(name, {})
    if target["type"] == "Utilization":
        percent = now.get("averageUtilization")
        known = UNKNOWN if percent is None else f"{percent}%"
        return f"{name}: {known}/{target['averageUtilization']}%"
    return f"{name}: {now.get('averageValue', UNKNOWN)}/{target['averageValue']}"


def _budget(entry: Entry, now_ms: int) -> list[Cell]:
    body = entry.body()
    spec = body["spec"]
    least, most = (str(spec.get(it, "N/A")) for it in ("minAvailable", "maxUnavailable"))
    allowed = _number(body.get("status", {}), "disruptionsAllowed")
    return [entry.name, least, most, allowed, age(entry, now_ms)]


def _count(name: str) -> Column:
    return Column(name, "integer")


DEPLOYMENTS = Table(
    (NAME, Column("Ready"), Column("Up-to-date"), Column("Available"), AGE, *_TEMPLATE),
    _deployment,
)
REPLICA_SETS = Table(
    (NAME, _count("Desired"), _count("Current"), _count("Ready"), AGE, *_TEMPLATE), _replica_set
)
STATEFUL_SETS = Table((NAME, Column("Ready"), AGE, *_TEMPLATE[:2]), _stateful_set)
DAEMON_SETS = Table(
    (
        NAME,
        _count("Desired"),
        _count("Current"),
        _count("Ready"),
        _count("Up-to-date"),
        _count("Available"),
        Column("Node Selector"),
        AGE,
        *_TEMPLATE,
    ),
    _daemon_set,
)
JOBS = Table(
    (NAME, Column("Status"), Column("Completions"), Column("Duration"), AGE, *_TEMPLATE), _job
)
CRON_JOBS = Table(
    (
        NAME,
        Column("Schedule"),
        Column("Timezone"),
        Column("Suspend"),
        _count("Active"),
        Column("Last Schedule"),
        AGE,
        *_TEMPLATE,
    ),
    _cron_job,
)
AUTOSCALERS = Table(
    (
        NAME,
        Column("Reference"),
        Column("Targets"),
        Column("MinPods"),
        Column("MaxPods"),
        _count("Replicas"),
        AGE,
    ),
    _autoscaler,
)
BUDGETS = Table(
    (
        NAME,
        Column("Min Available"),
        Column("Max Unavailable"),
        _count("Allowed Disruptions"),
        AGE,
    ),
    _budget,
)
