"""Room kept free by pause pods, in cluster-proportional-autoscaler's terms."""

from __future__ import annotations

from pydantic import model_validator

from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import Bytes, Count, Factor, Millicores, Switch


class PausePod(Written):
    """The size of a pause pod.

    Bigger than any application pod, so that evicting one makes room for any.
    """

    cpu: Millicores
    """CPU requested."""
    memory: Bytes
    """Memory requested."""


class Linear(Written):
    """Pause pods in proportion to cores and nodes.

    As cluster-proportional-autoscaler's `linear` mode.
    """

    cores_per_replica: Factor | None = None
    """Cores for each pause pod."""
    nodes_per_replica: Factor | None = None
    """Nodes for each pause pod; the larger of both counts."""
    min: Count | None = None
    """Fewest pause pods."""
    max: Count | None = None
    """Most pause pods."""
    prevent_single_point_failure: Switch | None = None
    """At least two pause pods once there is more than one node."""
    include_unschedulable_nodes: Switch | None = None
    """Count cordoned nodes too."""


class Overprovisioning(Written):
    """The pause pods of one application group."""

    ladder: tuple[tuple[Count, Count], ...] | None = None
    """Steps `[cores, pause pods]`: the last step whose cores the group has reached counts."""
    linear: Linear | None = None
    """Pause pods in proportion, instead of a ladder."""
    pod: PausePod | None = None
    """The size of a pause pod; when absent, half of what DaemonSets leave of the group's smallest
    node."""

    @model_validator(mode="after")
    def _has_one_mode(self) -> Overprovisioning:
        if self.ladder is not None and self.linear is not None:
            raise ValueError("has both ladder and linear; keep one of them")
        return self
