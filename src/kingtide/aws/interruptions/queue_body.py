"""Reads the body of a message of the interruption queue.

Three senders are understood: EventBridge, a notification topic that wraps what it carries (SNS),
and an Auto Scaling group that notifies the queue itself. Whatever else a queue may hold is said to
be not actionable or malformed; nothing raises.

Sources of the forms: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html,
https://docs.aws.amazon.com/autoscaling/ec2/userguide/automating-ec2-auto-scaling-with-eventbridge.html,
https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html and
https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from kingtide.aws.interruptions.event_details import (
    HookDetail,
    health_change,
    lifecycle_action,
    rebalance,
    spot_interruption,
    state_change,
)
from kingtide.aws.interruptions.events import (
    InterruptionEvent,
    LifecycleAction,
    Malformed,
    NotActionable,
)
from kingtide.aws.interruptions.wording import UnreadableField, instance_id, iso_ms, name

MAX_BODY_BYTES = 1_048_576
"""The largest message a queue takes: 1 MiB. Source:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html."""

MAX_WRAPPINGS = 2
"""A topic may be subscribed to a topic; nothing sensible is wrapped more often."""

TERMINATING = "autoscaling:EC2_INSTANCE_TERMINATING"
LAUNCHING = "autoscaling:EC2_INSTANCE_LAUNCHING"

Reading = tuple[InterruptionEvent, ...] | NotActionable | Malformed

T = TypeVar("T")


class _Envelope(msgspec.Struct, frozen=True, rename={"detail_type": "detail-type"}):
    """What tells one sender's form from another's; each field is there in some."""

    detail_type: str = ""
    time: str = ""
    resources: tuple[str, ...] = ()
    detail: msgspec.Raw = msgspec.Raw(b"{}")
    kind: str = msgspec.field(default="", name="Type")
    wrapped: str | None = msgspec.field(default=None, name="Message")
    transition: str = msgspec.field(default="", name="LifecycleTransition")
    event: str = msgspec.field(default="", name="Event")


def read_body(body: str) -> Reading:
    """Return the events of a message; a message about several instances has one for each."""
    try:
        return _read(body, wrappings=0)
    except (UnreadableField, msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        return Malformed(str(error)[:200])


def _read(body: str, wrappings: int) -> Reading:
    if len(body.encode()) > MAX_BODY_BYTES:
        return Malformed(f"longer than {MAX_BODY_BYTES} bytes")
    envelope = _decode(body, _Envelope)
    if envelope.kind == "Notification" and envelope.wrapped is not None:
        if wrappings == MAX_WRAPPINGS:
            return Malformed("wrapped too often")
        return _read(envelope.wrapped, wrappings + 1)
    if envelope.detail_type:
        return _from_event_bridge(envelope)
    if envelope.transition:
        return _from_group(body, envelope.transition)
    if envelope.event:  # a group says that it can reach the queue
        return NotActionable(envelope.event[:60])
    return Malformed("neither an event nor a lifecycle notification")


def _from_event_bridge(envelope: _Envelope) -> Reading:
    match envelope.detail_type:
        case "EC2 Spot Instance Interruption Warning":
            return (spot_interruption(envelope.detail, iso_ms(envelope.time)),)
        case "EC2 Instance Rebalance Recommendation":
            return (rebalance(envelope.detail, iso_ms(envelope.time)),)
        case "EC2 Instance State-change Notification":
            return state_change(envelope.detail, iso_ms(envelope.time))
        case "EC2 Instance-terminate Lifecycle Action":
            return (lifecycle_action(envelope.detail, iso_ms(envelope.time)),)
        case "AWS Health Event":
            return health_change(envelope.detail, envelope.resources, iso_ms(envelope.time))
        case other:
            return NotActionable(other[:60])


class _GroupNotification(HookDetail, frozen=True):
    """A lifecycle notification as a group itself sends it."""

    Time: str


def _from_group(body: str, transition: str) -> Reading:
    if transition == LAUNCHING:
        return NotActionable("a launch lifecycle action")
    if transition != TERMINATING:
        return Malformed(f"unknown lifecycle transition {transition[:60]!r}")
    said = _decode(body, _GroupNotification)
    return (
        LifecycleAction(
            instance_id(said.EC2InstanceId),
            iso_ms(said.Time),
            name(said.AutoScalingGroupName),
            name(said.LifecycleHookName),
            name(said.LifecycleActionToken),
        ),
    )


def _decode(body: str | msgspec.Raw, kind: type[T]) -> T:
    return msgspec.json.decode(body, type=kind)
