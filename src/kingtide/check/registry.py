"""Every rule, by its code."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.check.rule import Rule
from kingtide.check.rules.autoscaling import priorities, targets, timeouts
from kingtide.check.rules.fleet import documents, manifests, promotion, unread, waivers
from kingtide.check.rules.groups import fallbacks, instance_types, regions, spot_shares, zones
from kingtide.check.rules.kops import (
    addons,
    address_ranges,
    autoscaler_tags,
    compiling,
    control_plane,
    group_nodes,
    group_sizes,
    identities,
    mixed_instances,
    schema,
    version_skew,
)
from kingtide.check.rules.overprovisioning import ladders, sizes
from kingtide.check.rules.overprovisioning import priorities as pause_priorities
from kingtide.check.rules.tools import autoscaler_settings, charts, needs, owners
from kingtide.check.rules.tools import placement as tool_placement
from kingtide.check.rules.workloads import (
    availability,
    cluster_dns,
    guaranteed,
    name_resolution,
    node_overhead,
    placement,
    shared_nodes,
)

_MODULES: tuple[tuple[Rule, ...], ...] = (
    documents.RULES,
    manifests.RULES,
    promotion.RULES,
    unread.RULES,
    waivers.RULES,
    fallbacks.RULES,
    instance_types.RULES,
    regions.RULES,
    spot_shares.RULES,
    zones.RULES,
    priorities.RULES,
    targets.RULES,
    timeouts.RULES,
    ladders.RULES,
    pause_priorities.RULES,
    sizes.RULES,
    availability.RULES,
    cluster_dns.RULES,
    guaranteed.RULES,
    name_resolution.RULES,
    node_overhead.RULES,
    placement.RULES,
    shared_nodes.RULES,
    autoscaler_settings.RULES,
    charts.RULES,
    needs.RULES,
    owners.RULES,
    tool_placement.RULES,
    addons.RULES,
    address_ranges.RULES,
    autoscaler_tags.RULES,
    compiling.RULES,
    control_plane.RULES,
    group_nodes.RULES,
    group_sizes.RULES,
    identities.RULES,
    mixed_instances.RULES,
    schema.RULES,
    version_skew.RULES,
)
"""What each module of `kingtide.check.rules` brings, a line a module."""

FAMILIES: Mapping[str, str] = {
    "KT1": "The fleet's files",
    "KT2": "Groups of nodes",
    "KT3": "Autoscaling and overprovisioning",
    "KT4": "Workloads and DaemonSets",
    "KT5": "Tools and names",
    "KT6": "What kops validates",
}
"""What codes are about, by how they begin."""

RULES: tuple[Rule, ...] = tuple(
    sorted((rule for rules in _MODULES for rule in rules), key=lambda rule: rule.code)
)
"""All rules in the order of their codes; each code once, which a test holds."""
