"""How old on-demand nodes get that spot could serve for."""

from __future__ import annotations

import msgspec

from kingtide.kube.nodes import GROUP_LABEL
from kingtide.rehearsal.on_demand_ages import OnDemandAges
from kingtide.twin.definition import NodeGroup
from kingtide.twin.world import SETTLED_FOR_MS, World
from tests.twin.worlds import MINUTE_MS, application, definition, group, run_for


def serving(name: str, running: int, serves: str, *, spot: bool = False) -> NodeGroup:
    made = group(name, running, spot=spot)
    return msgspec.structs.replace(made, labels={**made.labels, GROUP_LABEL: serves})


def watched(*groups: NodeGroup) -> tuple[World, OnDemandAges]:
    world = World(definition(application("api", 1), groups=groups))
    return world, OnDemandAges(world)


def test_a_node_that_stays_is_as_old_as_it_is_now() -> None:
    world, ages = watched(serving("od", 1, "workers"), serving("spot", 1, "workers", spot=True))
    run_for(world, 5 * MINUTE_MS)
    assert ages.oldest_ms(world.engine.now_ms) == SETTLED_FOR_MS + 5 * MINUTE_MS


def test_a_node_that_went_keeps_the_age_that_it_reached() -> None:
    world, ages = watched(serving("od", 1, "workers"), serving("spot", 1, "workers", spot=True))
    run_for(world, 5 * MINUTE_MS)
    (node,) = [it for it in world.store.nodes.values() if not it.is_spot]
    world.store.delete_node(node)
    run_for(world, 60 * MINUTE_MS)
    assert ages.oldest_ms(world.engine.now_ms) == SETTLED_FOR_MS + 5 * MINUTE_MS


def test_nodes_that_no_spot_group_could_replace_do_not_count() -> None:
    world, ages = watched(serving("admin", 2, "admin"), serving("spot", 1, "workers", spot=True))
    run_for(world, MINUTE_MS)
    assert ages.oldest_ms(world.engine.now_ms) is None


def test_nodes_of_no_named_group_do_not_count() -> None:
    world, ages = watched(group("od", 1), group("spot", 1, spot=True))
    assert ages.oldest_ms(world.engine.now_ms) is None
