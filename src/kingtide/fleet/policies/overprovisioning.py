"""The settings of overprovisioning.

Each names cluster-proportional-autoscaler's flag of the same purpose.

Source: https://github.com/kubernetes-sigs/cluster-proportional-autoscaler (README, 5a5dd5a1).
"""

from __future__ import annotations

from typing import Annotated

import msgspec


class OverprovisioningPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which pause Deployment is scaled, by which ladder, with which nodes."""

    deployment: str = "overprovisioning/overprovisioning"
    """`namespace/name` of the Deployment of pause pods. Flag: --target."""

    config_map: str = "overprovisioning/overprovisioning"
    """`namespace/name` of the ConfigMap whose one key is `ladder` or `linear`.

    Flag: --configmap.
    """

    node_labels: tuple[tuple[str, str], ...] = ()
    """Only nodes with all these labels are counted; empty counts every node. Flag: --nodelabels."""

    poll_seconds: Annotated[int, msgspec.Meta(ge=1)] = 10
    """Time between two looks at the nodes. Flag: --poll-period-seconds, with the same default."""
