"""One pass of downscaling over the small cluster of a vector, and what it wrote."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import msgspec
from whenever import Instant

from kingtide.control.action import Action
from kingtide.control.chance import Chance
from kingtide.control.controller import check_declared
from kingtide.control.index import ClusterIndex
from kingtide.control.snapshot import Snapshot
from kingtide.control.workload_actions import (
    AnnotateWorkload,
    PauseScaledObject,
    ScaleWorkload,
    SetDisruptionBudget,
    SetMinReplicas,
    SetMinRunners,
    SetNodeSelector,
    SetSuspend,
    changed_object,
)
from kingtide.controllers.downscaling.decide import CONTROLLER
from kingtide.controllers.downscaling.names import FORCE_DOWNTIME, FORCE_UPTIME
from kingtide.fleet.policies.downscaling import DownscalingPolicy
from kingtide.kube.namespaces import Namespace
from kingtide.kube.pods import Pod, PodSpec
from kingtide.kube.scalable_documents import read_scalable
from tests.no_cloud import NoCloud
from tests.vectors.strictness import only_known

Document = dict[str, Any]

_SETTINGS = {
    "uptime": "uptime",
    "downtime": "downtime",
    "up_period": "upscale_period",
    "down_period": "downscale_period",
    "downtime_replicas": "downtime_replicas",
    "excluded_namespaces": "excluded_namespaces",
    "excluded_names": "excluded_names",
    "deploy_time_key": "deployment_time_annotation",
    "upscale_target_only": "upscale_target_only",
    "label_patterns": "matching_labels",
    "only_namespaces": "namespaces",
    "kinds": "kinds",
}
"""Where a vector's settings go; `grace_s` is 0 there unless it says otherwise."""


def changes(given: Mapping[str, Any], compatibility: str) -> Mapping[str, Any]:
    """Return what one pass changes, by `Kind/name`: fields of the spec, and annotations."""
    only_known(
        given, "id", "scope", "origin", "ref", "why", "note", "fork_only", "now", "settings",
        "namespaces", "pods", "workloads", "expect_changes_2020_original",
    )  # fmt: skip
    settings = only_known(
        given["settings"], *_SETTINGS, "grace_s", "dry_run", "forced_uptime", "forced_downtime"
    )
    before = {_key(entry): _document(entry) for entry in given["workloads"]}
    if settings.get("dry_run"):
        return {}  # nobody performs what is decided
    after = copy.deepcopy(before)
    for action in _decide(given, settings, before, compatibility):
        _perform(action, after[changed_object(action)])  # type: ignore[arg-type]  # all it declares
    found = {}
    for key, document in before.items():
        spec = _difference(document["spec"], after[key]["spec"])
        notes = _difference(_notes(document), _notes(after[key]))
        changed = {name: it for name, it in (("spec", spec), ("annotations", notes)) if it}
        if changed:
            found[f"{document['kind']}/{document['metadata']['name']}"] = changed
    return found


def _decide(
    given: Mapping[str, Any],
    settings: Mapping[str, Any],
    documents: Mapping[str, Document],
    compatibility: str,
) -> tuple[Action, ...]:
    index = ClusterIndex()
    forced = {
        key: "true"
        for key, name in ((FORCE_UPTIME, "forced_uptime"), (FORCE_DOWNTIME, "forced_downtime"))
        if settings.get(name)
    }
    for entry in given.get("namespaces", [{"name": "default", "annotations": forced}]):
        only_known(entry, "name", "annotations", "labels")
        index.apply(None, Namespace(entry["name"], annotations=entry.get("annotations") or {}))
    for entry in given.get("pods") or ():
        only_known(entry, "name", "namespace", "phase", "annotations", "labels")
        index.apply(None, _pod(entry))
    for document in documents.values():
        index.apply(None, read_scalable(document))
    policy = _policy(settings, documents, compatibility)
    now_ms = Instant.parse_iso(given["now"]).timestamp(unit="millisecond")
    snapshot = Snapshot(index, NoCloud(), "vectors")
    memory = CONTROLLER.first_memory()
    decision = CONTROLLER.decide(snapshot, policy, memory, now_ms, Chance(0, "downscaling"))
    check_declared(CONTROLLER, decision)
    return decision.actions


def _policy(
    settings: Mapping[str, Any], documents: Mapping[str, Document], compatibility: str
) -> DownscalingPolicy:
    fields = {_SETTINGS[name]: value for name, value in settings.items() if name in _SETTINGS}
    fields.setdefault("kinds", list(dict.fromkeys(it["kind"] for it in documents.values())))
    fields["grace_period_seconds"] = settings.get("grace_s", 0)
    fields["compatibility"] = compatibility
    return msgspec.convert(fields, DownscalingPolicy)


def _pod(entry: Mapping[str, Any]) -> Pod:
    return Pod(
        namespace=entry.get("namespace", "default"),
        name=entry["name"],
        uid=f"{entry.get('namespace', 'default')}/{entry['name']}",
        spec=PodSpec(()),
        labels={},
        created_ms=0,
        annotations=entry.get("annotations") or {},
        phase=entry.get("phase", "Running"),
    )


def _key(entry: Mapping[str, Any]) -> str:
    return f"{entry['kind']}/{entry.get('namespace', 'default')}/{entry['name']}"


def _document(entry: Mapping[str, Any]) -> Document:
    only_known(
        entry, "kind", "name", "namespace", "created", "annotations", "labels", "owners", "spec"
    )
    owners = entry.get("owners") or []
    if isinstance(owners, str):  # the name of an owner of a kind that does not matter
        owners = [{"kind": "CronJob", "name": owners}]
    metadata = {
        "name": entry["name"],
        "namespace": entry.get("namespace", "default"),
        "creationTimestamp": entry.get("created"),
        "labels": entry.get("labels") or {},
        "annotations": dict(entry.get("annotations") or {}),
        "ownerReferences": owners,
    }
    return {"kind": entry["kind"], "metadata": metadata, "spec": copy.deepcopy(entry["spec"])}


def _notes(document: Document) -> Document:
    notes: Document = document["metadata"]["annotations"]
    return notes


def _perform(action: Action, document: Document) -> None:
    """Do to a document what the API server does to an object."""
    spec, notes = document["spec"], _notes(document)
    match action:
        case ScaleWorkload():
            assert spec["replicas"] == action.expected_replicas
            spec["replicas"] = action.replicas
        case SetSuspend():
            assert spec.get("suspend", False) == action.expected_suspend
            spec["suspend"] = action.suspend
        case SetMinReplicas():
            assert spec.get("minReplicas") == action.expected_min_replicas
            spec["minReplicas"] = action.min_replicas
        case SetMinRunners():
            assert spec.get("minRunners") == action.expected_min_runners
            spec["minRunners"] = action.min_runners
        case SetNodeSelector():
            selector = spec["template"]["spec"].setdefault("nodeSelector", {})
            assert selector.get(action.label) == action.expected_value
            _set(selector, action.label, action.value)
        case SetDisruptionBudget():
            assert str(spec[action.field]) == action.expected_amount
            amount = action.amount
            spec[action.field] = amount if amount.endswith("%") else int(amount)
        case PauseScaledObject():
            paused = "autoscaling.keda.sh/paused-replicas"
            assert notes.get(paused) == action.expected_paused_replicas
            _set(notes, paused, action.paused_replicas)
        case AnnotateWorkload():
            assert all(notes.get(key) == value for key, value in action.expected)
        case _:
            raise AssertionError(action)
    for key, value in action.annotations:
        _set(notes, key, value)


def _set(mapping: Document, key: str, value: str | None) -> None:
    if value is None:
        mapping.pop(key, None)
    else:
        mapping[key] = value


def _difference(before: Document, after: Document) -> Document:
    """Return what changed, None where something went."""
    found: Document = {key: None for key in before if key not in after}
    for key, value in after.items():
        if key not in before:
            found[key] = value
        elif isinstance(value, dict) and isinstance(before[key], dict):
            below = _difference(before[key], value)
            if below:
                found[key] = below
        elif value != before[key]:
            found[key] = value
    return found
