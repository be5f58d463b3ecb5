"""How many pause pods a cluster of a size is to have."""

from __future__ import annotations

from kingtide.control.proportional.cluster_size import ClusterSize
from kingtide.control.proportional.linear import linear_replicas
from kingtide.controllers.overprovisioning.configuration import Configuration
from kingtide.controllers.overprovisioning.ladder import Ladder, ladder_replicas


def replicas_for(configuration: Configuration, size: ClusterSize) -> int:
    """Return the replicas that either mode asks for."""
    if isinstance(configuration, Ladder):
        return ladder_replicas(configuration, size)
    return linear_replicas(configuration, size)
