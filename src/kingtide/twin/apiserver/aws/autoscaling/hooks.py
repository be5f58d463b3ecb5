"""DescribeLifecycleHooks, CompleteLifecycleAction, RecordLifecycleActionHeartbeat.

Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CompleteLifecycleAction.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from kingtide.control.message_actions import CompleteLifecycleAction, RecordLifecycleHeartbeat
from kingtide.twin.apiserver.aws.account import Account
from kingtide.twin.apiserver.aws.autoscaling.groups import named_group
from kingtide.twin.apiserver.aws.parameters import Parameters
from kingtide.twin.apiserver.aws.refused import invalid
from kingtide.twin.apiserver.aws.xml import Value
from kingtide.twin.cloud.answer import Answer

_REASON = "called over HTTP"
_RESULTS: Mapping[str, Literal["CONTINUE", "ABANDON"]] = {
    "CONTINUE": "CONTINUE",
    "ABANDON": "ABANDON",
}


def describe_lifecycle_hooks(account: Account, asked: Parameters) -> Mapping[str, Value]:
    """Answer DescribeLifecycleHooks of a group: its termination hook, if it has one."""
    group = named_group(account, asked.required("AutoScalingGroupName"))
    hook, wanted = group.termination_hook, asked.listed("LifecycleHookNames.member")
    if hook is None or (wanted and hook.name not in wanted):
        return {"LifecycleHooks": ()}
    return {
        "LifecycleHooks": (
            {
                "LifecycleHookName": hook.name,
                "AutoScalingGroupName": group.name,
                "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING",
                "HeartbeatTimeout": hook.heartbeat_timeout_seconds,
                "GlobalTimeout": hook.longest_wait_ms // 1000,
                "DefaultResult": "CONTINUE",
            },
        )
    }


def complete_lifecycle_action(account: Account, asked: Parameters) -> Mapping[str, Value]:
    """Answer CompleteLifecycleAction; it takes a token here, which AWS' takes instead of an id."""
    group, hook = _named(account, asked)
    token, result = asked.text("LifecycleActionToken"), asked.required("LifecycleActionResult")
    if result not in _RESULTS:
        raise invalid(f"Lifecycle action result {result[:20]} is neither CONTINUE nor ABANDON")
    cloud = account.cloud

    def complete() -> Answer:
        instance_id = _instance(account, asked)
        told = token or cloud.lifecycle_token(instance_id)
        return cloud.complete_lifecycle_action(group, hook, instance_id, told, _RESULTS[result])

    action = CompleteLifecycleAction(
        group=group, hook=hook, instance_id="", token=token, result=_RESULTS[result], reason=_REASON
    )
    account.perform(action, complete)
    return {}


def record_heartbeat(account: Account, asked: Parameters) -> Mapping[str, Value]:
    """Answer RecordLifecycleActionHeartbeat."""
    group, hook = _named(account, asked)
    token, cloud = asked.text("LifecycleActionToken"), account.cloud

    def record() -> Answer:
        instance_id = _instance(account, asked)
        told = token or cloud.lifecycle_token(instance_id)
        return cloud.record_lifecycle_heartbeat(group, hook, instance_id, told)

    action = RecordLifecycleHeartbeat(
        group=group, hook=hook, instance_id="", token=token, reason=_REASON
    )
    account.perform(action, record)
    return {}


def _named(account: Account, asked: Parameters) -> tuple[str, str]:
    group = named_group(account, asked.required("AutoScalingGroupName"))
    return group.name, asked.required("LifecycleHookName")


def _instance(account: Account, asked: Parameters) -> str:
    """Return the instance that is meant, by its id or by the token of its wait."""
    named, token = asked.text("InstanceId"), asked.text("LifecycleActionToken")
    if named:
        return named
    if not token:
        raise invalid("Either an instance ID or a lifecycle action token has to be given.")
    held = (it.instance_id for it in account.cloud.instances())
    return next((it for it in held if account.cloud.lifecycle_token(it) == token), "")
