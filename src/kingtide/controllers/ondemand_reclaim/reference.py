"""The page docs/reference/on-demand-reclaim.md, made from what the settings say of themselves.

`python -m kingtide.controllers.ondemand_reclaim.reference` prints it; a test tells when it is old.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

import msgspec

from kingtide.control.claims import CAPACITY_CLAIM, DISRUPTION_CLAIM
from kingtide.control.drain import SAFE_TO_EVICT
from kingtide.control.reference_page import Mark, reference_page
from kingtide.controllers.ondemand_reclaim.marks import (
    CORDONED_BY,
    DRAINO_CONDITIONS,
    GIVEN_UP_UNTIL,
)
from kingtide.controllers.ondemand_reclaim.phrases import PHRASES
from kingtide.fleet.policies.ondemand_reclaim import OndemandReclaimPolicy, PodFilterPolicy
from kingtide.fleet.policies.settings_table import settings_table

TOOL = "draino"

FLAG_DEFAULTS: Mapping[str, str] = {
    "--drain-buffer": "10m",
    "--evict-daemonset-pods": "false",
    "--evict-emptydir-pods": "false",
    "--evict-statefulset-pods": "false",
    "--evict-unreplicated-pods": "false",
    "--eviction-headroom": "30s",
    "--max-grace-period": "8m",
    "--node-label": "none",
    "--node-label-expr": "none",
    "--protected-pod-annotation": "none",
}
"""Its defaults. Source: https://github.com/planetlabs/draino/blob/9d39b53/README.md."""

DIFFERENCES: Mapping[str, str] = {
    "max_pod_eviction_seconds": (
        "draino's deadline is the longest grace period and its headroom together, 8 min 30 s."
    ),
}
"""What is not as in draino, by field, where the setting's own text does not say it."""

MARKS: tuple[Mark, ...] = (
    Mark(f"annotation `{DISRUPTION_CLAIM}`", "Node", "Who empties it, why, which attempt it is."),
    Mark(f"annotation `{CAPACITY_CLAIM}`", "Node", "Its pods count as demand for new nodes."),
    Mark(
        f"label `{CORDONED_BY}`",
        "Node",
        "Who cordoned it; a cordon without it is somebody else's and stays.",
    ),
    Mark(
        f"label `{GIVEN_UP_UNTIL}`",
        "Node",
        "The Unix second until which it is left alone, as it could not be emptied.",
    ),
    Mark(
        f"annotation `{DRAINO_CONDITIONS}`",
        "Node",
        "Read: draino cordoned it; it takes pods again once one of these conditions has healed.",
    ),
    Mark(
        f"annotation `{SAFE_TO_EVICT}`",
        "Pod",
        "`false`: it keeps its node; `on-completion`: its node waits until it has ended.",
    ),
)
"""Everything that is written or read on objects."""

HEAD = """\
# On-demand reclaim

<!-- Made by `python -m kingtide.controllers.ondemand_reclaim.reference`: change the settings' own
     texts in src/kingtide/fleet/policies, not this page. -->

Every setting of ondemand_reclaim, beside the flag of draino that has the same purpose. In a
scenario they stand under `policies.ondemandReclaim`; durations as `10s`, `5m`. The guide is
[Take on-demand nodes back to spot](../guides/on-demand-reclaim.md).
"""


def page() -> str:
    """Return the page's text."""
    policies: list[type[msgspec.Struct]] = [OndemandReclaimPolicy, PodFilterPolicy]
    settings = settings_table(OndemandReclaimPolicy, policies, TOOL, FLAG_DEFAULTS, DIFFERENCES)
    of_pods = settings_table(
        PodFilterPolicy, policies, TOOL, FLAG_DEFAULTS, DIFFERENCES, prefix="pods."
    )
    between = "\nWhich pods may be evicted; one that may not keeps its node, which is reported.\n"
    return reference_page(HEAD, [*settings, between, *of_pods], MARKS, PHRASES)


if __name__ == "__main__":
    sys.stdout.write(page())
