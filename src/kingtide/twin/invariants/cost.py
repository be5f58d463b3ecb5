"""Cost: what is counted is what ran, instance by instance."""

from __future__ import annotations

from collections.abc import Sequence

from kingtide.aws.autoscaling import CapacityPool, Instance, Lifecycle, ScalingActivity
from kingtide.twin.cloud.cost import MINIMUM_BILLED_MS
from kingtide.twin.invariants.invariant import Invariant


class CostIsCounted(Invariant):
    """Keeps a bill of its own: each instance's start and end, as the cluster is told them."""

    name = "cost-is-counted"
    rule = "The cost counted is the sum of every instance's price times the time it ran."

    def follow(self) -> None:
        """Begin the bill with what runs already."""
        self._running: dict[str, tuple[Instance, int]] = {}
        self._ended: dict[Lifecycle, int] = {"spot": 0, "on-demand": 0}
        self._paid_ms: dict[str, int] = {}
        """How long an instance ran at earlier prices."""
        start_ms = self.now_ms
        for instance in self.world.cloud.instances():
            if instance.state == "InService":
                self._running[instance.instance_id] = (instance, start_ms)
        self.world.instance_events.listen(self)

    def on_running(self, instance: Instance, launched_ms: int) -> None:
        """An instance is billed from now on."""
        del launched_ms
        self._running[instance.instance_id] = (instance, self.now_ms)

    def on_terminating(self, instance: Instance) -> None:
        """An instance is billed up to now, and for a minute at least."""
        known, since_ms = self._running.pop(instance.instance_id)
        least_ms = MINIMUM_BILLED_MS - self._paid_ms.pop(instance.instance_id, 0)
        lasted_ms = max(self.now_ms - since_ms, least_ms)
        self._ended[known.pool.lifecycle] += self._price(known) * lasted_ms

    def on_terminated(self, instance: Instance) -> None:
        """Nothing more is billed."""

    def on_launch_failed(self, activity: ScalingActivity, wanted: int) -> None:
        """What did not come is not billed."""

    def on_interruption(self, instances: Sequence[Instance], notice_ms: int, why: str) -> None:
        """A notice costs nothing."""

    def on_rebalance_recommendation(self, instances: Sequence[Instance]) -> None:
        """Nor does a recommendation."""

    def on_account_launch(
        self, account: str, pool: CapacityPool, wanted: int, launched: int
    ) -> None:
        """Another account pays for its own."""

    def on_zone_lost(self, zone: str, instances: int) -> None:
        """What ends with a zone is told one by one."""

    def on_price_change(self, pool: CapacityPool, micro_usd_per_hour: int) -> None:
        """What ran so far is paid at the old price."""
        for name, (instance, since_ms) in self._running.items():
            if instance.pool == pool:
                paid = self._price(instance) * (self.now_ms - since_ms)
                self._ended[pool.lifecycle] += paid
                self._paid_ms[name] = self._paid_ms.get(name, 0) + self.now_ms - since_ms
                self._running[name] = (instance, self.now_ms)

    def minute(self) -> None:
        """Compare with the meter, to the micro-USD an hour times milliseconds."""
        lifecycles: tuple[Lifecycle, ...] = ("spot", "on-demand")
        for lifecycle in lifecycles:
            bill = self._ended[lifecycle] + sum(
                self._price(instance) * (self.now_ms - since_ms)
                for instance, since_ms in self._running.values()
                if instance.pool.lifecycle == lifecycle
            )
            counted = self.world.cloud.cost.spent(lifecycle, self.now_ms)
            if bill != counted:
                self.broken(f"cost/{lifecycle}", f"{counted} counted, {bill} run up")

    def _price(self, instance: Instance) -> int:
        return self.world.cloud.prices.micro_usd_per_hour(instance.pool)
