"""When a live process leaves a cluster alone, whatever its controllers decide.

Written as `safety:` in a cluster's file, or its class.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from kingtide.fleet.policies.bounds import PositiveSeconds

Share = Annotated[int, msgspec.Meta(ge=1, le=100)]
Number = Annotated[int, msgspec.Meta(ge=0, le=1_000)]


class SafetyPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The bounds of what a live process does to a cluster. Times in seconds."""

    max_staleness_seconds: PositiveSeconds = 180
    """A view of which the API server or AWS said nothing for so long is not acted on.

    Servers send bookmarks about once a minute; three that are missing are a broken connection.
    """

    max_disturbed_percent: Share = 10
    """Of the nodes, how many one pass may begin to empty of its own will; rounded up."""

    ok_unready_count: Number = 3
    """So many nodes that are not Ready are no reason to leave all others alone.

    Flag: --ok-total-unready-count of Cluster Autoscaler, with its default.
    """

    max_unready_percent: Share = 45
    """Beyond this share of nodes that are not Ready nothing is disturbed.

    Flag: --max-total-unready-percentage of Cluster Autoscaler, with its default.
    """
