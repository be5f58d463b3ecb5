"""Which nodes there are by instance, and which of them bear a notice; only what changed is read."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.control.snapshot import ClusterView
from kingtide.controllers.spot_interruption.crowd import Crowd, crowd_on
from kingtide.controllers.spot_interruption.notice import on_node


class Register(msgspec.Struct, frozen=True):
    """Node names by instance id, and the noticed nodes with their pods that have to leave.

    Up to `cursor` of the view.
    """

    cursor: int = 0
    instance_of: Mapping[str, str] = {}
    node_of: Mapping[str, str] = {}
    noticed: Mapping[str, Crowd] = {}


def look(register: Register, cluster: ClusterView, now_ms: int) -> Register:
    """Return the register as the nodes are now."""
    touched, cursor = cluster.nodes_touched_since(register.cursor)
    if not touched:
        return register
    arrived: dict[str, str] = {}
    left: list[str] = []
    noticed = dict(register.noticed)
    for name in touched:
        node = cluster.nodes.get(name)
        if node is None:
            left += [name] if name in register.instance_of else []
            noticed.pop(name, None)
            continue
        if node.instance_id and register.instance_of.get(name) != node.instance_id:
            arrived[name] = node.instance_id
        if (node.taints or node.annotations) and on_node(node, now_ms) is not None:
            noticed[name] = crowd_on(name, cluster)
        else:
            noticed.pop(name, None)
    instance_of = register.instance_of
    if arrived or left:
        kept = {name: it for name, it in instance_of.items() if name not in left}
        instance_of = {**kept, **arrived}
    return Register(
        cursor,
        instance_of,
        register.node_of
        if instance_of is register.instance_of
        else {it: name for name, it in instance_of.items()},
        noticed,
    )
