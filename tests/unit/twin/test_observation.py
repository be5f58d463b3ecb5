import pytest

from kingtide.kube.pods import Condition
from kingtide.twin.world import World
from tests.twin.worlds import (
    application,
    autoscaler,
    definition,
    fixed_node,
    group,
    pause,
    run_for,
)


@pytest.fixture
def world() -> World:
    """Two nodes of four cores; three pods use 2.4 cores together, one pause pod has no room."""
    return World(
        definition(
            application("api", 3, demand=[(0, 2_400)], scaling=autoscaler("api", 3, 9)),
            pause(3),
            nodes=(fixed_node("n1"), fixed_node("n2")),
        )
    )


def test_series_tell_what_is_there(world: World) -> None:
    seen = world.observe()
    assert seen["cores.allocatable"] == 8.0
    assert seen["cores.requested"] == 7.0
    assert seen["cores.used"] == pytest.approx(2.4)
    assert seen["cores.reserved_not_used"] == pytest.approx(4.6)
    assert (seen["app.api.available"], seen["app.api.replicas"]) == (3, 3)
    assert seen["app.api.used"] == pytest.approx(2.4)
    assert seen["app.api.requested"] == 3.0
    assert seen["app.api.reserved_not_used"] == pytest.approx(0.6)
    assert seen["app.api.demand"] == pytest.approx(2.4)
    assert seen["app.api.unserved"] == 0.0
    assert seen["app.api.hpa_trigger"] == pytest.approx(2.1)
    assert seen["app.overprovisioning.unavailable"] == 1
    assert seen["pods.overprovisioning.available"] == 2
    assert seen["pods.default.unavailable"] == 0


def test_an_application_without_an_autoscaler_has_no_trigger(world: World) -> None:
    assert "app.overprovisioning.hpa_trigger" not in world.observe()


def test_nodes_are_counted_by_lifecycle_and_readiness() -> None:
    world = World(definition(groups=(group("s", 2, spot=True), group("o", 3))))
    on_demand = next(n for n in world.store.nodes.values() if not n.is_spot)
    world.store.update_node(on_demand, ready=Condition("Unknown", 0))
    seen = world.observe()
    assert (seen["nodes.spot"], seen["nodes.on_demand"], seen["nodes.not_ready"]) == (2, 2, 1)


def test_the_hourly_cost_is_that_of_the_running_instances() -> None:
    world = World(definition(groups=(group("o", 3),)))
    prices = [world.cloud.prices.micro_usd_per_hour(i.pool) for i in world.cloud.instances()]
    assert world.observe()["cost.usd_per_hour"] == pytest.approx(sum(prices) / 1e6)


def test_every_look_has_the_same_names(world: World) -> None:
    names = list(world.observe())
    run_for(world, 300_000)
    assert list(world.observe()) == names


def test_looking_twice_tells_the_same_and_leaves_no_trace(world: World) -> None:
    run_for(world, 61_234)
    first, traced = world.observe(), world.trace_hash
    assert world.observe() == first
    assert world.trace_hash == traced
