"""The rules of merging against the schemas of Kubernetes 1.36 themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from kingtide.kube.patching.rules import ATOMIC_TYPES, RULES
from kingtide.kube.patching.schema import NO_RULE, Rule

SCHEMAS = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema/v1.36.0-local"
GROUPS = tuple(
    f"io.k8s.{it}."
    for it in (
        "api.apps",
        "api.autoscaling.v2",
        "api.batch",
        "api.coordination.v1",
        "api.core",
        "api.discovery.v1",
        "api.networking.v1",
        "api.policy",
        "api.rbac",
        "api.scheduling.v1",
        "apimachinery.pkg.apis.meta.v1",
    )
)
GROUPS += tuple(
    f"io.k8s.api.admissionregistration.v1.{it}" for it in ("MutatingWebhook", "ValidatingWebhook")
)
"""Of this group not all: admission policies are not served."""
NOT_SERVED = {"ComponentStatus", "ServiceCIDRStatus"}
PREFIX = "x-kubernetes-"
MARKERS = (f"{PREFIX}list", f"{PREFIX}map", f"{PREFIX}patch")
PLAIN: tuple[dict[str, str], ...] = (
    {},
    {f"{PREFIX}list-type": "atomic"},
    {f"{PREFIX}map-type": "granular"},
)
"""What says of a field no more than its type does."""


def definitions() -> dict[str, dict[str, Any]]:
    found = json.loads((SCHEMAS / "_definitions.json").read_text())
    types: dict[str, dict[str, Any]] = found.get("$defs") or found["definitions"]
    return {name: it for name, it in types.items() if name.startswith(GROUPS)}


def rule_of(field: dict[str, Any]) -> Rule:
    """Return what a field's markers say."""
    keys, kind = field.get(f"{PREFIX}list-map-keys", []), field.get(f"{PREFIX}list-type")
    is_whole_map = field.get(f"{PREFIX}map-type") == "atomic"
    return Rule(
        tuple(keys) if kind == "map" else (),
        kind == "set",
        is_whole_map,
        field.get(f"{PREFIX}patch-merge-key", ""),
        field.get(f"{PREFIX}patch-strategy", "merge" if is_whole_map else "replace"),
    )


def marked() -> dict[tuple[str, str], Rule]:
    """Return the rule of every field that has markers which say more than the type does."""
    rules = {}
    for name, it in definitions().items():
        for field, schema in it.get("properties", {}).items():
            markers = {k: v for k, v in schema.items() if k.startswith(MARKERS)}
            if markers not in PLAIN:
                rules[(name.rpartition(".")[2], field)] = rule_of(schema)
    return rules


MARKED = marked()
OURS = {(name, field): rule for name, fields in RULES.items() for field, rule in fields.items()}


@pytest.mark.parametrize("place", sorted(OURS), ids=".".join)
def test_a_rule_is_what_kubernetes_says(place: tuple[str, str]) -> None:
    ours, theirs = OURS[place], MARKED[place]

    assert (ours.keys, ours.is_set, ours.is_atomic_map) == (
        theirs.keys,
        theirs.is_set,
        theirs.is_atomic_map,
    )
    assert ours.merge_key == theirs.merge_key
    if theirs.merge_key or theirs.strategy != "replace":
        assert ours.strategy == theirs.strategy


def test_no_rule_of_a_kind_that_is_served_is_missing() -> None:
    served = {name for name, _ in MARKED if name not in NOT_SERVED}
    missing = {place for place, rule in MARKED.items() if place not in OURS and rule != NO_RULE}

    assert {it for it in missing if it[0] in served} == set()


def test_atomic_types_are_those_of_kubernetes() -> None:
    theirs = {
        name.rpartition(".")[2]
        for name, it in definitions().items()
        if it.get(f"{PREFIX}map-type") == "atomic"
    }

    assert theirs - ATOMIC_TYPES == set()
    assert ATOMIC_TYPES - theirs == set()
