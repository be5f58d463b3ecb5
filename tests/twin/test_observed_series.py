"""Series are kept as the world changes; counted afresh from its objects they are the same."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kingtide.kube.pods import Pod, pod_requests
from kingtide.twin.definition import Application
from kingtide.twin.load.curves import DemandCurve
from kingtide.twin.world import World
from tests.twin.test_invariants_over_seeds import busy_evening, let_machines_die
from tests.twin.worlds import MINUTE_MS, START_MS, application, definition, fixed_node, run_for


def counted_afresh(world: World) -> Mapping[str, float]:
    """All series but cost and classes, from the objects in the store and the load of now."""
    nodes, pods = world.store.nodes.values(), world.store.pods.values()
    load, columns = world.metrics.load(), world.metrics.columns
    used = int(load.usage.sum())
    requested = sum(
        pod_requests(it.spec).cpu_millicores for it in pods if it.node_name and not it.is_terminal
    )
    found: dict[str, float] = {
        "nodes.spot": sum(it.is_ready and it.is_spot for it in nodes),
        "nodes.on_demand": sum(it.is_ready and not it.is_spot for it in nodes),
        "nodes.not_ready": sum(not it.is_ready for it in nodes),
        "cores.allocatable": sum(it.allocatable.cpu_millicores for it in nodes) / 1000,
        "cores.requested": requested / 1000,
        "cores.used": used / 1000,
        "cores.reserved_not_used": max(0, requested - used) / 1000,
    }
    for number, it in enumerate(world.definition.applications):
        mine = [pod for pod in pods if world.store.application_of(pod) == it.key]
        rows = [columns.row_of[pod.uid] for pod in mine if pod.uid in columns.row_of]
        found |= _of_application(world, it, mine)
        cores_used = int(load.usage[rows].sum()) / 1000
        prefix = f"app.{it.name}"
        found[f"{prefix}.used"] = cores_used
        found[f"{prefix}.reserved_not_used"] = max(0.0, found[f"{prefix}.requested"] - cores_used)
        found[f"{prefix}.demand"] = DemandCurve(it.demand).millicores_at(world.engine.now_ms) / 1000
        found[f"{prefix}.unserved"] = int(load.unserved[number]) / 1000
    return found


def _of_application(world: World, it: Application, mine: list[Pod]) -> dict[str, float]:
    staying = [pod for pod in mine if pod.deletion_ms is None and not pod.is_terminal]
    available = sum(pod.is_ready for pod in staying)
    bound = sum(pod.node_name != "" for pod in staying)
    request = pod_requests(it.template.spec).cpu_millicores
    wanted = world.store.replica_sets[it.key].replicas
    prefix = f"app.{it.name}"
    found: dict[str, float] = {
        f"{prefix}.available": available,
        f"{prefix}.unavailable": max(0, wanted - available),
        f"{prefix}.replicas": world.store.deployments[it.key].replicas,
        f"{prefix}.requested": bound * request / 1000,
    }
    trigger = world.autoscalers.trigger_millicores(it.key, available)
    if trigger is not None:
        found[f"{prefix}.hpa_trigger"] = trigger / 1000
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_series_are_what_a_count_from_the_objects_gives(seed: int) -> None:
    world = World(busy_evening(seed))
    let_machines_die(world)
    for now_ms in range(START_MS, START_MS + 30 * MINUTE_MS, 17_000):
        world.run_until(now_ms)
        seen = world.observe()
        expected = counted_afresh(world)
        assert {name: seen[name] for name in expected} == expected
        others = {name for name in seen if name not in expected}
        assert all(name.startswith(("cost.", "pods.")) for name in others)


def test_a_quiet_world_is_computed_and_read_once_however_often_it_is_looked_at() -> None:
    world = World(
        definition(
            *(application(f"app{n}", 20, demand=[(0, 9_000)]) for n in range(3)),
            nodes=tuple(fixed_node(f"n{n}", 16_000) for n in range(5)),
        )
    )
    applications = world.observer.applications
    for _ in range(100):
        run_for(world, 5_000)
        world.observe()
    assert world.metrics.instants_computed == 1
    assert applications.read == 3
    world.replica_sets.scale(world.store.deployments["test/app1"], 21)
    for _ in range(100):
        run_for(world, 5_000)
        world.observe()
    # The wanted size, then the pod: created, bound, ready, each at another look at most.
    assert 4 <= applications.read <= 3 + 5
    assert world.metrics.instants_computed <= 1 + 3
