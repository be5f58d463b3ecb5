"""`--set path=value`: one more layer over a scenario, checked like what stands in files."""

from __future__ import annotations

import re
from collections.abc import Sequence as SequenceOf

from kingtide.fleet.documents.known_fields import annotation_at
from kingtide.fleet.documents.mistakes import Findings, Mistakes
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import (
    Entry,
    Map,
    Node,
    Path,
    Place,
    Scalar,
    Sequence,
    Step,
    path_text,
)
from kingtide.fleet.documents.yaml_tree import parse_yaml
from kingtide.rehearsal.scenario.layers import CLUSTER_LAYER
from kingtide.rehearsal.scenario.model import Rehearsal

_ROOTS = ("metadata", "spec")
_STEP = re.compile(r"([^.\[\]]+)((?:\[\d{1,6}\])*)")
_INDEX = re.compile(r"\[(\d+)\]")
_EXAMPLE = "write for example --set policies.hpa.target=0.7"


def apply_settings(node: Node, settings: SequenceOf[str], findings: Findings) -> Node:
    """Return a scenario's tree with every `path=value` set, later ones over earlier ones."""
    for setting in settings:
        node = _apply(node, setting, findings)
    return node


def _apply(node: Node, setting: str, findings: Findings) -> Node:
    place = Place(f"--set {setting}", 0, 0)
    text, separator, value_text = setting.partition("=")
    path = _path(text)
    if not separator or path is None:
        findings.add(place, (), "is not path=value", _EXAMPLE)
        return node
    try:
        value = _placed(parse_yaml(value_text.encode(), place.file), place)
    except Mistakes:
        findings.add(place, path, f"{value_text!r} is not a value", "quote it, or write a number")
        return node
    return _set(node, path, 0, value, place, findings)


def _path(text: str) -> Path | None:
    """Return a setting's path, below `spec` unless it names another root; None when it is none."""
    steps: list[Step] = []
    rest = text.strip()
    while rest:
        if steps and steps[-1] == "latencies":
            # Names of latencies hold dots, and nothing stands below them on a command line.
            steps.append(rest)
            break
        match = _STEP.match(rest)
        if match is None:
            return None
        steps.append(match[1])
        steps.extend(int(index) for index in _INDEX.findall(match[2]))
        rest = rest[match.end() :]
        if rest and not rest.startswith("."):
            return None
        if rest == ".":
            return None
        rest = rest[1:]
    if not steps:
        return None
    return tuple(steps) if steps[0] in _ROOTS else ("spec", *steps)


def _set(node: Node, path: Path, depth: int, value: Node, place: Place, findings: Findings) -> Node:
    if depth == len(path):
        return value
    step = path[depth]
    if isinstance(step, int):
        if not isinstance(node, Sequence) or step >= len(node.items):
            count = len(node.items) if isinstance(node, Sequence) else 0
            findings.add(place, path, f"there are {count} items", "set the whole list")
            return node
        items = list(node.items)
        items[step] = _set(items[step], path, depth + 1, value, place, findings)
        return Sequence(tuple(items), node.place)
    if isinstance(node, Sequence):
        name, example = path_text(path[:depth]), path_text((*path[1:depth], 0))
        advice = f"write for example --set {example}=..., or set the whole list"
        findings.add(place, path, f"{name} is a list, which has no {step!r}", advice)
        return node
    entries = dict(node.entries) if isinstance(node, Map) else {}
    # What replaces a single value stands, as a map, where it was set.
    own_place = node.place if isinstance(node, Map) else place
    if step not in entries and depth + 1 < len(path) and _is_free_name(path[:depth]):
        # Only a whole application, group or class can be new; a setting below a name means one that
        # exists.
        advice = did_you_mean(step, entries, what=str(path[depth - 1]))
        findings.add(place, path, f"there is no {step!r}", advice)
        return node
    nothing = (
        Sequence((), place)
        if depth + 1 < len(path) and isinstance(path[depth + 1], int)
        else Map({}, place)
    )
    below = entries[step].node if step in entries else nothing
    key_place = entries[step].key_place if step in entries and depth + 1 < len(path) else place
    is_null = isinstance(value, Scalar) and value.value is None
    if depth + 1 == len(path) and is_null and not _in_cluster_layer(path):
        entries.pop(step, None)  # null removes, as in every layer
        return Map(entries, own_place)
    entries[step] = Entry(key_place, _set(below, path, depth + 1, value, place, findings))
    return Map(entries, own_place)


def _is_free_name(path: Path) -> bool:
    """Return whether keys at a path are names that users give, not fields."""
    if _in_cluster_layer(path):
        return False  # it is laid over a cluster, whose names are not known here
    annotation = annotation_at(Rehearsal, path)
    return getattr(annotation, "__origin__", None) is dict


def _in_cluster_layer(path: Path) -> bool:
    return path[: len(CLUSTER_LAYER)] == CLUSTER_LAYER


def _placed(node: Node, place: Place) -> Node:
    """Return a value whose every part stands on the command line."""
    if isinstance(node, Map):
        return Map(
            {k: Entry(place, _placed(e.node, place)) for k, e in node.entries.items()}, place
        )
    if isinstance(node, Sequence):
        return Sequence(tuple(_placed(item, place) for item in node.items), place)
    return type(node)(node.value, place)
