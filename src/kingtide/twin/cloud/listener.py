"""What the cloud tells whoever turns instances into nodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kingtide.aws.autoscaling import CapacityPool, Instance, ScalingActivity


class InstanceListener(Protocol):
    """Called in the instant something happens, from WORLD events or from within a request.

    For one instance the order is running, terminating, terminated; an instance that is terminated
    before it runs is never told at all. Instances that run when the world starts are not told
    either: read `Cloud.instances()`.
    """

    def on_running(self, instance: Instance, launched_ms: int) -> None:
        """EC2 reports it running: now it boots and joins. `launched_ms` is when it was asked."""

    def on_terminating(self, instance: Instance) -> None:
        """It starts to shut down."""

    def on_terminated(self, instance: Instance) -> None:
        """It is gone."""

    def on_launch_failed(self, activity: ScalingActivity, wanted: int) -> None:
        """A request for `wanted` instances failed; controllers see the activity only later."""

    def on_interruption(self, instances: Sequence[Instance], notice_ms: int, why: str) -> None:
        """EC2 takes spot instances of one pool back so long after now; `why` is a clause."""

    def on_rebalance_recommendation(self, instances: Sequence[Instance]) -> None:
        """EC2 sees a raised risk for spot instances."""

    def on_account_launch(
        self, account: str, pool: CapacityPool, wanted: int, launched: int
    ) -> None:
        """Another account launches on-demand instances of which not all may be had."""

    def on_zone_lost(self, zone: str, instances: int) -> None:
        """A zone fails with all its instances."""

    def on_price_change(self, pool: CapacityPool, micro_usd_per_hour: int) -> None:
        """From this instant on every instance of a pool costs this; the price list follows."""
