"""Helm values of tools: `values.yaml`, `values.env-<env>.yaml`, `values.cluster-<name>.yaml`.

They are the chart's, not ours, and are read as trees. Helm reads YAML 1.1, in which `on` is true
and `0644` is 420; values that it would take for something else than they look like are refused, so
that a chart gets what is written whoever reads the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

import yaml

from kingtide.fleet.documents.merge import merged
from kingtide.fleet.documents.mistakes import Findings
from kingtide.fleet.documents.tree import Map, Node, Place
from kingtide.fleet.documents.yaml_tree import parse_yaml

ENVIRONMENT_LABEL = "env"
"""The label of a cluster whose value chooses a tool's `values.env-<env>.yaml`."""

_SWITCH = re.compile("y|yes|on|n|no|off", re.IGNORECASE)
_OCTAL = re.compile("[-+]?0[0-7_]*[0-7]")
_GROUPED = re.compile("[-+]?[0-9][0-9_]*_[0-9_]*")
"""Source: https://yaml.org/type/bool.html, https://yaml.org/type/int.html (YAML 1.1), which Go's
yaml.v2 follows in these (https://github.com/kubernetes-sigs/yaml)."""


def is_tool_values(path: PurePosixPath) -> bool:
    """Return whether a file of a fleet's folder holds a tool's values."""
    return path.match("tools/*/values*.yaml")


def read_tool_values(text: bytes, file: str, findings: Findings) -> Node:
    """Return a file of values, noting those that Helm would take for something else.

    Raises:
        Mistakes: the text is no YAML.
    """
    tree = parse_yaml(text, file)
    if not isinstance(tree, Map):
        findings.add(tree.place, (), "holds no values", "write `key: value`")
        return Map({}, tree.place)
    for event in _plain_values(text):
        _check(event, file, findings)
    return tree


def layered_values(
    values: Mapping[PurePosixPath, Node], tool: str, cluster: str, environment: str | None
) -> Node:
    """Return a tool's values for a cluster, the most specific file above the others.

    Maps merge, lists replace. A null stays: it takes away what the chart itself says.
    """
    names = ["values.yaml", f"values.cluster-{cluster}.yaml"]
    if environment is not None:
        names.insert(1, f"values.env-{environment}.yaml")
    found: Node = Map({}, Place("", 0, 0))
    for name in names:
        layer = values.get(PurePosixPath("tools", tool, name))
        if layer is not None:
            found = merged(found, layer, layer=())
    return found


def _plain_values(text: bytes) -> Iterator[yaml.ScalarEvent]:
    """Yield every scalar without quotes that is a value; a key is a name to every reader of ours.

    `open_maps` says of each open collection whether a key comes next, None for a list.
    """
    open_maps: list[bool | None] = []
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionEndEvent):
            open_maps.pop()
            continue
        if not isinstance(event, yaml.NodeEvent):
            continue
        is_key = bool(open_maps) and open_maps[-1] is True
        if open_maps and open_maps[-1] is not None:
            open_maps[-1] = not is_key
        if isinstance(event, yaml.CollectionStartEvent):
            open_maps.append(True if isinstance(event, yaml.MappingStartEvent) else None)
        elif isinstance(event, yaml.ScalarEvent) and event.implicit[0] and not is_key:
            yield event


def _check(event: yaml.ScalarEvent, file: str, findings: Findings) -> None:
    text = event.value
    if _SWITCH.fullmatch(text):
        switched = "false" if text.lower() in ("n", "no", "off") else "true"
        wrong, instead = f"Helm reads {text} as {switched}", f"write {switched}, or quote it"
    elif _OCTAL.fullmatch(text):
        number = int(text.replace("_", ""), base=8)
        wrong, instead = f"Helm reads {text} as octal, {number}", f"write {number}, or quote it"
    elif _GROUPED.fullmatch(text):
        number = int(text.replace("_", ""))
        wrong, instead = f"Helm reads {text} as {number}", f"write {number}, or quote it"
    else:
        return
    mark = event.start_mark
    place = Place(file, 0, 0) if mark is None else Place(file, mark.line + 1, mark.column + 1)
    findings.add(place, (), wrong, instead)
