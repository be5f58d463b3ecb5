"""How many pause pods a cluster of a size is to have."""

from __future__ import annotations

from kingtide.controllers.overprovisioning.configuration import Configuration
from kingtide.controllers.overprovisioning.ladder import Ladder, ladder_replicas
from kingtide.controllers.overprovisioning.linear import linear_replicas
from kingtide.controllers.overprovisioning.status import ClusterSize


def replicas_for(configuration: Configuration, size: ClusterSize) -> int:
    """Return the replicas that either mode asks for."""
    if isinstance(configuration, Ladder):
        return ladder_replicas(configuration, size)
    return linear_replicas(configuration, size)
