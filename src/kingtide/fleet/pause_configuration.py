"""A group's ladder in cluster-proportional-autoscaler's own format: a ConfigMap of one key.

Source: https://github.com/kubernetes-sigs/cluster-proportional-autoscaler#ladder-mode (README,
5a5dd5a1).
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from kingtide.fleet.models.overprovisioning import Linear, Overprovisioning


def pause_configuration(written: Overprovisioning) -> Mapping[str, str]:
    """Return the ConfigMap's data: `ladder` or `linear`, with JSON."""
    if written.linear is not None:
        return {"linear": json.dumps(_linear(written.linear))}
    steps = [list(step) for step in written.ladder or ()]
    return {"ladder": json.dumps({"coresToReplicas": steps})}


def _linear(linear: Linear) -> dict[str, float | int | bool]:
    # Its two ratios are doubles in the original.
    values: dict[str, float | int | bool | None] = {
        "coresPerReplica": None
        if linear.cores_per_replica is None
        else float(linear.cores_per_replica),
        "nodesPerReplica": None
        if linear.nodes_per_replica is None
        else float(linear.nodes_per_replica),
        "min": linear.min,
        "max": linear.max,
        "preventSinglePointFailure": linear.prevent_single_point_failure,
        "includeUnschedulableNodes": linear.include_unschedulable_nodes,
    }
    return {key: value for key, value in values.items() if value is not None}
