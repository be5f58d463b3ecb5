"""Every rule, by its code."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.check.rule import Rule
from kingtide.check.rules.fleet import documents, waivers
from kingtide.check.rules.groups import zones

_MODULES: tuple[tuple[Rule, ...], ...] = (
    documents.RULES,
    waivers.RULES,
    zones.RULES,
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
