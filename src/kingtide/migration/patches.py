"""Patches that turn the documents a fleet compiles to into those that were imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kingtide.fleet.documents.tree import Plain
from kingtide.kube.patching.json_patch import is_same
from kingtide.migration.parts import Part


def patches(pairs: Sequence[tuple[Part, Part]]) -> list[Plain]:
    """Return the patches by which each compiled document becomes its imported one.

    What all InstanceGroups need stands once, in a patch on all of them.
    """
    merges = {(_kind(made), _name(made)): difference(made, wanted) for made, wanted in pairs}
    groups = {key: it for key, it in merges.items() if key[0] == "InstanceGroup"}
    found: list[Plain] = []
    if len(groups) > 1:
        common = shared(list(groups.values()))
        if common:
            found.append({"target": {"kind": "InstanceGroup"}, "merge": common})
            merges |= {key: beyond(common, it) for key, it in groups.items()}
    for (kind, name), merge in merges.items():
        if merge:
            found.append({"target": {"kind": kind, "name": name}, "merge": merge})
    return found


def difference(made: Mapping[str, Plain], wanted: Mapping[str, Plain]) -> Part:
    """Return what has to be merged into one map to get another: null takes a key away."""
    found: Part = {}
    for key in sorted({**made, **wanted}):
        value = wanted.get(key)
        if value is None:
            if made.get(key) is not None:
                found[key] = None
            continue
        below = made.get(key)
        if isinstance(value, dict) and isinstance(below, dict):
            inner = difference(below, value)
            if inner:
                found[key] = inner
        elif key not in made or not is_same(_in_order(key, below), _in_order(key, value)):
            found[key] = without_nulls(value)
    return found


def _in_order(key: str, value: Plain) -> Plain:
    """Return subnets by name: kops asks for them by name, in whatever order they stand."""
    if key != "subnets" or not isinstance(value, list):
        return value
    return sorted(value, key=lambda it: str(it.get("name")) if isinstance(it, dict) else str(it))


def shared(maps: Sequence[Part]) -> Part:
    """Return what all maps say."""
    first, *rest = maps
    found: Part = {}
    for key, value in first.items():
        others = [it[key] for it in rest if key in it]
        if len(others) < len(rest):
            continue
        inner = [it for it in (value, *others) if isinstance(it, dict)]
        if len(inner) == len(maps):
            common = shared(inner)
            if common or not any(inner):
                found[key] = common
        elif all(is_same(value, it) for it in others):
            found[key] = value
    return found


def beyond(common: Part, whole: Part) -> Part:
    """Return what a map says beyond what is said already."""
    found: Part = {}
    for key, value in whole.items():
        said = common.get(key)
        if key not in common:
            found[key] = value
        elif isinstance(value, dict) and isinstance(said, dict):
            inner = beyond(said, value)
            if inner:
                found[key] = inner
        elif not is_same(value, said):
            found[key] = value
    return found


def without_nulls(value: Plain) -> Plain:
    """Return a value without keys of null, which a merge would take for removals; kops too."""
    if isinstance(value, dict):
        return {key: without_nulls(it) for key, it in value.items() if it is not None}
    if isinstance(value, list):
        return [without_nulls(it) for it in value]
    return value


def _kind(body: Part) -> str:
    return str(body["kind"])


def _name(body: Part) -> str:
    metadata = body["metadata"]
    return str(metadata["name"]) if isinstance(metadata, dict) else ""
