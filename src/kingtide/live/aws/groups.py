"""DescribeAutoScalingGroups as values: groups by tags or names, with their instances.

What cannot be read is left out and counted. What is left out of a group would look like a missing
instance, so that an instance in an unknown state counts as one in service.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import msgspec

from kingtide.aws.autoscaling import (
    AllocationStrategy,
    AutoScalingGroup,
    CapacityPool,
    Instance,
    InstanceState,
    Lifecycle,
    LifecycleHook,
)
from kingtide.live.aws.client import AwsClient
from kingtide.live.aws.described import Distribution, Group, GroupInstance
from kingtide.live.aws.instance_facts import InstanceFacts
from kingtide.live.aws.launch_settings import LaunchSetting, LaunchSettings
from kingtide.live.aws.oddities import Oddities
from kingtide.live.aws.reads import DESCRIBE_GROUPS

RECORDS = 100
"""Groups a page, the most that the call gives."""
NAMES_A_CALL = 50
"""Well below the size of a request; a cluster has some forty groups."""

STATES: Mapping[str, InstanceState] = {
    "Pending": "Pending",
    "Pending:Wait": "Pending",
    "Pending:Proceed": "Pending",
    "InService": "InService",
    "Terminating": "Terminating",
    "Terminating:Wait": "Terminating:Wait",
    "Terminating:Proceed": "Terminating",
    "Terminated": "Terminated",
}
"""Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html"""

NOT_COUNTED = ("Detaching", "Detached", "EnteringStandby", "Standby")
"""States of instances that their group no longer counts against its desired capacity."""
WARM_POOL = "Warmed:"
"""Instances that wait beside the group, stopped or not."""


class Selection(msgspec.Struct, frozen=True):
    """Which groups are a cluster's: those with all the tags (an empty value: any), and by name."""

    tags: Mapping[str, str]
    names: tuple[str, ...] = ()


def cluster_selection(cluster: str) -> Selection:
    """Return the groups with the tag by which Cluster Autoscaler's own discovery finds them.

    Source: https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md
    """
    return Selection({f"k8s.io/cluster-autoscaler/{cluster}": ""})


class GroupReader:
    """Reads the groups of a selection."""

    def __init__(
        self,
        client: AwsClient,
        selection: Selection,
        facts: InstanceFacts,
        settings: LaunchSettings,
        oddities: Oddities,
    ) -> None:
        self._client = client
        self._selection = selection
        self._facts = facts
        self._settings = settings
        self._oddities = oddities

    async def read(self) -> dict[str, AutoScalingGroup]:
        """Return the groups by name, sorted.

        Raises:
            AwsFailure: one of the calls fails; there is nothing then.
        """
        found = sorted(await self._described(), key=lambda it: it.auto_scaling_group_name)
        members = {it.auto_scaling_group_name: self._members(it) for it in found}
        await self._facts.learn(it.instance_id for of in members.values() for it in of)
        groups: dict[str, AutoScalingGroup] = {}
        for it in found:
            name = it.auto_scaling_group_name
            setting = LaunchSetting()
            if not _listed_types(it):
                setting = await self._settings.setting(it)
            hook = await self._settings.termination_hook(name)
            groups[name] = self._group(it, members[name], setting, hook)
        return groups

    async def one(self, name: str, by: str) -> Group | None:
        """Return one group as it is told now, None where there is none.

        Raises:
            AwsFailure: the call fails.
        """
        answer = await self._client.call(DESCRIBE_GROUPS, by, AutoScalingGroupNames=[name])
        read = [self._read(it) for it in answer.get("AutoScalingGroups") or ()]
        return next(
            (it for it in read if it is not None and it.auto_scaling_group_name == name), None
        )

    async def _described(self) -> list[Group]:
        raws: list[Any] = []
        chosen = self._selection
        if chosen.tags:
            filters = [
                {"Name": f"tag:{key}", "Values": [value]}
                if value
                else {"Name": "tag-key", "Values": [key]}
                for key, value in chosen.tags.items()
            ]
            raws += await self._client.pages(
                DESCRIBE_GROUPS, "AutoScalingGroups", MaxRecords=RECORDS, Filters=filters
            )
        for start in range(0, len(chosen.names), NAMES_A_CALL):
            names = list(chosen.names[start : start + NAMES_A_CALL])
            raws += await self._client.pages(
                DESCRIBE_GROUPS, "AutoScalingGroups", AutoScalingGroupNames=names
            )
        read = (self._read(raw) for raw in raws)
        return [*{it.auto_scaling_group_name: it for it in read if it is not None}.values()]

    def _read(self, raw: object) -> Group | None:
        try:
            group = msgspec.convert(raw, Group)
        except msgspec.ValidationError as error:
            self._oddities.note("GroupUnreadable", str(error))
            return None
        policy = group.mixed_instances_policy
        overrides = () if policy is None else policy.launch_template.overrides
        if any(it.weighted_capacity not in ("", "1") for it in overrides):
            # Its desired capacity counts weights: every number here counts instances.
            self._oddities.note("GroupWeighted", group.auto_scaling_group_name)
            return None
        return group

    def _members(self, group: Group) -> list[GroupInstance]:
        found = []
        for raw in group.instances:
            try:
                it = msgspec.convert(raw, GroupInstance)
            except msgspec.ValidationError as error:
                where = f"{group.auto_scaling_group_name}: {error}"
                self._oddities.note("InstanceUnreadable", where)
                continue
            if it.lifecycle_state not in NOT_COUNTED and not it.lifecycle_state.startswith(
                WARM_POOL
            ):
                found.append(it)
        return found

    def _group(
        self,
        group: Group,
        members: list[GroupInstance],
        setting: LaunchSetting,
        hook: LifecycleHook | None,
    ) -> AutoScalingGroup:
        name = group.auto_scaling_group_name
        types = _listed_types(group) or ((setting.instance_type,) if setting.instance_type else ())
        if not types:
            self._oddities.note("NoInstanceType", name)
        policy = group.mixed_instances_policy
        shares = Distribution() if policy is None else policy.instances_distribution
        above_base = shares.on_demand_percentage_above_base_capacity
        if policy is None:
            above_base = 0 if setting.is_spot else 100
        described = AutoScalingGroup(
            name=name,
            min_size=group.min_size,
            max_size=group.max_size,
            desired_capacity=group.desired_capacity,
            instance_types=types,
            zones=group.availability_zones,
            tags={it.key: it.value for it in group.tags},
            on_demand_base=shares.on_demand_base_capacity,
            on_demand_percentage_above_base=above_base,
            spot_allocation_strategy=self._strategy(shares.spot_allocation_strategy, name),
            termination_hook=hook,
            capacity_rebalance=group.capacity_rebalance,
        )
        instances = tuple(self._instance(it, described) for it in members)
        return msgspec.structs.replace(described, instances=instances)

    def _strategy(self, written: str, group: str) -> AllocationStrategy:
        for known in get_args(AllocationStrategy):
            if known == written:
                strategy: AllocationStrategy = known
                return strategy
        self._oddities.note("UnknownSpotStrategy", f"{group}: {written}")
        return "capacity-optimized"

    def _instance(self, it: GroupInstance, group: AutoScalingGroup) -> Instance:
        fact = self._facts.of(it.instance_id)
        lifecycle: Lifecycle = fact.lifecycle or group.lifecycle
        pool = CapacityPool(it.instance_type, it.availability_zone, lifecycle)
        state = state_of(it.lifecycle_state)
        if state is None:
            self._oddities.note("UnknownInstanceState", f"{it.instance_id}: {it.lifecycle_state}")
        return Instance(it.instance_id, group.name, pool, state or "InService", fact.launched_ms)


def state_of(written: str) -> InstanceState | None:
    """Return the state that AWS' word means, None for one that is not known."""
    found = STATES.get(written)
    if found is None and written.startswith("Terminating"):
        return "Terminating"
    return found


def _listed_types(group: Group) -> tuple[str, ...]:
    policy = group.mixed_instances_policy
    if policy is None:
        return ()
    return tuple(it.instance_type for it in policy.launch_template.overrides if it.instance_type)
