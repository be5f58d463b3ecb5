"""What stands written about one workload: its own annotations over its namespace's and the policy.

Each key counts for itself: a workload with an uptime of its own still has its namespace's downtime.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.controllers.downscaling import names
from kingtide.controllers.downscaling.timestamps import BadTimestamp, read_timestamp
from kingtide.fleet.policies.downscaling import DownscalingPolicy
from kingtide.kube.scalables import Scalable

_NOTHING: Mapping[str, str] = {}


class Written(msgspec.Struct, frozen=True, gc=False):
    """A text and where it stands: `workload`, `namespace` or `policy`."""

    text: str
    where: str


class Words:
    """Reads one workload's annotations; `ignored` collects those that say nothing readable."""

    def __init__(
        self, it: Scalable, namespace: Mapping[str, str], policy: DownscalingPolicy
    ) -> None:
        self.own = it.annotations
        self.namespace = namespace
        self._policy = policy
        self.ignored: list[str] = []

    @property
    def uptime(self) -> Written:
        """When it is up."""
        return self._first(names.UPTIME, self._policy.uptime)

    @property
    def downtime(self) -> Written:
        """When it is down all the same."""
        return self._first(names.DOWNTIME, self._policy.downtime)

    @property
    def upscale_period(self) -> Written:
        """When it is brought up."""
        return self._first(names.UPSCALE_PERIOD, self._policy.upscale_period)

    @property
    def downscale_period(self) -> Written:
        """When it is brought down."""
        return self._first(names.DOWNSCALE_PERIOD, self._policy.downscale_period)

    @property
    def downtime_replicas(self) -> Written:
        """How many replicas stay while it is down."""
        return self._first(names.DOWNTIME_REPLICAS, str(self._policy.downtime_replicas))

    @property
    def is_excluded(self) -> bool:
        """Whether somebody wrote that it is to be left alone; any value but `false` says so."""
        return any(
            said.get(names.EXCLUDE, "false").lower() != "false"
            for said in (self.own, self.namespace)
        )

    def until(self, key: str, at_ms: int) -> int | None:
        """Return the later of the times to come that an annotation names, on it or its namespace.

        None where there is none, or all have passed.
        """
        latest: int | None = None
        for said in (self.own, self.namespace):
            text = said.get(key)
            if text is None:
                continue
            try:
                found = read_timestamp(text)
            except BadTimestamp as error:
                self.ignored.append(f"{key}: {error}")
                continue
            if at_ms < found and (latest is None or found > latest):
                latest = found
        return latest

    def _first(self, key: str, default: str) -> Written:
        if key in self.own:
            return Written(self.own[key], "workload")
        if key in self.namespace:
            return Written(self.namespace[key], "namespace")
        return Written(default, "policy")


def words_of(it: Scalable, namespace: Mapping[str, str] | None, policy: DownscalingPolicy) -> Words:
    """Return what stands written about a workload; `namespace` are its namespace's annotations."""
    return Words(it, _NOTHING if namespace is None else namespace, policy)
