"""Where a cluster's order of groups is written, and the names that it is about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

import msgspec

from kingtide.check.plain_values import text_at, value_at
from kingtide.check.rules.groups.node_group import NodeGroup, node_groups_of
from kingtide.check.view import ClusterView, Found
from kingtide.compile.compiled_cluster import CompiledCluster
from kingtide.compile.patches.apply import matches
from kingtide.compile.yaml_text import yaml_text
from kingtide.controllers.node_autoscaling.priorities import Priorities, read_priorities
from kingtide.fleet.documents.tree import Path, node_at, path_text
from kingtide.fleet.expander_priorities import PRIORITIES_KEY
from kingtide.fleet.manifests import Manifest
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.fleet.policies.written import policy_from

VALUES_KEY = "expanderPriorities"
"""What cluster-autoscaler's chart makes the ConfigMap from.

Source: https://github.com/kubernetes/autoscaler/tree/master/charts/cluster-autoscaler"""


class PriorityText(msgspec.Struct, frozen=True):
    """One text of priorities; a manifest's, or what the cluster compiles to at `path`."""

    priorities: Priorities
    path: Path = ("autoscaler",)
    manifest: Manifest | None = None
    values: PurePosixPath | None = None

    def found(self, cluster: ClusterView, wrong: str, instead: str) -> Found:
        """Return a finding about it, at the place where it is written."""
        if self.manifest is not None:
            return cluster.found_in(self.manifest, ("data", PRIORITIES_KEY), wrong, instead)
        node = None if self.values is None else cluster.fleet.tool_values.get(self.values)
        if node is not None:
            at = node_at(node, (VALUES_KEY,)) or node
            return Found(at.place, path_text((VALUES_KEY,)), wrong, instead, cluster.name)
        return cluster.found(self.path, wrong, instead)


class ScaledGroup(msgspec.Struct, frozen=True):
    """A group of nodes with the name by which an autoscaler knows it."""

    name: str
    group: NodeGroup


def autoscaling_policy(cluster: ClusterView) -> NodeAutoscalingPolicy:
    """Return a cluster's settings of node autoscaling."""
    return policy_from(NodeAutoscalingPolicy, cluster.spec.autoscaler, {})


def scaled_groups(cluster: ClusterView) -> tuple[ScaledGroup, ...]:
    """Return the groups of nodes; kops names an Auto Scaling group `<group>.<cluster>`."""
    return tuple(
        ScaledGroup(f"{it.name}.{cluster.full_name}", it) for it in node_groups_of(cluster)
    )


def priority_texts(cluster: ClusterView) -> Iterator[PriorityText]:
    """Yield every text that tells a cluster's autoscaler which groups to ask first.

    None for a cluster whose expander does not look at one.
    """
    policy = autoscaling_policy(cluster)
    if "priority" not in policy.expander:
        return
    namespace, _, name = policy.priority_config_map.partition("/")
    if isinstance(cluster.compiled, CompiledCluster):
        yield from _compiled(cluster, cluster.compiled, namespace, name)
    for it in cluster.of_kind("ConfigMap"):
        if it.name == name and it.namespace in ("", namespace):
            text = it.value(("data", PRIORITIES_KEY))
            read = read_priorities(text if isinstance(text, str) else None)
            yield PriorityText(read, manifest=it)


def _compiled(
    cluster: ClusterView, compiled: CompiledCluster, namespace: str, name: str
) -> Iterator[PriorityText]:
    for document in compiled.objects:
        if document.key == ("v1", "ConfigMap", namespace, name):
            touching = [
                index
                for index, patch in enumerate(cluster.spec.kubernetes.patches)
                if matches(patch.target, document)
            ]
            path: Path = ("kubernetes", "patches", touching[-1]) if touching else ("autoscaler",)
            text = text_at(document.body, "data", PRIORITIES_KEY)
            yield PriorityText(read_priorities(text), path)
    for tool, values in compiled.tools.items():
        written = value_at(values, (VALUES_KEY,))
        if written is not None:
            text = written if isinstance(written, str) else yaml_text(values[VALUES_KEY])
            yield PriorityText(read_priorities(text), values=_values_file(cluster, tool))


def _values_file(cluster: ClusterView, tool: str) -> PurePosixPath | None:
    """Return the most specific of a tool's files that says the order; None for none."""
    found = None
    for path, node in cluster.fleet.tool_values.items():
        of_cluster = f".cluster-{cluster.name}." in path.name
        of_others = ".cluster-" in path.name and not of_cluster
        if path.parts[1] == tool and not of_others and node_at(node, (VALUES_KEY,)) is not None:
            found = path if found is None or of_cluster else found
    return found
