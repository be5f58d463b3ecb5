"""Which groups are asked before which, for the priority expander."""

from __future__ import annotations

from collections.abc import Sequence

PRIORITIES_KEY = "priorities"
"""The one key of the ConfigMap that holds them."""
PRIORITIES = '10:\n  - "^on-demand-.*"\n50:\n  - "^spot-nodes-.*"\n'
"""Spot before on-demand, in the format of Cluster Autoscaler's priority expander.

Source: https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/expander/priority/readme.md
"""

_TIERS = ((10, "on-demand-"), (50, "spot-nodes-"))
"""Each tier with how the names of its groups begin, where the fleet names them."""


def priorities_of(on_demand: Sequence[str], spot: Sequence[str]) -> str:
    """Return the order of a cluster's groups, spot before on-demand; never a pattern for nothing.

    The names are those of InstanceGroups, of which patches may have given some; a group that no
    pattern matched would not be asked while another one can help. An Auto Scaling group is named
    `<InstanceGroup>.<cluster>`.
    """
    if not on_demand and not spot:
        return PRIORITIES
    lines: list[str] = []
    tiers = zip(_TIERS, (on_demand, spot), (spot, on_demand), strict=True)
    for (priority, prefix), own, others in tiers:
        patterns = _patterns(prefix, own, others)
        if patterns:
            lines += [f"{priority}:\n", *(f'  - "{it}"\n' for it in patterns)]
    return "".join(lines)


def _patterns(prefix: str, own: Sequence[str], others: Sequence[str]) -> list[str]:
    # The autoscaler asks the highest tier that matches: what both have does not tell them apart.
    tells = not any(it.startswith(prefix) for it in others)
    alike = [it for it in own if tells and it.startswith(prefix)]
    named = [f"^{it}.".replace(".", "[.]") for it in own if it not in alike]
    return [f"^{prefix}.*", *named] if alike else named
