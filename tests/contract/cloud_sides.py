"""One world's cloud from two sides: in its own process, and over HTTP through `live.aws`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

import msgspec
import pytest

from kingtide.aws.autoscaling import AutoScalingGroup, ScalingActivity
from kingtide.control.action import Action, SetDesiredCapacity, TerminateInstance
from kingtide.control.inbox import Message
from kingtide.control.outcome import Outcome
from kingtide.live.aws.client import AwsClient
from kingtide.live.aws.groups import cluster_selection
from kingtide.live.aws.performing import AwsPerformer
from kingtide.live.aws.queue import InterruptionInbox
from kingtide.live.aws.view import AwsView
from kingtide.twin.apiserver.aws.account import account_of
from kingtide.twin.apiserver.aws.signature import ACCESS_KEY_ID
from kingtide.twin.cluster.replica_sets import ReplicaSets
from kingtide.twin.definition import NodeGroup, WorldDefinition
from kingtide.twin.performer import Performer
from kingtide.twin.world import World
from tests.unit.twin.apiserver.aws.served import REGION, TOKEN, Do, served_account
from tests.unit.twin.cloud.scene import (
    SPOT,
    START_MS,
    STEADY,
    empty,
    every_pool,
    on_demand_group,
    spot_group,
)

CLUSTER = "prime.example"
TAGS = {f"k8s.io/cluster-autoscaler/{CLUSTER}": "true", "kops.k8s.io/instancegroup": "workers"}


class Side(Protocol):
    """What both sides can do; times are the world's."""

    world: World

    def run_for(self, milliseconds: int) -> None: ...

    def groups(self) -> Mapping[str, AutoScalingGroup]: ...

    def activities(self, group: str) -> Sequence[ScalingActivity]: ...

    def messages(self) -> tuple[Message, ...]: ...

    def perform(self, action: Action) -> Outcome: ...

    def reclaim(self, instance_ids: Sequence[str]) -> None: ...


def definition(**changes: object) -> WorldDefinition:
    """Three spot nodes of a group that takes ten, and an on-demand group without capacity."""
    night = WorldDefinition(
        cluster_name=CLUSTER,
        seed=7,
        start_ms=START_MS,
        end_ms=START_MS + 3_600_000,
        node_groups=(
            NodeGroup(spot_group(tags=TAGS), running=3),
            NodeGroup(on_demand_group(tags=TAGS), running=0),
        ),
        applications=(),
        latencies=STEADY,
        outages=(empty(every_pool("on-demand")),),
    )
    return msgspec.structs.replace(night, **changes)


class InProcess:
    """The world as its own controllers see it."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.cloud.queue.read_by(lambda: None)
        self._performer = Performer(
            world.engine,
            world.store,
            world.cloud,
            ReplicaSets(
                world.engine, world.store, world.seeds, world.latencies, world.deletion.delete
            ),
            world.deletion,
            world.queue,
            world.hooks,
        )

    def run_for(self, milliseconds: int) -> None:
        self.world.run_until(self.world.engine.now_ms + milliseconds)

    def groups(self) -> Mapping[str, AutoScalingGroup]:
        return {it.name: in_seconds(it) for it in self.world.cloud.view.groups.values()}

    def activities(self, group: str) -> Sequence[ScalingActivity]:
        return [ended_in_seconds(it) for it in self.world.cloud.view.activities_since(group, 0)]

    def messages(self) -> tuple[Message, ...]:
        return self.world.queue.inbox

    def perform(self, action: Action) -> Outcome:
        return self._performer.perform(action)

    def reclaim(self, instance_ids: Sequence[str]) -> None:
        self.world.cloud.reclaim(instance_ids)


class OverHttp:
    """The same world through AWS' APIs."""

    def __init__(self, world: World, client: AwsClient, do: Do) -> None:
        self.world = world
        self._do = do
        self._runner = asyncio.Runner()
        now_ms = self._now_ms
        self.view = AwsView(client, cluster_selection(CLUSTER), now_ms)
        self.inbox = InterruptionInbox(client, "kingtide-interruptions", now_ms=now_ms)
        self._performer = AwsPerformer(
            client, self.view.reader, self._node_of, self.inbox, now_ms=now_ms
        )

    def _now_ms(self) -> int:
        return self.world.engine.now_ms

    async def _node_of(self, instance_id: str) -> str | None:
        nodes = self.world.store.nodes.values()
        return next((it.name for it in nodes if it.instance_id == instance_id), None)

    def run_for(self, milliseconds: int) -> None:
        self._do(lambda: self.world.run_until(self.world.engine.now_ms + milliseconds))
        self._runner.run(self.view.refresh())

    def groups(self) -> Mapping[str, AutoScalingGroup]:
        self._runner.run(self.view.refresh())
        return {it.name: in_seconds(it) for it in self.view.groups.values()}

    def activities(self, group: str) -> Sequence[ScalingActivity]:
        self._runner.run(self.view.refresh())
        return [ended_in_seconds(it) for it in self.view.activities_since(group, 0)]

    def messages(self) -> tuple[Message, ...]:
        while self._runner.run(self.inbox.receive(wait_seconds=0)):
            pass
        return self.inbox.messages

    def perform(self, action: Action) -> Outcome:
        return self._runner.run(self._performer.perform(action, "a-controller"))

    def reclaim(self, instance_ids: Sequence[str]) -> None:
        self._do(lambda: self.world.cloud.reclaim(instance_ids))

    def close(self) -> None:
        self._runner.close()


@contextmanager
def in_process(night: WorldDefinition) -> Iterator[Side]:
    """The world in this process."""
    yield InProcess(World(night))


@contextmanager
def over_http(night: WorldDefinition) -> Iterator[Side]:
    """The world behind a server on loopback."""
    world = World(night)
    with served_account(account_of(world)) as (url, do):
        client = AwsClient(REGION, url)
        side = OverHttp(world, client, do)
        try:
            yield side
        finally:
            client.close()
            side.close()


def in_seconds(group: AutoScalingGroup) -> AutoScalingGroup:
    """Return a group whose instances were launched at a full second, as EC2 tells it."""
    instances = tuple(
        msgspec.structs.replace(it, launched_ms=it.launched_ms // 1_000 * 1_000)
        for it in group.instances
    )
    return msgspec.structs.replace(group, instances=instances)


def ended_in_seconds(activity: ScalingActivity) -> ScalingActivity:
    """Return an activity that ended at a full second, as Auto Scaling tells it."""
    if activity.end_ms is None:
        return activity
    return msgspec.structs.replace(activity, end_ms=activity.end_ms // 1_000 * 1_000)


def credentials_of_the_twin(environment: pytest.MonkeyPatch) -> None:
    """The SDK's own chain finds the twin's key, and none of this machine's."""
    environment.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
    environment.setenv("AWS_SECRET_ACCESS_KEY", TOKEN)
    environment.setenv("AWS_EC2_METADATA_DISABLED", "true")


def told(outcome: Outcome) -> tuple[str, str]:
    return outcome.status, outcome.code


def resize(group: str, expected: int, desired: int) -> SetDesiredCapacity:
    return SetDesiredCapacity(
        group=group, expected_desired=expected, desired=desired, reason="a test"
    )


def end(side: Side, place: int = 0, *, node: str | None = None) -> TerminateInstance:
    instance = side.groups()[SPOT].instances[place].instance_id
    if node is None:
        nodes = side.world.store.nodes.values()
        node = next(it.name for it in nodes if it.instance_id == instance)
    return TerminateInstance(group=SPOT, instance_id=instance, node=node, reason="a test")
