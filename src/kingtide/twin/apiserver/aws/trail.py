"""Which calls are writes, and what the trail tells of each beside its parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from kingtide.twin.apiserver.auditing import Audit
from kingtide.twin.apiserver.aws.account import Account
from kingtide.twin.apiserver.aws.refused import AwsRefusal
from kingtide.twin.apiserver.aws.sqs.messages import is_newest, message_of

WRITES: Mapping[str, tuple[str, ...]] = {
    "CompleteLifecycleAction": ("AutoScalingGroupName", "InstanceId", "LifecycleActionResult"),
    "DeleteMessage": ("ReceiptHandle",),
    "RecordLifecycleActionHeartbeat": ("AutoScalingGroupName", "InstanceId"),
    "SetDesiredCapacity": ("AutoScalingGroupName", "DesiredCapacity"),
    "TerminateInstanceInAutoScalingGroup": ("InstanceId", "ShouldDecrementDesiredCapacity"),
}
"""The calls that are told, with the parameters that are. A message that is received or hidden is
not: who reads a queue changes nothing that another reader would miss."""


class Trail:
    """Tells an account's writes; without an audit, nobody."""

    def __init__(self, account: Account, audit: Audit | None) -> None:
        self._account = account
        self._audit = audit

    @contextmanager
    def of(
        self, service: str, name: str, parameters: Mapping[str, str], user_agent: str
    ) -> Iterator[None]:
        """Tell a call that is made within, and how it was refused."""
        told = WRITES.get(name)
        if self._audit is None or told is None:
            yield
            return
        sent = {key: parameters[key] for key in told if key in parameters}
        beside = self._beside(name, sent)
        error = "InternalFailure"
        try:
            yield
            error = ""
        except AwsRefusal as refusal:
            error = refusal.code
            raise
        finally:
            now_ms = self._account.now_ms()
            self._audit.aws(now_ms, service, name, user_agent, sent, beside, error)

    def _beside(self, name: str, sent: Mapping[str, str]) -> Mapping[str, Any]:
        """Return what a write is about, as it was before the write."""
        cloud = self._account.cloud
        if name == "SetDesiredCapacity":
            try:
                group = cloud.group(sent.get("AutoScalingGroupName", ""))
            except KeyError:
                return {}
            return {"desiredCapacityBefore": group.desired_capacity}
        if name == "DeleteMessage":
            handle = sent.get("ReceiptHandle", "")
            message_id = message_of(handle)
            body = cloud.queue.body_of(message_id)
            named = self._account.node_names().items()
            nodes = [node for instance_id, node in named if instance_id and instance_id in body]
            newest = is_newest(handle, cloud.queue.receive_count(message_id))
            return {"messageId": message_id, "body": body, "nodes": nodes, "handleIsNewest": newest}
        if name == "TerminateInstanceInAutoScalingGroup":
            wanted = sent.get("InstanceId", "")
            states = (it.state for it in cloud.instances() if it.instance_id == wanted)
            return {"lifecycleStateBefore": next(states, "")}
        return {}
