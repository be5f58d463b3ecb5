"""The settings of kube-scheduler that a rehearsal may change.

Source: https://kubernetes.io/docs/reference/config-api/kube-scheduler-config.v1/ (v1.36).
"""

from __future__ import annotations

from typing import Annotated

import msgspec


class SchedulerPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How pending pods are tried."""

    percentage_of_nodes_to_score: Annotated[int, msgspec.Meta(ge=0, le=100)] = 100
    """Share of the nodes that must be found feasible before scoring starts, in percent.

    Only above 100 nodes, and never fewer than 100 of them. 0 is what kube-scheduler does without
    the setting: 50 less one for each 125 nodes, at least 5. The default looks at all nodes, so that
    a rehearsal shows what the scores mean and not where the search happened to begin.
    """

    pop_from_backoff_queue: bool = False
    """Whether pods in back-off are tried early when no other pod waits to be tried.

    Feature gate: SchedulerPopFromBackoffQ, on by default since v1.33. Off by default here: older
    schedulers wait, and a peak that is mastered with the longer wait is mastered without it.
    """
