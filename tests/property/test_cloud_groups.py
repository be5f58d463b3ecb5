"""Whatever is asked of the simulated cloud, some things always hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from kingtide.aws.autoscaling import CapacityPool, Instance
from kingtide.aws.prices import price_micro_usd_per_hour
from kingtide.twin.cloud.cost import MINIMUM_BILLED_MS
from kingtide.twin.definition import NodeGroup, PoolOutage
from kingtide.twin.latencies import DEFAULT_LATENCIES
from tests.unit.twin.cloud.scene import (
    ON_DEMAND,
    SPOT,
    START_MS,
    Scene,
    empty,
    every_pool,
    on_demand_group,
    scene,
    spot_group,
)

MINUTE_MS = 60_000
QUIET_MS = 10 * MINUTE_MS

groups = st.sampled_from((SPOT, ON_DEMAND))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("set"), groups, st.integers(-2, 13)),
        st.tuples(st.just("terminate"), groups, st.integers(0, 20)),
        st.tuples(st.just("replace"), groups, st.integers(0, 20)),
        st.tuples(st.just("wait"), groups, st.integers(0, 120_000)),
    ),
    max_size=25,
)
outages = st.lists(
    st.builds(
        lambda pools, from_ms, last_ms: empty(tuple(pools), from_ms, from_ms + last_ms),
        st.lists(st.sampled_from(every_pool("spot") + every_pool("on-demand")), max_size=18),
        st.integers(0, 20 * MINUTE_MS),
        st.integers(1, 20 * MINUTE_MS),
    ),
    max_size=3,
)
seeds = st.integers(0, 1 << 32)

Step = tuple[str, str, int]


def built(seed: int, empty_pools: Sequence[PoolOutage]) -> Scene:
    return scene(
        NodeGroup(spot_group(min_size=1), running=2),
        NodeGroup(on_demand_group(), running=0),
        outages=empty_pools,
        seed=seed,
        latencies=DEFAULT_LATENCIES,
    )


def take(world: Scene, step: Step) -> None:
    what, name, amount = step
    if what == "wait":
        world.run_for(amount)
    elif what == "set":
        expected = world.cloud.group(name).desired_capacity
        world.cloud.set_desired_capacity(name, amount, expected)
    elif members := world.cloud.group(name).instances:
        victim = members[amount % len(members)].instance_id
        world.cloud.terminate_instance(name, victim, decrement=what == "terminate")


@given(seeds, outages, steps)
def test_no_group_leaves_its_bounds(
    seed: int, empty_pools: list[PoolOutage], taken: list[Step]
) -> None:
    world = built(seed, empty_pools)
    for step in taken:
        take(world, step)
        for name in (SPOT, ON_DEMAND):
            group = world.cloud.group(name)
            assert group.min_size <= group.desired_capacity <= group.max_size
            assert len(world.active(name)) <= group.max_size


@given(seeds, outages, steps)
def test_no_instance_is_launched_into_an_empty_pool(
    seed: int, empty_pools: list[PoolOutage], taken: list[Step]
) -> None:
    world = built(seed, empty_pools)
    for step in taken:
        take(world, step)
    for instance in world.cloud.instances():
        if instance.launched_ms > START_MS:
            assert world.cloud.pools.has_capacity(instance.pool, instance.launched_ms)


@given(seeds, outages, steps)
def test_when_capacity_is_back_every_group_comes_to_what_it_wants(
    seed: int, empty_pools: list[PoolOutage], taken: list[Step]
) -> None:
    world = built(seed, empty_pools)
    for step in taken:
        take(world, step)
    world.run_for(40 * MINUTE_MS + QUIET_MS)
    for name in (SPOT, ON_DEMAND):
        group = world.cloud.group(name)
        assert [i.state for i in group.instances] == ["InService"] * group.desired_capacity
        assert world.cloud.view.groups[name] == group


@given(seeds, outages, steps)
def test_the_cost_is_the_sum_of_instance_time_times_price(
    seed: int, empty_pools: list[PoolOutage], taken: list[Step]
) -> None:
    world = built(seed, empty_pools)
    bill = Bill(world.cloud.instances())
    for step in taken:
        bill.read(world)
        take(world, step)
    world.run_for(QUIET_MS)
    bill.read(world)
    now_ms = world.engine.now_ms
    cost = world.cloud.cost
    assert cost.spent("spot", now_ms) + cost.spent("on-demand", now_ms) == bill.total(world)
    rate = cost.micro_usd_per_hour("spot") + cost.micro_usd_per_hour("on-demand")
    running = [i for i in world.cloud.instances() if i.state == "InService"]
    assert rate == sum(price(i.pool) for i in running)


class Bill:
    """An account of its own, from what the listener was told."""

    def __init__(self, at_start: Iterable[Instance]) -> None:
        self.first = {i.instance_id: i.pool for i in at_start}
        self.pools: dict[str, CapacityPool] = dict(self.first)

    def read(self, world: Scene) -> None:
        self.pools.update({i.instance_id: i.pool for i in world.cloud.instances()})

    def total(self, world: Scene) -> int:
        started = dict.fromkeys(self.first, 0)
        total = 0
        for what, name, at_ms in world.told.events:
            if what == "running":
                started[name] = at_ms
            elif what == "terminating":
                billed_ms = max(at_ms - started.pop(name), MINIMUM_BILLED_MS)
                total += billed_ms * price(self.pools[name])
        end_ms = world.engine.now_ms - START_MS
        return total + sum((end_ms - at) * price(self.pools[n]) for n, at in started.items())


def price(pool: CapacityPool) -> int:
    return price_micro_usd_per_hour(pool.instance_type, pool.lifecycle, "eu-west-3")


@given(seeds, outages, steps)
def test_every_instance_is_told_in_order(
    seed: int, empty_pools: list[PoolOutage], taken: list[Step]
) -> None:
    world = built(seed, empty_pools)
    at_start = [i.instance_id for i in world.cloud.instances()]
    for step in taken:
        take(world, step)
    world.run_for(QUIET_MS)
    lives: dict[str, list[str]] = {name: ["running"] for name in at_start}
    for what, name, _ in world.told.events:
        if what != "failed":
            lives.setdefault(name, []).append(what)
    whole = ["running", "terminating", "terminated"]
    assert all(life == whole[: len(life)] for life in lives.values())


@settings(max_examples=30)
@given(seeds, outages, steps)
def test_the_same_seed_gives_the_same_night(
    seed: int, empty_pools: list[PoolOutage], taken: list[Step]
) -> None:
    hashes = []
    for _ in range(2):
        world = built(seed, empty_pools)
        for step in taken:
            take(world, step)
        world.run_for(QUIET_MS)
        hashes.append((world.engine.trace_hash, tuple(world.cloud.instances())))
    assert hashes[0] == hashes[1]


@given(seeds)
def test_another_seed_gives_other_instances(seed: int) -> None:
    names = [i.instance_id for i in built(seed, ()).cloud.instances()]
    assert names != [i.instance_id for i in built(seed + 1, ()).cloud.instances()]


@given(seeds, outages, steps)
def test_what_one_group_does_leaves_the_draws_of_the_other_alone(
    seed: int, empty_pools: list[PoolOutage], taken: list[Step]
) -> None:
    """The night of a group is the same with and without the other one's business."""
    lives = []
    for names in ((SPOT,), (SPOT, ON_DEMAND)):
        world = built(seed, empty_pools)
        for step in taken:
            if step[0] == "wait" or step[1] in names:
                take(world, step)
        world.run_for(QUIET_MS)
        mine = world.cloud.group(SPOT).instances
        activities = tuple(world.activities(SPOT))
        lives.append((mine, activities))
    assert lives[0] == lives[1]
