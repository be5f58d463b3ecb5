"""Files in a fleet's folder that look like parts of it, and that nobody reads."""

from __future__ import annotations

from pathlib import PurePosixPath

from kingtide.fleet.documents.nearest import nearest
from kingtide.fleet.manifests import FOLDER as MANIFESTS
from kingtide.fleet.repository import FOLDERS

_INSTANCE_TYPES = PurePosixPath("snippets/instance-types")
_KNOWN = (*FOLDERS, MANIFESTS, "rehearsals", "snippets", "tools")


def may_be_of_a_fleet(folder: str) -> bool:
    """Whether a folder beside fleet.yaml is one of a fleet's, or named much like one."""
    return not folder.startswith(".") and nearest(folder, _KNOWN) is not None


def why_unread(path: PurePosixPath) -> tuple[str, str] | None:
    """Return why nobody reads a YAML file of a fleet's folder, and what to do; None where it is.

    Or where it is nobody's business: files of charts, of hidden folders, of folders of other names.
    """
    top, depth = path.parts[0], len(path.parts)
    if any(part.startswith(".") for part in path.parts):
        return None
    if depth > 1 and top not in _KNOWN:
        near = nearest(top, _KNOWN)
        wrong = f"a fleet has no folder {top!r}: nobody reads this file"
        return None if near is None else (wrong, f"did you mean {near}/?")
    if path.suffix == ".yml" and not (top == "tools" and depth > 3):
        return "a fleet's files end in .yaml: nobody reads this one", f"name it {path.stem}.yaml"
    if top == "tools":
        return _of_tools(path)
    if top == "snippets":
        wrong = "lists of instance types lie elsewhere: nobody reads this one"
        return None if path.parent == _INSTANCE_TYPES else (wrong, f"move it to {_INSTANCE_TYPES}/")
    deepest = {MANIFESTS: 3, **dict.fromkeys(FOLDERS, 2)}.get(top, depth)
    if depth > deepest:
        wrong = "lies in a folder of its own: nobody reads this file"
        return wrong, f"move it to {PurePosixPath(*path.parts[: deepest - 1])}/"
    return None


def _of_tools(path: PurePosixPath) -> tuple[str, str] | None:
    """Return the same of a file below tools/; those of other names beside values are told."""
    if len(path.parts) == 2:
        return "a tool has a folder: nobody reads this file", f"name it tools/{path.stem}/tool.yaml"
    if len(path.parts) > 3 or path.name == "tool.yaml" or path.name.startswith("values"):
        return None
    advice = "name it tool.yaml or values.yaml, or keep it elsewhere"
    return "nobody reads files of such a name", advice
