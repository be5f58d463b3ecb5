"""The page docs/reference/spot-interruption.md, made from what the settings say of themselves.

`python -m kingtide.controllers.spot_interruption.reference` prints it; a test tells when it is old.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from kingtide.control.claims import CAPACITY_CLAIM, DISRUPTION_CLAIM
from kingtide.control.drain import SAFE_TO_EVICT
from kingtide.control.interruption_taint import INTERRUPTED, TERMINATION_HANDLER_TAINTS
from kingtide.control.reference_page import Mark, reference_page
from kingtide.controllers.spot_interruption.phrases import PHRASES
from kingtide.controllers.spot_interruption.standing import EXCLUDED
from kingtide.controllers.spot_interruption.surge import SURGE, SURGED
from kingtide.fleet.policies.settings_table import settings_table
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy

TOOL = "aws-node-termination-handler"

FLAG_DEFAULTS: Mapping[str, str] = {
    "--enable-rebalance-draining": "false",
    "--exclude-from-load-balancers": "false",
    "--heartbeat-interval": "none",
    "--heartbeat-until": "none",
    "--kube-api-qps": "5",
    "--node-termination-grace-period": "120",
}
"""Its defaults. Source: https://github.com/aws/aws-node-termination-handler, 62a8761, docs and
pkg/config/config.go."""

DIFFERENCES: Mapping[str, str] = {
    "rebalance": (
        "With a queue that tool drains for a recommendation at once (`drain`); with instance "
        "metadata it cordons (`cordon`) or does nothing."
    ),
    "load_balancer_seconds": "The flag sets the label and waits for nothing.",
    "below_budget_seconds": "That tool leaves such a pod to the end of its machine.",
    "malformed_seconds": "That tool leaves it to the queue's retention.",
    "scheduled_change_lead_seconds": "There one lead counts for all kinds.",
}
"""What is not as in aws-node-termination-handler, by field."""

MARKS: tuple[Mark, ...] = (
    Mark(f"taint `{INTERRUPTED}`", "Node", "No new pods; its value is the kind of notice."),
    *(
        Mark(f"taint `{key}`", "Node", f"Read as a notice of the kind `{kind}`.")
        for kind, key in TERMINATION_HANDLER_TAINTS.items()
    ),
    Mark(f"annotation `{DISRUPTION_CLAIM}`", "Node", "Who empties it, why, and until when."),
    Mark(f"annotation `{CAPACITY_CLAIM}`", "Node", "Its pods count as demand for new nodes."),
    Mark(f"label `{EXCLUDED}`", "Node", "Load balancers leave it out."),
    Mark(
        f"annotation `{SURGE}`",
        "Deployment",
        "`true`: one replica more before one of its pods is evicted; `false`: never.",
    ),
    Mark(f"annotation `{SURGED}`", "Deployment", "Ours: it has a replica more, and what it had."),
    Mark(
        f"annotation `{SAFE_TO_EVICT}`",
        "Pod",
        (
            "`false`: it stays until its grace period needs the rest of the notice; a node that is "
            "only recommended to be left is not emptied."
        ),
    ),
)
"""Everything that is written or read on objects."""

HEAD = """\
# Spot interruption

<!-- Made by `python -m kingtide.controllers.spot_interruption.reference`: change the settings' own
     texts in src/kingtide/fleet/policies, not this page. -->

Every setting of spot_interruption, beside the flag of aws-node-termination-handler that has the
same purpose. In a scenario they stand under `policies.spotInterruption`; durations as `10s`, `5m`.
The guide is [Living through spot interruptions](../guides/spot-interruptions.md).
"""


def page() -> str:
    """Return the page's text."""
    policy = SpotInterruptionPolicy
    table = settings_table(policy, [policy], TOOL, FLAG_DEFAULTS, DIFFERENCES)
    return reference_page(HEAD, table, MARKS, PHRASES)


if __name__ == "__main__":
    sys.stdout.write(page())
