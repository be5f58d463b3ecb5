"""A world that says which cluster it is, as a compiled fleet's does, for who acts from outside."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from kingtide.kube.namespaces import CLUSTER_ANNOTATION, KINGTIDE_NAMESPACE, Namespace
from kingtide.twin.definition import NodeGroup, WorldDefinition


def named(definition: WorldDefinition, full_name: str) -> WorldDefinition:
    """Return a definition whose cluster and Auto Scaling groups bear a cluster's full name.

    The groups get the tag by which autoscalers find them, the cluster the namespace that says whose
    it is; both keep what they had.
    """
    own = Namespace(KINGTIDE_NAMESPACE, annotations={CLUSTER_ANNOTATION: full_name})
    others = tuple(it for it in definition.namespaces if it.name != KINGTIDE_NAMESPACE)
    groups = tuple(_tagged(it, full_name) for it in definition.node_groups)
    return replace(definition, namespaces=(*others, own), node_groups=groups)


def _tagged(it: NodeGroup, full_name: str) -> NodeGroup:
    tags: Mapping[str, str] = {f"k8s.io/cluster-autoscaler/{full_name}": "true"}
    return replace(it, group=replace(it.group, tags={**it.group.tags, **tags}))
