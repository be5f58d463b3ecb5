"""How nodes lie over zones, and what the traffic between zones costs."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from kingtide.kube.nodes import ZONE_LABEL
from kingtide.rehearsal.zone_balance import ZoneBalance
from kingtide.twin.cloud_conditions import CloudConditions, CrossZoneTraffic
from kingtide.twin.world import World
from tests.twin.worlds import MINUTE_MS, ZONES, application, definition, group, run_for

TRAFFIC = CloudConditions(cross_zone_traffic=CrossZoneTraffic(1_000))


def world(running: int, cloud: CloudConditions, replicas: int = 0) -> World:
    """Nodes of one spot group, and an application of one pod a node under 4 cores of demand."""
    api = application("api", replicas, 9_000, demand=((0, 4_000),))
    return World(definition(api, groups=[group("g", running, spot=True)], cloud=cloud))


def looked(it: World, steps: int) -> ZoneBalance:
    zones = ZoneBalance(it)
    zones.look(it.observe())
    for _ in range(steps):
        run_for(it, MINUTE_MS)
        zones.look(it.observe())
    return zones


@pytest.mark.parametrize(
    ("running", "skew", "ratio"),
    [(6, 0.0, 1.0), (7, 100 / 7, 1.5), (2, 50.0, None), (0, 0.0, None)],
)
def test_the_skew_is_fullest_less_emptiest_of_all(
    running: int, skew: float, ratio: float | None
) -> None:
    figures = looked(world(running, CloudConditions()), 1).figures()
    assert figures.skew_percents == [skew, skew]
    assert figures.ratios == [ratio, ratio]
    assert figures.crossed_usd is None


def test_nodes_that_are_not_ready_count_in_no_zone() -> None:
    it = world(6, CloudConditions())
    zones = ZoneBalance(it)
    zones.look(it.observe())
    node = next(n for n in it.store.nodes.values() if n.labels[ZONE_LABEL] == ZONES[0])
    it.store.update_node(node, ready=replace(node.ready, status="Unknown"))
    zones.look(it.observe())
    assert zones.figures().skew_percents == [0.0, 20.0]


def test_evenly_spread_over_three_zones_two_thirds_of_the_traffic_cross() -> None:
    it = world(6, TRAFFIC, replicas=6)
    figures = looked(it, 10).figures()
    gigabytes = 4 * 600 * 1_000 * (2 / 3) / 1_000_000
    assert figures.crossed_gigabytes == pytest.approx(gigabytes)
    assert figures.crossed_usd == pytest.approx(2 * 0.01 * gigabytes)


def test_in_one_zone_nothing_crosses() -> None:
    figures = looked(world(1, TRAFFIC, replicas=1), 5).figures()
    assert figures.crossed_gigabytes == pytest.approx(0.0)


def test_what_is_not_served_does_not_travel() -> None:
    figures = looked(world(6, TRAFFIC, replicas=0), 5).figures()
    assert figures.crossed_gigabytes == 0.0
