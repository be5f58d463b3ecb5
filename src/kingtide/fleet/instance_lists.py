"""Lists of instance types that several groups share.

One YAML list a file below snippets/instance-types/.
"""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.aws.instance_types import INSTANCE_TYPES
from kingtide.fleet.documents.mistakes import Findings
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import Node, Path, Scalar, Sequence

InstanceLists = Mapping[str, tuple[str, ...]]
"""Instance types by the list's name, in the order that Auto Scaling's overrides shall have."""


def read_instance_list(tree: Node, findings: Findings) -> tuple[str, ...]:
    """Return the instance types of a file, noting what is wrong with them."""
    if not isinstance(tree, Sequence) or not tree.items:
        findings.add(
            tree.place, (), "is not a list of instance types", "write `- c5.4xlarge`, one a line"
        )
        return ()
    return known_types(tree, (), findings)


def known_types(listed: Sequence, path: Path, findings: Findings) -> tuple[str, ...]:
    """Return the types of a list, noting those that do not exist and those written twice."""
    found: dict[str, None] = {}
    for index, item in enumerate(listed.items):
        name = item.value if isinstance(item, Scalar) else None
        at = (*path, index)
        if not isinstance(name, str):
            wrong = f"{'this' if name is None else name} is not an instance type"
            findings.add(item.place, at, wrong, "write for example c5.4xlarge")
        elif name not in INSTANCE_TYPES:
            advice = did_you_mean(name, INSTANCE_TYPES, what="instance types")
            findings.add(
                item.place, at, f"there is no instance type {name!r}", advice, "unknown name"
            )
        elif name in found:
            findings.add(item.place, at, f"{name} is listed twice", "keep one of them", "duplicate")
        else:
            found[name] = None
    return tuple(found)
