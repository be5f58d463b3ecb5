"""What the world asks of an interruption queue and of lifecycle hooks, whoever provides them."""

from __future__ import annotations

from typing import Literal, Protocol

from kingtide.control.inbox import Message
from kingtide.twin.cloud.answer import Answer, validation_error


class InterruptionQueue(Protocol):
    """A queue of messages that are told again until they are acknowledged."""

    @property
    def inbox(self) -> tuple[Message, ...]:
        """The messages that a controller has received and not acknowledged, oldest first."""

    def acknowledge(self, message_id: str) -> Answer:
        """Delete a message; one that is gone already is done."""


class LifecycleHooks(Protocol):
    """The waits of instances that are held by hooks of their groups."""

    def complete_lifecycle_action(
        self,
        group: str,
        hook: str,
        instance_id: str,
        token: str,
        result: Literal["CONTINUE", "ABANDON"],
    ) -> Answer:
        """Let a group go on with an instance."""

    def record_lifecycle_heartbeat(
        self, group: str, hook: str, instance_id: str, token: str
    ) -> Answer:
        """Give an instance another heartbeat timeout."""


class NoMessages:
    """A cloud without queue and hooks: it tells nothing, and there is nothing to answer."""

    inbox: tuple[Message, ...] = ()

    def acknowledge(self, message_id: str) -> Answer:
        """Answer that there is no such queue."""
        return Answer("failed", "NonExistentQueue", f"no queue holds the message {message_id}")

    def complete_lifecycle_action(
        self,
        group: str,
        hook: str,
        instance_id: str,
        token: str,
        result: Literal["CONTINUE", "ABANDON"],
    ) -> Answer:
        """Answer that there is no such wait."""
        return _no_wait(group, instance_id)

    def record_lifecycle_heartbeat(
        self, group: str, hook: str, instance_id: str, token: str
    ) -> Answer:
        """Answer that there is no such wait."""
        return _no_wait(group, instance_id)


def _no_wait(group: str, instance_id: str) -> Answer:
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CompleteLifecycleAction.html
    return validation_error(f"No active Lifecycle Action found for {instance_id} of {group}")
