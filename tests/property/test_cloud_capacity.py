"""Whatever the cloud takes and gives, instances and money are conserved, and seeds repeat."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kingtide.aws.autoscaling import CapacityPool, LifecycleHook
from kingtide.twin.cloud.cost import MINIMUM_BILLED_MS
from kingtide.twin.cloud_conditions import (
    AccountLaunch,
    CloudConditions,
    Course,
    CoursePoint,
    OtherAccount,
    PoolDepth,
    PriceCourse,
)
from kingtide.twin.definition import NodeGroup
from kingtide.twin.latencies import DEFAULT_LATENCIES
from tests.unit.twin.cloud.scene import (
    ON_DEMAND,
    SPOT,
    START_MS,
    TYPES,
    ZONES,
    Scene,
    every_pool,
    on_demand_group,
    scene,
    spot_group,
)

MINUTE_MS = 60_000
QUIET_MS = 15 * MINUTE_MS
POOLS = every_pool("spot") + every_pool("on-demand")

courses = st.builds(
    lambda shares, noise: Course(
        tuple(CoursePoint(START_MS + n * 10 * MINUTE_MS, s) for n, s in enumerate(shares)),
        noise,
        4 * MINUTE_MS,
    ),
    st.lists(st.integers(0, 2_000_000), max_size=4),
    st.integers(0, 30),
)
conditions = st.builds(
    lambda depth, course, price, launches, zones: CloudConditions(
        100_000,
        (PoolDepth(every_pool("spot"), depth, course), PoolDepth(every_pool("on-demand"), 2)),
        (PriceCourse(every_pool("spot"), price),),
        (OtherAccount("video", tuple(launches)),),
        zones,
    ),
    st.integers(0, 6),
    courses,
    courses,
    st.lists(
        st.builds(
            lambda kind, zone, count, at, lasts: AccountLaunch(
                kind, zone, count, START_MS + at, START_MS + at + lasts
            ),
            st.sampled_from(TYPES),
            st.sampled_from(ZONES),
            st.integers(1, 6),
            st.integers(0, 30 * MINUTE_MS),
            st.integers(1, 20 * MINUTE_MS),
        ),
        max_size=3,
    ),
    st.booleans(),
)
groups = st.sampled_from((SPOT, ON_DEMAND))
number = st.integers(0, 20)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("set"), groups, st.integers(0, 12)),
        st.tuples(st.just("terminate"), groups, number),
        st.tuples(st.just("replace"), groups, number),
        st.tuples(st.just("reclaim"), groups, number),
        st.tuples(st.just("recommend"), groups, number),
        st.tuples(st.just("answer"), groups, number),
        st.tuples(st.just("depth"), groups, st.integers(0, 4)),
        st.tuples(st.just("zone"), groups, st.integers(0, 2)),
        st.tuples(st.just("wait"), groups, st.integers(0, 4 * MINUTE_MS)),
    ),
    max_size=20,
)
seeds = st.integers(0, 1 << 32)
Step = tuple[str, str, int]


def built(seed: int, cloud: CloudConditions) -> Scene:
    hook = LifecycleHook("drain", 60)
    world = scene(
        NodeGroup(spot_group(termination_hook=hook, capacity_rebalance=True), running=6),
        NodeGroup(on_demand_group(termination_hook=hook), running=1),
        seed=seed,
        latencies=DEFAULT_LATENCIES,
        conditions=cloud,
    )
    world.cloud.queue.read_by(lambda: None)
    return world


def take(world: Scene, step: Step) -> None:
    what, name, amount = step
    cloud, now_ms = world.cloud, world.engine.now_ms
    members = cloud.group(name).instances
    member = members[amount % len(members)].instance_id if members else ""
    match what:
        case "wait":
            world.run_for(amount)
        case "set":
            cloud.set_desired_capacity(name, min(amount, 10), cloud.group(name).desired_capacity)
        case "terminate" | "replace":
            cloud.terminate_instance(name, member, decrement=what == "terminate")
        case "reclaim":
            cloud.reclaim_share(every_pool()[:3], amount * 50_000, amount * 6_000)
        case "recommend":
            cloud.recommend_rebalance([member], amount * 10_000 if amount % 2 else None)
        case "depth":
            cloud.set_depth(every_pool()[3:6], amount, now_ms + 5 * MINUTE_MS)
        case "zone":
            cloud.lose_zone(ZONES[amount], now_ms + 5 * MINUTE_MS)
        case "answer":
            for message in cloud.queue.inbox[:amount]:
                cloud.queue.acknowledge(message.message_id)


@settings(max_examples=60)
@given(seeds, conditions, steps)
def test_what_pools_hold_is_what_exists_and_no_depth_is_negative(
    seed: int, cloud: CloudConditions, taken: list[Step]
) -> None:
    world = built(seed, cloud)
    pools = world.cloud.pools
    for step in [*taken, ("wait", SPOT, QUIET_MS)]:
        take(world, step)
        held = Counter(i.pool for i in world.cloud.instances() if i.state != "Terminating")
        for pool in POOLS:
            assert pools.in_use(pool) == held[pool]
            left = pools.left(pool)
            assert left is not None
            assert left >= 0


@settings(max_examples=60)
@given(seeds, conditions, steps)
def test_groups_stay_in_their_bounds_and_every_life_is_told_once(
    seed: int, cloud: CloudConditions, taken: list[Step]
) -> None:
    world = built(seed, cloud)
    lives: dict[str, list[str]] = {i.instance_id: ["running"] for i in world.cloud.instances()}
    for step in [*taken, ("wait", SPOT, QUIET_MS)]:
        take(world, step)
        for name in (SPOT, ON_DEMAND):
            group = world.cloud.group(name)
            assert group.min_size <= group.desired_capacity <= group.max_size
            assert len(world.active(name)) <= group.max_size + 1
    for what, name, _ in world.told.events:
        if what in ("running", "terminating", "terminated"):
            lives.setdefault(name, []).append(what)
    whole = ["running", "terminating", "terminated"]
    assert all(life == whole[: len(life)] for life in lives.values())


@settings(max_examples=60)
@given(seeds, conditions, steps)
def test_the_cost_is_the_integral_of_the_prices_over_what_runs(
    seed: int, cloud: CloudConditions, taken: list[Step]
) -> None:
    world = built(seed, cloud)
    bill = Bill(world)
    for step in [*taken, ("wait", SPOT, QUIET_MS)]:
        take(world, step)
    now_ms = world.engine.now_ms
    cost = world.cloud.cost
    assert cost.spent("spot", now_ms) + cost.spent("on-demand", now_ms) == bill.total()


class Bill:
    """An account of its own: lives and prices as they were told, each second's price by itself."""

    def __init__(self, world: Scene) -> None:
        self.world = world
        self.first = {i.instance_id: i.pool for i in world.cloud.instances()}
        self.usual = {pool: world.cloud.prices.usual(pool) for pool in POOLS}

    def total(self) -> int:
        end_ms = self.world.engine.now_ms - START_MS
        began, pools = dict.fromkeys(self.first, 0), self.first | self.world.told.pools
        total = 0
        for what, name, at_ms in self.world.told.events:
            if what == "running":
                began[name] = at_ms
            elif what == "terminating":
                total += self.of(pools[name], began.pop(name), at_ms, whole=True)
        return total + sum(self.of(pools[n], at, end_ms) for n, at in began.items())

    def of(self, pool: CapacityPool, from_ms: int, to_ms: int, *, whole: bool = False) -> int:
        changes = [(at, price) for at, of, price in self.world.told.prices if of == pool]
        price, at_ms, total = self.usual[pool], from_ms, 0
        for change_ms, after in changes:
            if change_ms > to_ms:
                break
            if change_ms > at_ms:
                total += price * (change_ms - at_ms)
                at_ms = change_ms
            price = after
        total += price * (to_ms - at_ms)
        return total + (price * max(0, MINIMUM_BILLED_MS - (to_ms - from_ms)) if whole else 0)


@settings(max_examples=20)
@given(seeds, conditions, steps)
def test_the_same_seed_gives_the_same_night(
    seed: int, cloud: CloudConditions, taken: list[Step]
) -> None:
    hashes = []
    for _ in range(2):
        world = built(seed, cloud)
        for step in [*taken, ("wait", SPOT, QUIET_MS)]:
            take(world, step)
        hashes.append(world.engine.trace_hash)
    assert hashes[0] == hashes[1]


NIGHT = """
from tests.property.test_cloud_capacity import POOLS, built, take
from kingtide.twin.cloud_conditions import CloudConditions, Course, PoolDepth, PriceCourse
course = Course((), 30, 60_000)
depths, prices = (PoolDepth(POOLS, 2, course),), (PriceCourse(POOLS, course),)
cloud = CloudConditions(200_000, depths, prices, (), True)
world = built(7, cloud)
take(world, ("set", "spot-nodes-workers-4x", 10))
for _ in range(20):
    take(world, ("wait", "spot-nodes-workers-4x", 60_000))
    take(world, ("reclaim", "spot-nodes-workers-4x", 12))
    take(world, ("recommend", "spot-nodes-workers-4x", 3))
take(world, ("zone", "spot-nodes-workers-4x", 1))
take(world, ("wait", "spot-nodes-workers-4x", 900_000))
print(world.engine.trace_hash, world.cloud.interruptions.reclaimed)
"""


def test_another_hash_seed_of_python_gives_the_same_night(repository: Path) -> None:
    told = []
    for hash_seed in ("0", "12345"):
        path = os.pathsep.join((str(repository / "src"), str(repository)))
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": path}
        done = subprocess.run(  # our own interpreter
            [sys.executable, "-c", NIGHT],
            env=environment,
            cwd=repository,
            capture_output=True,
            text=True,
            check=True,
        )
        told.append(done.stdout)
    assert told[0] == told[1]
    assert "the pool has less to give" in told[0]
