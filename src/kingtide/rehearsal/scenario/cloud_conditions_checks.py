"""`cloud:` read and checked: depths, prices, other accounts and what is taken away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kingtide.aws.autoscaling import CapacityPool
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import Path
from kingtide.rehearsal.scenario.application_checks import check_stretch
from kingtide.rehearsal.scenario.cloud_model import (
    Cloud,
    CrossZoneTraffic,
    Launch,
    WrittenCourse,
)
from kingtide.rehearsal.scenario.notes import Noter
from kingtide.rehearsal.scenario.pool_choice import PoolNames, check_zone, chosen_pools
from kingtide.rehearsal.scenario.times import ScenarioClock
from kingtide.twin import cloud_conditions as twin

_CLOUD: Path = ("spec", "cloud")
# The noise of a course is drawn in whole percent.
_PERCENT_PER_MILLION = 10_000


def read_conditions(
    cloud: Cloud, names: PoolNames, clock: ScenarioClock, noter: Noter
) -> twin.CloudConditions:
    """Return how the cloud behaves, noting what does not fit the cluster or the times."""
    depths = tuple(_depths(cloud, names, clock, noter))
    return twin.CloudConditions(
        duplicate_messages_per_million=cloud.duplicate_messages,
        depths=depths,
        price_courses=tuple(_prices(cloud, names, clock, noter)),
        other_accounts=tuple(_accounts(cloud, depths, names, clock, noter)),
        zone_rebalancing=cloud.zone_rebalancing,
        reclaims=tuple(_reclaims(cloud, names, clock, noter)),
        recommendations=tuple(_recommendations(cloud, names, clock, noter)),
        zone_outages=tuple(_zone_outages(cloud, names, clock, noter)),
        cross_zone_traffic=_traffic(cloud.cross_zone_traffic),
    )


def _depths(
    cloud: Cloud, names: PoolNames, clock: ScenarioClock, noter: Noter
) -> Iterator[twin.PoolDepth]:
    for index, depth in enumerate(cloud.depths):
        path: Path = (*_CLOUD, "depths", index)
        pools = chosen_pools(depth, depth.lifecycle, path, names, noter)
        yield twin.PoolDepth(pools, depth.instances, _course(depth, path, clock, noter))


def _prices(
    cloud: Cloud, names: PoolNames, clock: ScenarioClock, noter: Noter
) -> Iterator[twin.PriceCourse]:
    for index, prices in enumerate(cloud.spot_prices):
        path: Path = (*_CLOUD, "spotPrices", index)
        pools = chosen_pools(prices, "spot", path, names, noter)
        yield twin.PriceCourse(pools, _course(prices, path, clock, noter))


def _course(written: WrittenCourse, path: Path, clock: ScenarioClock, noter: Noter) -> twin.Course:
    if written.noise % _PERCENT_PER_MILLION:
        noter.note((*path, "noise"), "is not in whole percent", "write for example 0.1 or 10%")
    points: dict[int, int] = {}
    for index, (time, share) in enumerate(written.course):
        at: Path = (*path, "course", index)
        try:
            instants = clock.every_day_ms(time)
        except ValueError as error:
            noter.note_error(at, error)
            continue
        if any(instant in points for instant in instants):
            noter.note(at, f"{time} has a share already", "keep one of both points")
        points |= dict.fromkeys(instants, share)
    return twin.Course(
        tuple(twin.CoursePoint(at_ms, points[at_ms]) for at_ms in sorted(points)),
        written.noise // _PERCENT_PER_MILLION,
        written.every,
    )


def _accounts(
    cloud: Cloud,
    depths: Sequence[twin.PoolDepth],
    names: PoolNames,
    clock: ScenarioClock,
    noter: Noter,
) -> Iterator[twin.OtherAccount]:
    known = {pool: None for depth in depths for pool in depth.pools}
    for name, account in cloud.accounts.items():
        launches: list[twin.AccountLaunch] = []
        for index, launch in enumerate(account.launches):
            path: Path = (*_CLOUD, "accounts", name, "launches", index)
            zone = check_zone(launch.zone, (*path, "zone"), names, noter)
            at_ms = _instant_ms(launch.at, (*path, "at"), clock, noter)
            until_ms = None
            if launch.until is not None:
                until_ms = _instant_ms(launch.until, (*path, "until"), clock, noter)
            if zone is None or at_ms is None:
                continue
            if until_ms is not None and until_ms <= at_ms:
                wrong = f"{launch.until} is not after {launch.at}"
                noter.note((*path, "until"), wrong, "write a later time")
            _check_pool(launch, zone, path, names, known, noter)
            launches.append(
                twin.AccountLaunch(launch.type, zone, launch.instances, at_ms, until_ms)
            )
        yield twin.OtherAccount(name, tuple(launches))


def _check_pool(
    launch: Launch,
    zone: str,
    path: Path,
    names: PoolNames,
    known: dict[CapacityPool, None],
    noter: Noter,
) -> None:
    """Note a launch that could take nothing from the cluster."""
    if launch.type not in names.types:
        wrong = f"no group of the cluster uses {launch.type}, so that nothing is taken from it"
        noter.note((*path, "type"), wrong, did_you_mean(launch.type, names.types, what="types"))
    elif CapacityPool(launch.type, zone, "spot") not in known:
        wrong = f"the spot pool of {launch.type} in {zone} has no depth and never runs out"
        noter.note((*path, "type"), wrong, "name it in `cloud.depths`")


def _reclaims(
    cloud: Cloud, names: PoolNames, clock: ScenarioClock, noter: Noter
) -> Iterator[twin.PlannedReclaim]:
    for index, reclaim in enumerate(cloud.reclaims):
        path: Path = (*_CLOUD, "reclaims", index)
        pools = chosen_pools(reclaim, "spot", path, names, noter)
        at_ms = _instant_ms(reclaim.at, (*path, "at"), clock, noter)
        if at_ms is not None:
            yield twin.PlannedReclaim(at_ms, pools, reclaim.share, reclaim.notice)


def _recommendations(
    cloud: Cloud, names: PoolNames, clock: ScenarioClock, noter: Noter
) -> Iterator[twin.PlannedRecommendation]:
    for index, recommendation in enumerate(cloud.rebalance_recommendations):
        path: Path = (*_CLOUD, "rebalanceRecommendations", index)
        pools = chosen_pools(recommendation, "spot", path, names, noter)
        at_ms = _instant_ms(recommendation.at, (*path, "at"), clock, noter)
        if at_ms is not None:
            share, after = recommendation.share, recommendation.notice_after
            yield twin.PlannedRecommendation(at_ms, pools, share, after)


def _zone_outages(
    cloud: Cloud, names: PoolNames, clock: ScenarioClock, noter: Noter
) -> Iterator[twin.ZoneOutage]:
    for index, outage in enumerate(cloud.zone_outages):
        path: Path = (*_CLOUD, "zoneOutages", index)
        zone = check_zone(outage.zone, (*path, "zone"), names, noter)
        stretch = check_stretch(path, outage.begin, outage.until, clock, noter)
        if zone is not None and stretch is not None:
            yield twin.ZoneOutage(zone, *stretch)


def _traffic(written: CrossZoneTraffic | None) -> twin.CrossZoneTraffic | None:
    if written is None:
        return None
    return twin.CrossZoneTraffic(written.gigabytes_per_core_second, written.usd_per_gigabyte)


def _instant_ms(text: str, path: Path, clock: ScenarioClock, noter: Noter) -> int | None:
    try:
        return clock.next_ms(text)
    except ValueError as error:
        noter.note_error(path, error)
        return None
