"""What a world's definition says that the cloud does at certain times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kingtide.aws.autoscaling import CapacityPool
from kingtide.twin.cloud.interruptions import Interruptions
from kingtide.twin.cloud_conditions import CloudConditions, PlannedReclaim, PlannedRecommendation
from kingtide.twin.engine import Engine, EventClass

PLANNED = "as planned"


class PlannedCloud(Protocol):
    """What happens to a cloud by plan."""

    @property
    def interruptions(self) -> Interruptions:
        """Who takes instances back."""

    def reclaim_share(
        self,
        pools: Sequence[CapacityPool],
        parts_per_million: int,
        notice_ms: int = ...,
        why: str = ...,
    ) -> Sequence[str]:
        """Take a share of the spot instances in pools back."""

    def lose_zone(self, zone: str, until_ms: int | None) -> None:
        """Have a zone fail."""


def plan(engine: Engine, cloud: PlannedCloud, conditions: CloudConditions) -> None:
    """Have everything happen at its time."""
    for reclaim in conditions.reclaims:
        engine.at(reclaim.at_ms, EventClass.WORLD, _reclaim, cloud, reclaim)
    for recommendation in conditions.recommendations:
        engine.at(recommendation.at_ms, EventClass.WORLD, _recommend, cloud, recommendation)
    for outage in conditions.zone_outages:
        engine.at(outage.from_ms, EventClass.WORLD, cloud.lose_zone, outage.zone, outage.until_ms)


def _reclaim(cloud: PlannedCloud, planned: PlannedReclaim) -> None:
    cloud.reclaim_share(planned.pools, planned.parts_per_million, planned.notice_ms, PLANNED)


def _recommend(cloud: PlannedCloud, planned: PlannedRecommendation) -> None:
    chosen = cloud.interruptions.share_of(planned.pools, planned.parts_per_million)
    cloud.interruptions.recommend(chosen, planned.notice_after_ms)
