"""The events by which AWS says that an instance goes away, or may.

They have one form, whether they came through a queue or from the instance's own metadata. Times are
milliseconds since the Unix epoch.

Sources: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html,
.../rebalance-recommendations.html, .../monitoring-instance-state-changes.html,
https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html and
https://docs.aws.amazon.com/health/latest/ug/aws-health-events.html (read November 2026).
"""

from __future__ import annotations

from typing import Literal

import msgspec

SPOT_NOTICE_MS = 120_000
"""A spot interruption warning is sent two minutes before; the queue's form tells only when."""

InterruptionKind = Literal[
    "spot-interruption", "rebalance", "state-change", "asg-terminate", "scheduled-change"
]
StoppingState = Literal["stopping", "stopped", "shutting-down", "terminated"]


class SpotInterruption(msgspec.Struct, frozen=True, gc=False, tag="spot-interruption"):
    """EC2 takes a spot instance at `deadline_ms`.

    `action` is what it then does; a hibernation begins at once, so its deadline is `at_ms`.
    """

    instance_id: str
    at_ms: int
    deadline_ms: int
    action: Literal["terminate", "stop", "hibernate"] = "terminate"


class RebalanceRecommendation(msgspec.Struct, frozen=True, gc=False, tag="rebalance"):
    """A spot instance is more likely than before to be taken; nobody says when, or that it will."""

    instance_id: str
    at_ms: int


class StateChange(msgspec.Struct, frozen=True, gc=False, tag="state-change"):
    """An instance is going or gone: there is no notice left."""

    instance_id: str
    at_ms: int
    state: StoppingState


class LifecycleAction(msgspec.Struct, frozen=True, gc=False, tag="asg-terminate"):
    """A group terminates an instance and a hook holds it until somebody lets it go on.

    `token` names one such wait. From instance metadata nobody learns group, hook and token: they
    are empty, and the wait ends by the hook's own timeout.
    """

    instance_id: str
    at_ms: int
    group: str = ""
    hook: str = ""
    token: str = ""


class ScheduledChange(msgspec.Struct, frozen=True, gc=False, tag="scheduled-change"):
    """AWS will stop, reboot or retire an instance at `start_ms`; `code` is AWS' name for it."""

    instance_id: str
    at_ms: int
    start_ms: int
    code: str = ""


InterruptionEvent = (
    SpotInterruption | RebalanceRecommendation | StateChange | LifecycleAction | ScheduledChange
)


class NotActionable(msgspec.Struct, frozen=True, gc=False):
    """A message that was understood and asks for nothing; `what` says what it is."""

    what: str


class Malformed(msgspec.Struct, frozen=True, gc=False):
    """A message that could not be understood; `why` says where it went wrong."""

    why: str


def kind_of(event: InterruptionEvent) -> InterruptionKind:
    """Return an event's kind, as it is written on nodes."""
    match event:
        case SpotInterruption():
            return "spot-interruption"
        case RebalanceRecommendation():
            return "rebalance"
        case StateChange():
            return "state-change"
        case LifecycleAction():
            return "asg-terminate"
        case ScheduledChange():
            return "scheduled-change"
