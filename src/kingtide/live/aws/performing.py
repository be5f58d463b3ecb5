"""Carries out actions on AWS: reads what the action expects, compares, and writes.

AWS has no compare-and-set. Between reading and writing lie some tens of milliseconds in which
somebody else may write: their value is then overwritten (SetDesiredCapacity), or both writes count
(TerminateInstanceInAutoScalingGroup of one instance is refused the second time). Writes of this
process do not meet: those of one group go one after another. An old leader's are held back by its
lease's age, which the client asks for at the last moment, and by the alarm of a write
(`live.write_alarm`) where it is stopped after that.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx2

from kingtide.control.action import NODE_EXISTS, Action, SetDesiredCapacity, TerminateInstance
from kingtide.control.message_actions import (
    AcknowledgeMessage,
    CompleteLifecycleAction,
    RecordLifecycleHeartbeat,
)
from kingtide.control.outcome import DONE, Answer, Outcome
from kingtide.live.aws.client import AwsClient
from kingtide.live.aws.described import GroupInstance
from kingtide.live.aws.failures import AwsFailure, AwsRefused, CallLimit, NotLeading
from kingtide.live.aws.groups import GroupReader, state_of
from kingtide.live.aws.own_writes import OwnWrites
from kingtide.live.aws.queue import InterruptionInbox
from kingtide.live.aws.reads import DESCRIBE_GROUP_INSTANCES, write_of
from kingtide.live.kubernetes.failures import LiveFailure

NodeOf = Callable[[str], Awaitable[str | None]]
"""Asks the cluster's API server, not a watch, which node an instance is; None: it is none.

May raise LiveFailure or httpx2.HTTPError: then nobody knows, and nothing is terminated.
"""

NODES_UNKNOWN = "NodesUnknown"
"""The code of an answer: the cluster could not say whether an instance is a node."""
NO_QUEUE = "NonExistentQueue"
MAX_LOCKS = 2_000
"""Groups that are remembered for taking turns; a cluster has tens."""

HOLDING_BACK = (
    "RequestLimitExceeded",
    "ResourceContention",
    "ScalingActivityInProgress",
    "ServiceUnavailable",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
)
"""Errors of an API that may take the same call later."""


class AwsPerformer:
    """The one door through which controllers change the cloud."""

    def __init__(
        self,
        client: AwsClient,
        reader: GroupReader,
        node_of: NodeOf,
        inbox: InterruptionInbox | None = None,
        wrote: Callable[[], None] = lambda: None,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._reader = reader
        self._node_of = node_of
        self._inbox = inbox
        self._wrote = wrote
        self._now_ms = now_ms
        self._own = OwnWrites(clock)
        self._turns: dict[str, asyncio.Lock] = {}

    async def perform(self, action: Action, by: str) -> Outcome:
        """Do one action of a controller and say what became of it.

        Raises:
            KeyError: it is none of PERFORMED: a defect.
        """
        perform = PERFORMED[type(action)]
        try:
            answer = await perform(self, action, by)
        except AwsFailure as error:
            answer = answer_of(error)
        return answer.to(action, self._now_ms())

    async def set_desired_capacity(self, action: SetDesiredCapacity, by: str) -> Answer:
        """Set a group's desired capacity if it is what the action expects."""
        async with self._turn(action.group):
            group = await self._reader.one(action.group, by)
            if group is None:
                return _failed(f"AutoScalingGroup name not found - {action.group}")
            present = self._own.desired(action.group, group.desired_capacity)
            if present != action.expected_desired:
                return Answer(
                    "precondition_failed",
                    message=f"desired capacity of {action.group} is {present}, not"
                    f" {action.expected_desired}",
                )
            if present != action.desired:
                await self._client.call(
                    write_of(SetDesiredCapacity),
                    by,
                    AutoScalingGroupName=action.group,
                    DesiredCapacity=action.desired,
                    HonorCooldown=False,
                )
                self._own.wrote_desired(action.group, present, action.desired)
                self._wrote()
        return DONE

    async def terminate(self, action: TerminateInstance, by: str) -> Answer:
        """Terminate an instance and lower its group, if it is there, of the group, and no node."""
        if not action.node:
            try:
                node = await self._node_of(action.instance_id)
            except (LiveFailure, httpx2.HTTPError, TimeoutError) as error:
                return Answer("failed", NODES_UNKNOWN, type(error).__name__)
            if node is not None:
                message = f"{action.instance_id} is the node {node}"
                return Answer("precondition_failed", NODE_EXISTS, message)
        async with self._turn(action.group):
            refused = await self._not_there(action, by)
            if refused is not None:
                return refused
            group = await self._reader.one(action.group, by)
            await self._client.call(
                write_of(TerminateInstance),
                by,
                InstanceId=action.instance_id,
                ShouldDecrementDesiredCapacity=True,
            )
            self._own.ended(action.instance_id)
            if group is not None:
                present = self._own.desired(action.group, group.desired_capacity)
                self._own.wrote_desired(action.group, present, present - 1)
            self._wrote()
        return DONE

    async def _not_there(self, action: TerminateInstance, by: str) -> Answer | None:
        """Return why an instance cannot be terminated, None where nothing speaks against it."""
        name = action.instance_id
        ending = Answer("precondition_failed", message=f"instance {name} is terminating already")
        if self._own.has_ended(name):
            return ending
        answer = await self._client.call(DESCRIBE_GROUP_INSTANCES, by, InstanceIds=[name])
        found = [_member(it) for it in answer.get("AutoScalingInstances") or ()]
        it = next((one for one in found if one.instance_id == name), None)
        if it is None:
            return _failed(f"Instance Id not found - No managed instance found for {name}")
        if it.auto_scaling_group_name != action.group:
            message = f"{name} is of {it.auto_scaling_group_name}, not of {action.group}"
            return Answer("precondition_failed", message=message)
        return ending if state_of(it.lifecycle_state) not in ("Pending", "InService") else None

    async def complete(self, action: CompleteLifecycleAction, by: str) -> Answer:
        """Let a group go on with an instance."""
        await self._client.call(
            write_of(CompleteLifecycleAction),
            by,
            AutoScalingGroupName=action.group,
            LifecycleHookName=action.hook,
            LifecycleActionToken=action.token,
            InstanceId=action.instance_id,
            LifecycleActionResult=action.result,
        )
        self._wrote()
        return DONE

    async def heartbeat(self, action: RecordLifecycleHeartbeat, by: str) -> Answer:
        """Ask for another timeout of a wait."""
        await self._client.call(
            write_of(RecordLifecycleHeartbeat),
            by,
            AutoScalingGroupName=action.group,
            LifecycleHookName=action.hook,
            LifecycleActionToken=action.token,
            InstanceId=action.instance_id,
        )
        return DONE

    async def acknowledge(self, action: AcknowledgeMessage, by: str) -> Answer:
        """Delete a message from the queue."""
        if self._inbox is None:
            return Answer("failed", NO_QUEUE, f"no queue holds the message {action.message_id}")
        return await self._inbox.acknowledge(action.message_id, by)

    def _turn(self, group: str) -> asyncio.Lock:
        if len(self._turns) > MAX_LOCKS:
            self._turns = {name: it for name, it in self._turns.items() if it.locked()}
        return self._turns.setdefault(group, asyncio.Lock())


Perform = Callable[[AwsPerformer, Any, str], Awaitable[Answer]]

PERFORMED: Mapping[type[Action], Perform] = {
    AcknowledgeMessage: AwsPerformer.acknowledge,
    CompleteLifecycleAction: AwsPerformer.complete,
    RecordLifecycleHeartbeat: AwsPerformer.heartbeat,
    SetDesiredCapacity: AwsPerformer.set_desired_capacity,
    TerminateInstance: AwsPerformer.terminate,
}
"""Every action on the cloud; those on a cluster's objects are performed elsewhere."""


def answer_of(error: AwsFailure) -> Answer:
    """Return the answer that a failure stands for."""
    match error:
        case CallLimit() | NotLeading():
            return Answer("refused", error.code, str(error))
        case AwsRefused() if error.code in HOLDING_BACK:
            return Answer("refused", error.code, error.message)
        case AwsRefused():
            return Answer("failed", error.code, error.message)
        case _:
            return Answer("failed", error.code, str(error))


def _failed(message: str) -> Answer:
    return Answer("failed", "ValidationError", message)


def _member(raw: Mapping[str, Any]) -> GroupInstance:
    return GroupInstance(
        instance_id=str(raw.get("InstanceId", "")),
        lifecycle_state=str(raw.get("LifecycleState", "")),
        auto_scaling_group_name=str(raw.get("AutoScalingGroupName", "")),
    )
