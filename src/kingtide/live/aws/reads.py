"""Every call that is made, declared: what observing needs, and what the actions require.

The client makes no other one, so that a policy derived from this table is enough and not more.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from kingtide.control.action import Action, Permission, SetDesiredCapacity, TerminateInstance
from kingtide.control.message_actions import (
    AcknowledgeMessage,
    CompleteLifecycleAction,
    RecordLifecycleHeartbeat,
)

Purpose = Literal["groups", "terminations", "messages", "catalogue", "identity"]
"""`groups`: the cloud as controllers see it; `terminations`: what is looked at before one;
`messages`: the interruption queue; `catalogue`: what types and spot instances cost; `identity`:
whose account it is."""


class Call(msgspec.Struct, frozen=True):
    """One operation of one service; `resource` is what it is about, as an action's permission says.

    `writes` says that it changes something, and is therefore tried once and only by a leader.
    """

    service: str
    operation: str
    resource: str
    purpose: Purpose | None = None
    why: str = ""
    writes: bool = False

    @property
    def permission(self) -> Permission:
        """The right it needs, by IAM's name."""
        return Permission("aws", f"{self.service}:{self.operation}", self.resource)


def _read(service: str, operation: str, resource: str, purpose: Purpose, why: str) -> Call:
    return Call(service, operation, resource, purpose, why)


DESCRIBE_GROUPS = _read(
    "autoscaling", "DescribeAutoScalingGroups", "autoScalingGroup", "groups",
    "sizes and instances of the cluster's groups",
)  # fmt: skip
DESCRIBE_GROUP_INSTANCES = _read(
    "autoscaling", "DescribeAutoScalingInstances", "autoScalingGroup", "terminations",
    "an instance's state before it is terminated",
)  # fmt: skip
DESCRIBE_ACTIVITIES = _read(
    "autoscaling", "DescribeScalingActivities", "autoScalingGroup", "groups",
    "why a group that lacks instances gets none",
)  # fmt: skip
DESCRIBE_HOOKS = _read(
    "autoscaling", "DescribeLifecycleHooks", "autoScalingGroup", "groups",
    "what holds a group's instances before they end",
)  # fmt: skip
DESCRIBE_LAUNCH_CONFIGURATIONS = _read(
    "autoscaling", "DescribeLaunchConfigurations", "autoScalingGroup", "groups",
    "the instance type of groups without a launch template",
)  # fmt: skip
DESCRIBE_LAUNCH_TEMPLATE_VERSIONS = _read(
    "ec2", "DescribeLaunchTemplateVersions", "launchTemplate", "groups",
    "the instance type of groups without a list of types",
)  # fmt: skip
DESCRIBE_INSTANCES = _read(
    "ec2", "DescribeInstances", "instance", "groups",
    "when instances were launched, and which are spot, which groups do not tell",
)  # fmt: skip
GET_QUEUE_URL = _read(
    "sqs", "GetQueueUrl", "interruptionQueue", "messages", "where a queue of that name is"
)
RECEIVE_MESSAGE = _read(
    "sqs", "ReceiveMessage", "interruptionQueue", "messages", "warnings and lifecycle actions"
)
CHANGE_VISIBILITY = _read(
    "sqs", "ChangeMessageVisibility", "interruptionQueue", "messages",
    "to give messages back when the process ends, so that the next one has them at once",
)  # fmt: skip
DESCRIBE_INSTANCE_TYPES = _read(
    "ec2", "DescribeInstanceTypes", "instanceType", "catalogue",
    "sizes of types that the built-in table lacks",
)  # fmt: skip
DESCRIBE_SPOT_PRICES = _read(
    "ec2", "DescribeSpotPriceHistory", "instanceType", "catalogue", "what spot instances cost now"
)
GET_CALLER_IDENTITY = _read(
    "sts", "GetCallerIdentity", "account", "identity", "whether this is the fleet's account"
)

READS: tuple[Call, ...] = (
    DESCRIBE_GROUPS,
    DESCRIBE_GROUP_INSTANCES,
    DESCRIBE_ACTIVITIES,
    DESCRIBE_HOOKS,
    DESCRIBE_LAUNCH_CONFIGURATIONS,
    DESCRIBE_LAUNCH_TEMPLATE_VERSIONS,
    DESCRIBE_INSTANCES,
    GET_QUEUE_URL,
    RECEIVE_MESSAGE,
    CHANGE_VISIBILITY,
    DESCRIBE_INSTANCE_TYPES,
    DESCRIBE_SPOT_PRICES,
    GET_CALLER_IDENTITY,
)
"""What observing needs."""

ACTIONS: tuple[type[Action], ...] = (
    SetDesiredCapacity,
    TerminateInstance,
    AcknowledgeMessage,
    CompleteLifecycleAction,
    RecordLifecycleHeartbeat,
)
"""The actions that are performed on AWS."""


def write_of(action: type[Action]) -> Call:
    """Return the call by which an action is done, from what it requires."""
    (needed,) = (it for it in action.REQUIRES if it.api == "aws")
    service, _, operation = needed.verb.partition(":")
    return Call(service, operation, needed.resource, writes=True)


DECLARED: frozenset[tuple[str, str]] = frozenset(
    (it.service, it.operation) for it in (*READS, *map(write_of, ACTIONS))
)
"""(service, operation) of every call that may be made."""


def observing_permissions(purposes: Iterable[Purpose]) -> tuple[Permission, ...]:
    """Return the rights that observing needs for some purposes, sorted."""
    wanted = tuple(purposes)
    return tuple(sorted(it.permission for it in READS if it.purpose in wanted))
