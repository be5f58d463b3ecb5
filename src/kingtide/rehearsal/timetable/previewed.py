"""What is previewed: workloads with what their pods request and where they run."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.controllers.downscaling.week import Stretch
from kingtide.fleet.policies.downscaling import DownscalingPolicy
from kingtide.kube.resources import NO_RESOURCES, Resources
from kingtide.kube.scalables import Scalable


class Previewed(msgspec.Struct, frozen=True):
    """A workload; `requests` are one pod's, nothing where they are not known.

    `serves` is the application group of nodes that it runs on, None for any without a taint.
    """

    it: Scalable
    requests: Resources = NO_RESOURCES
    serves: str | None = None


class Plan(msgspec.Struct, frozen=True):
    """A cluster's timetable with everything that it is about; times in Unix milliseconds.

    `namespaces` are their annotations, by name.
    """

    name: str
    policy: DownscalingPolicy
    timezone: str
    workloads: tuple[Previewed, ...]
    namespaces: Mapping[str, Mapping[str, str]]
    from_ms: int
    until_ms: int


class Row(msgspec.Struct, frozen=True):
    """One workload's preview.

    `pods_up` and `pods_down` None where its size is no number of pods of its own (an HPA, a
    CronJob). `saved_micro_usd` None where nobody knows what its pods cost. `note` says why a
    workload is left alone, or what is wrong; empty where all is well.
    """

    kind: str
    namespace: str
    name: str
    stretches: tuple[Stretch, ...] = ()
    pods_up: int | None = None
    pods_down: int | None = None
    saved_pod_ms: int = 0
    saved_micro_usd: int | None = None
    note: str = ""

    @property
    def down_ms(self) -> int:
        """How long it is down, added up."""
        return sum(it.until_ms - it.from_ms for it in self.stretches if it.state == "down")


class Preview(msgspec.Struct, frozen=True):
    """A plan's rows, and what its figures rest on."""

    name: str
    timezone: str
    from_ms: int
    until_ms: int
    rows: tuple[Row, ...]
    assumptions: tuple[str, ...]

    @property
    def saved_micro_usd(self) -> int:
        """What is saved, as far as it is known."""
        return sum(row.saved_micro_usd or 0 for row in self.rows)
