"""Actions that answer a queue's messages and the lifecycle hooks of Auto Scaling groups."""

from __future__ import annotations

from typing import ClassVar, Literal

from kingtide.control.action import Action, Permission


class AcknowledgeMessage(Action, frozen=True, gc=False, kw_only=True, tag="AcknowledgeMessage"):
    """Delete a message from the queue: its intent stands on an object, or there is none.

    A message that is already gone is done, not failed.
    """

    REQUIRES: ClassVar[tuple[Permission, ...]] = (
        Permission("aws", "sqs:DeleteMessage", "interruptionQueue"),
    )

    message_id: str


class CompleteLifecycleAction(
    Action, frozen=True, gc=False, kw_only=True, tag="CompleteLifecycleAction"
):
    """Let a group go on with an instance that a lifecycle hook holds.

    `token` names one wait, so that a late call cannot answer another one.
    """

    REQUIRES: ClassVar[tuple[Permission, ...]] = (
        Permission("aws", "autoscaling:CompleteLifecycleAction", "autoScalingGroup"),
    )

    group: str
    hook: str
    instance_id: str
    token: str
    result: Literal["CONTINUE", "ABANDON"] = "CONTINUE"


class RecordLifecycleHeartbeat(
    Action, frozen=True, gc=False, kw_only=True, tag="RecordLifecycleHeartbeat"
):
    """Ask for another heartbeat timeout of a lifecycle hook's wait."""

    REQUIRES: ClassVar[tuple[Permission, ...]] = (
        Permission("aws", "autoscaling:RecordLifecycleActionHeartbeat", "autoScalingGroup"),
    )

    group: str
    hook: str
    instance_id: str
    token: str
