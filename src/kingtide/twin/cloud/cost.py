"""What the instances cost: price times time, exact in integers.

EC2 bills an instance while it is running, not while it is pending or shutting down
(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html), by the second
with a minimum of 60 seconds for Linux (https://aws.amazon.com/ec2/pricing/on-demand/). The meter
counts milliseconds, which is at most one second an instance below AWS' bill.
"""

from __future__ import annotations

from kingtide.aws.autoscaling import CapacityPool, Lifecycle

MINIMUM_BILLED_MS = 60_000
_MS_PER_HOUR = 3_600_000


class CostMeter:
    """Counts micro-USD an hour x milliseconds by lifecycle, at work where instances come or go."""

    def __init__(self, start_ms: int) -> None:
        self._rates: dict[Lifecycle, int] = {"spot": 0, "on-demand": 0}
        self._counts: dict[Lifecycle, int] = {"spot": 0, "on-demand": 0}
        self._of_pool: dict[CapacityPool, int] = {}
        self._instance_ms: dict[Lifecycle, int] = {"spot": 0, "on-demand": 0}
        self._accrued: dict[Lifecycle, int] = {"spot": 0, "on-demand": 0}
        self._accrued_until_ms: dict[Lifecycle, int] = {"spot": start_ms, "on-demand": start_ms}

    def start(self, pool: CapacityPool, micro_usd_per_hour: int, now_ms: int) -> None:
        """Begin to bill an instance."""
        lifecycle = pool.lifecycle
        self._accrue(lifecycle, now_ms)
        self._rates[lifecycle] += micro_usd_per_hour
        self._counts[lifecycle] += 1
        self._of_pool[pool] = self._of_pool.get(pool, 0) + 1

    def end(
        self, pool: CapacityPool, micro_usd_per_hour: int, started_ms: int, now_ms: int
    ) -> None:
        """Stop billing an instance; one that ran for less than the minimum is charged the rest.

        The price is the present one.
        """
        lifecycle = pool.lifecycle
        self._accrue(lifecycle, now_ms)
        self._rates[lifecycle] -= micro_usd_per_hour
        self._counts[lifecycle] -= 1
        self._of_pool[pool] -= 1
        unbilled_ms = MINIMUM_BILLED_MS - (now_ms - started_ms)
        if unbilled_ms > 0:
            self._accrued[lifecycle] += micro_usd_per_hour * unbilled_ms

    def reprice(self, pool: CapacityPool, by_micro_usd_per_hour: int, now_ms: int) -> None:
        """Charge every billed instance of a pool so much more an hour from now on."""
        self._accrue(pool.lifecycle, now_ms)
        self._rates[pool.lifecycle] += by_micro_usd_per_hour * self._of_pool.get(pool, 0)

    def micro_usd_per_hour(self, lifecycle: Lifecycle) -> int:
        """Return what the billed instances cost an hour at present."""
        return self._rates[lifecycle]

    def billed_instances(self, lifecycle: Lifecycle) -> int:
        """Return how many instances are billed at present."""
        return self._counts[lifecycle]

    def instance_ms(self, lifecycle: Lifecycle, now_ms: int) -> int:
        """Return how long instances were billed so far, added up; without what a minimum adds."""
        since_ms = now_ms - self._accrued_until_ms[lifecycle]
        return self._instance_ms[lifecycle] + self._counts[lifecycle] * since_ms

    def spent(self, lifecycle: Lifecycle, now_ms: int) -> int:
        """Return what was spent so far, exact, in micro-USD an hour x milliseconds."""
        since_ms = now_ms - self._accrued_until_ms[lifecycle]
        return self._accrued[lifecycle] + self._rates[lifecycle] * since_ms

    def spent_micro_usd(self, lifecycle: Lifecycle, now_ms: int) -> int:
        """Return what was spent so far, rounded down to a micro-USD."""
        return micro_usd(self.spent(lifecycle, now_ms))

    def _accrue(self, lifecycle: Lifecycle, now_ms: int) -> None:
        self._accrued[lifecycle] = self.spent(lifecycle, now_ms)
        self._instance_ms[lifecycle] = self.instance_ms(lifecycle, now_ms)
        self._accrued_until_ms[lifecycle] = now_ms


def micro_usd(spent: int) -> int:
    """Turn micro-USD an hour x milliseconds into micro-USD, rounded down."""
    return spent // _MS_PER_HOUR
