"""Auto Scaling groups: sizes within bounds, and no instance that runs for nothing."""

from __future__ import annotations

from kingtide.control.action import Action, SetDesiredCapacity, TerminateInstance
from kingtide.control.outcome import Outcome
from kingtide.twin.invariants.invariant import Invariant

REBALANCE_SHARE_PERCENT = 10
"""AZ rebalancing may exceed a group's maximum by 10 %, or by one instance
(https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-benefits.html)."""


class GroupsKeepTheirBounds(Invariant):
    """Looks at a group after each write on it, and at all of them each minute.

    Only where zones are rebalanced may more run than the maximum, by Auto Scaling's own margin. How
    few instances run is the cloud's doing, which takes them and has none to give.
    """

    name = "groups-keep-their-bounds"
    rule = (
        "Desired capacity lies between a group's minimum and maximum, and its instances are no more"
        " than that (and the margin of zone rebalancing)."
    )

    def wrote(self, controller: str, action: Action, outcome: Outcome) -> None:
        """Look at the group that was written."""
        del controller
        if outcome.status == "done" and isinstance(action, SetDesiredCapacity | TerminateInstance):
            self._look(action.group)

    def minute(self) -> None:
        """Look at every group."""
        for node_group in self.world.definition.node_groups:
            self._look(node_group.group.name)

    def _look(self, name: str) -> None:
        group = self.world.cloud.group(name)
        if not group.min_size <= group.desired_capacity <= group.max_size:
            told = f"desired {group.desired_capacity}, not {group.min_size} to {group.max_size}"
            self.broken(f"group/{name}", told)
        active = sum(it.state in ("Pending", "InService") for it in group.instances)
        most = group.max_size
        if self.world.definition.cloud.zone_rebalancing:
            most += max(1, group.max_size * REBALANCE_SHARE_PERCENT // 100)
        if active > most:
            self.broken(f"group/{name}", f"{active} instances, of {group.max_size} at most")


class NoInstanceIsOrphaned(Invariant):
    """Looks for instances that run and never became a node."""

    name = "no-instance-is-orphaned"
    rule = "No instance runs without a node for longer than `orphan`."

    def minute(self) -> None:
        """Look at every instance."""
        nodes = self.world.store.nodes
        for instance in self.world.cloud.instances():
            runs_s = (self.now_ms - instance.launched_ms) // 1000
            if instance.state != "InService" or instance.instance_id in nodes:
                continue
            # Launching and one pass to notice it are not the orphan's time.
            if runs_s > self.bounds.orphan_seconds + 60:
                name = instance.instance_id
                self.broken(f"instance/{name}", f"runs for {runs_s} s and is no node")
