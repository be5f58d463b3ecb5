"""What the cloud tells of instances, passed on to the cluster and to whoever else listens."""

from __future__ import annotations

from collections.abc import Sequence

from kingtide.aws.autoscaling import CapacityPool, Instance, ScalingActivity
from kingtide.twin.cloud.listener import InstanceListener


class InstanceEvents:
    """An InstanceListener of many; they hear in the order in which they came."""

    def __init__(self, first: InstanceListener) -> None:
        self._listeners: list[InstanceListener] = [first]

    def listen(self, listener: InstanceListener) -> None:
        """Tell one more listener from now on."""
        self._listeners.append(listener)

    def on_running(self, instance: Instance, launched_ms: int) -> None:
        """EC2 reports an instance running."""
        for it in self._listeners:
            it.on_running(instance, launched_ms)

    def on_terminating(self, instance: Instance) -> None:
        """An instance starts to shut down."""
        for it in self._listeners:
            it.on_terminating(instance)

    def on_terminated(self, instance: Instance) -> None:
        """An instance is gone."""
        for it in self._listeners:
            it.on_terminated(instance)

    def on_launch_failed(self, activity: ScalingActivity, wanted: int) -> None:
        """A request failed."""
        for it in self._listeners:
            it.on_launch_failed(activity, wanted)

    def on_interruption(self, instances: Sequence[Instance], notice_ms: int, why: str) -> None:
        """EC2 takes instances back."""
        for it in self._listeners:
            it.on_interruption(instances, notice_ms, why)

    def on_rebalance_recommendation(self, instances: Sequence[Instance]) -> None:
        """EC2 sees a raised risk."""
        for it in self._listeners:
            it.on_rebalance_recommendation(instances)

    def on_account_launch(
        self, account: str, pool: CapacityPool, wanted: int, launched: int
    ) -> None:
        """Another account launches on demand."""
        for it in self._listeners:
            it.on_account_launch(account, pool, wanted, launched)

    def on_zone_lost(self, zone: str, instances: int) -> None:
        """A zone fails."""
        for it in self._listeners:
            it.on_zone_lost(zone, instances)

    def on_price_change(self, pool: CapacityPool, micro_usd_per_hour: int) -> None:
        """A pool is about to cost something else."""
        for it in self._listeners:
            it.on_price_change(pool, micro_usd_per_hour)
