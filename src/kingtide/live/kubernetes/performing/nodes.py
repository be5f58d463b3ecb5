"""Writes on Nodes: taints, cordons, labels and claims.

Each reads the node, asks the rule that the twin asks (`control.node_change`), and writes one
field:

* A label or annotation that is **set** goes by server-side apply, with a field manager of its own
  for each key (`kingtide:kingtide.dev/disruption-claim`), so that an object's managedFields tell
  what is ours. One manager for all would not do: an apply takes away what its manager applied
  before and leaves out now, so the second claim would remove the first. It is forced, because who
  may write is for the rule to say and not for the last writer. The body bears uid and
  resourceVersion: without them an apply is no compare-and-set, and would make the node anew that
  was deleted meanwhile.
* One that is **removed** goes by JSON patch: an apply that leaves a field out removes it only if
  nobody else, say a person with kubectl, set it too.
* Taints are one list, cordons one field that the node's owner may write as well: JSON patch.

All are refused unless the node is as it was read (uid and resourceVersion).
Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/ (v1.36).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from kingtide.control.node_change import NodeAction, NodeChange, node_change
from kingtide.control.outcome import DONE, Answer
from kingtide.kube.nodes import Node
from kingtide.kube.taints import Taint
from kingtide.kube.wire.kinds import api_kinds
from kingtide.kube.wire.nodes import taint_body
from kingtide.live.kubernetes.performing.api import FIELD_MANAGER, Api
from kingtide.live.kubernetes.performing.compare_and_set import Write, compare_and_set
from kingtide.live.kubernetes.performing.json_patch import JsonPatch

_NODE = api_kinds()["Node"]
MAX_MANAGER = 128
"""Characters of a field manager's name that the API takes."""


async def change_node(api: Api, action: NodeAction) -> Answer:
    """Do one action on a Node; raises as `compare_and_set` does."""

    def decide(written: bytes | None) -> Write | Answer:
        node: Node | None = None if written is None else _NODE.read(written)
        change = node_change(node, action)
        if isinstance(change, Answer):
            return change
        if node is None or written is None or not change.fields:
            return DONE
        return _write(node, change, msgspec.json.decode(written))

    return await compare_and_set(api, _NODE.path(name=action.node), decide)


def _write(node: Node, change: NodeChange, document: dict[str, Any]) -> Write:
    patch = JsonPatch(document)
    patch.pin()
    if change.unschedulable is not None:
        patch.put(("spec", "unschedulable"), change.unschedulable or None)
    if change.taints is not None:
        patch.put(("spec", "taints"), _taints(change.taints, document) or None)
    for field, before, after in (
        ("labels", node.labels, change.labels),
        ("annotations", node.annotations, change.annotations),
    ):
        for key, value in _differences(before, before if after is None else after):
            if value is not None:
                return _apply(document, field, key, value)
            patch.put(("metadata", field, key), None)
    return Write(patch.operations)


def _differences(
    before: Mapping[str, str], after: Mapping[str, str]
) -> list[tuple[str, str | None]]:
    """Return the keys that get a value, and those that go (None)."""
    set_ = [(key, it) for key, it in after.items() if before.get(key) != it]
    return [*set_, *((key, None) for key in before if key not in after)]


def _apply(document: dict[str, Any], field: str, key: str, value: str) -> Write:
    metadata = {name: document["metadata"].get(name) for name in ("name", "uid", "resourceVersion")}
    metadata[field] = {key: value}
    body = {"apiVersion": _NODE.api_version, "kind": _NODE.kind, "metadata": metadata}
    manager = f"{FIELD_MANAGER}:{key}"[-MAX_MANAGER:]
    return Write(body, "application/apply-patch+yaml", manager, force=True)


def _taints(wanted: tuple[Taint, ...], document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a list of taints, those that were there as they were written."""
    written = {(it["key"], it["effect"]): it for it in document["spec"].get("taints") or ()}
    bodies = []
    for taint in wanted:
        body, known = taint_body(taint), written.get((taint.key, taint.effect), {})
        is_same = all(known.get(name) == it for name, it in body.items()) and bool(known)
        bodies.append(known if is_same else body)
    return bodies


async def node_of_instance(api: Api, instance_id: str) -> str:
    """Return the name of the node that an EC2 instance is, empty where it is none.

    Asked of the API server itself, because a watch may hang; raises as `Api.read` does, and
    ValueError where a node cannot be read, since that may be the one.
    """
    after = ""
    while True:
        params = {"limit": "500"} | ({"continue": after} if after else {})
        page = msgspec.json.decode(await api.read(_NODE.path(), params), type=_Nodes)
        for it in page.items:
            if it.spec.provider_id.rsplit("/", 1)[-1] == instance_id:
                return it.metadata.name
        after = page.metadata.continue_
        if not after:
            return ""


class _Metadata(msgspec.Struct):
    name: str = ""
    continue_: str = msgspec.field(name="continue", default="")


class _Spec(msgspec.Struct, rename="camel"):
    provider_id: str = msgspec.field(name="providerID", default="")


class _Named(msgspec.Struct):
    metadata: _Metadata
    spec: _Spec


class _Nodes(msgspec.Struct):
    metadata: _Metadata
    items: list[_Named]
