"""What a message of the interruption queue is understood as, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from kingtide.aws.interruptions.events import (
    LifecycleAction,
    Malformed,
    NotActionable,
    RebalanceRecommendation,
    ScheduledChange,
    SpotInterruption,
    StateChange,
)
from kingtide.aws.interruptions.queue_body import MAX_BODY_BYTES, read_body

AT = "2027-03-01T20:55:00Z"
AT_MS = 1_803_934_500_000
INSTANCE = "i-0123456789abcdef0"
HOOK = {
    "LifecycleActionToken": "87654321-4321-4321-4321-210987654321",
    "AutoScalingGroupName": "spot-workers",
    "LifecycleHookName": "drain",
    "EC2InstanceId": INSTANCE,
    "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING",
}


def event(detail_type: str, **changes: Any) -> dict[str, Any]:
    return {"detail-type": detail_type, "time": AT, "detail": {"instance-id": INSTANCE}, **changes}


def warning(action: str = "terminate") -> dict[str, Any]:
    detail = {"instance-id": INSTANCE, "instance-action": action}
    return event("EC2 Spot Instance Interruption Warning", detail=detail)


def health(**changes: Any) -> dict[str, Any]:
    detail = {
        "service": "EC2",
        "eventTypeCategory": "scheduledChange",
        "eventTypeCode": "AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED",
        "startTime": "Tue, 02 Mar 2027 20:55:00 GMT",
        "affectedEntities": [{"entityValue": INSTANCE}, {"entityValue": "i-0123abcd"}],
        **changes,
    }
    return event("AWS Health Event", detail=detail)


def wrapped(body: Mapping[str, Any]) -> dict[str, Any]:
    return {"Type": "Notification", "MessageId": "m", "Message": json.dumps(body)}


DAY_MS = 86_400_000
UNDERSTOOD: Mapping[str, tuple[Mapping[str, Any], tuple[Any, ...]]] = {
    "a warning says two minutes": (
        warning(),
        (SpotInterruption(INSTANCE, AT_MS, AT_MS + 120_000),),
    ),
    "a stop says two minutes": (
        warning("stop"),
        (SpotInterruption(INSTANCE, AT_MS, AT_MS + 120_000, "stop"),),
    ),
    "a hibernation begins at once": (
        warning("hibernate"),
        (SpotInterruption(INSTANCE, AT_MS, AT_MS, "hibernate"),),
    ),
    "a rebalance recommendation": (
        event("EC2 Instance Rebalance Recommendation"),
        (RebalanceRecommendation(INSTANCE, AT_MS),),
    ),
    "a state change": (
        event(
            "EC2 Instance State-change Notification",
            detail={"instance-id": INSTANCE, "state": "shutting-down"},
        ),
        (StateChange(INSTANCE, AT_MS, "shutting-down"),),
    ),
    "a hook through EventBridge": (
        event("EC2 Instance-terminate Lifecycle Action", detail=HOOK),
        (LifecycleAction(INSTANCE, AT_MS, "spot-workers", "drain", HOOK["LifecycleActionToken"]),),
    ),
    "a hook of the group itself": (
        {**HOOK, "Time": AT},
        (LifecycleAction(INSTANCE, AT_MS, "spot-workers", "drain", HOOK["LifecycleActionToken"]),),
    ),
    "a scheduled change of two instances": (
        health(),
        (
            ScheduledChange(
                INSTANCE, AT_MS, AT_MS + DAY_MS, "AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED"
            ),
            ScheduledChange(
                "i-0123abcd", AT_MS, AT_MS + DAY_MS, "AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED"
            ),
        ),
    ),
    "a scheduled change that names instances as resources": (
        {**health(affectedEntities=[], eventTypeCode=""), "resources": [INSTANCE]},
        (ScheduledChange(INSTANCE, AT_MS, AT_MS + DAY_MS),),
    ),
    "wrapped by a topic": (
        wrapped(warning()),
        (SpotInterruption(INSTANCE, AT_MS, AT_MS + 120_000),),
    ),
    "wrapped by two topics": (
        wrapped(wrapped(warning())),
        (SpotInterruption(INSTANCE, AT_MS, AT_MS + 120_000),),
    ),
}


@pytest.mark.parametrize("case", UNDERSTOOD)
def test_a_message_is_read(case: str) -> None:
    body, events = UNDERSTOOD[case]
    assert read_body(json.dumps(body)) == events


NOT_ACTIONABLE: Mapping[str, Mapping[str, Any]] = {
    "an instance that runs": event(
        "EC2 Instance State-change Notification",
        detail={"instance-id": INSTANCE, "state": "running"},
    ),
    "a launch through EventBridge": event("EC2 Instance-launch Lifecycle Action", detail=HOOK),
    "a launch of the group itself": {
        **HOOK,
        "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING",
    },
    "a group's test": {"Event": "autoscaling:TEST_NOTIFICATION"},
    "another service's health": health(service="RDS"),
    "a change that is over": health(statusCode="closed"),
    "an event of something else": event("EC2 Instance Launch Successful"),
}


@pytest.mark.parametrize("case", NOT_ACTIONABLE)
def test_a_message_that_asks_for_nothing_is_told_from_a_spoilt_one(case: str) -> None:
    assert isinstance(read_body(json.dumps(NOT_ACTIONABLE[case])), NotActionable)


SPOILT: Mapping[str, str] = {
    "no JSON": "{oops",
    "empty": "",
    "a list": "[1]",
    "nothing known": "{}",
    "deep": "[" * 100_000,
    "a lone surrogate": '"\ud800"',
    "no time": json.dumps({**warning(), "time": "yesterday"}),
    "no instance": json.dumps(event("EC2 Instance Rebalance Recommendation", detail={})),
    "an instance that is none": json.dumps(
        event("EC2 Instance Rebalance Recommendation", detail={"instance-id": "i-../../x"})
    ),
    "an unknown action": json.dumps(warning("explode")),
    "an unknown transition": json.dumps({**HOOK, "LifecycleTransition": "autoscaling:NOPE"}),
    "no token": json.dumps({**HOOK, "Time": AT, "LifecycleActionToken": ""}),
    "a name without end": json.dumps({**HOOK, "Time": AT, "LifecycleHookName": "x" * 256}),
    "a change of nothing": json.dumps(health(affectedEntities=[])),
    "a change without a start": json.dumps(health(startTime="soon")),
    "a change of too many": json.dumps(
        health(affectedEntities=[{"entityValue": f"i-{it:017x}"} for it in range(1001)])
    ),
    "wrapped too often": json.dumps(wrapped(wrapped(wrapped(warning())))),
    "too long": json.dumps({**warning(), "note": "x" * MAX_BODY_BYTES}),
}


@pytest.mark.parametrize("case", SPOILT)
def test_a_spoilt_message_is_told_and_never_raises(case: str) -> None:
    found = read_body(SPOILT[case])
    assert isinstance(found, Malformed)
    assert 0 < len(found.why) <= 200


def test_a_body_of_the_longest_size_is_read() -> None:
    body = json.dumps({**warning(), "note": ""})
    longest = json.dumps({**warning(), "note": "x" * (MAX_BODY_BYTES - len(body))})
    assert len(longest) == MAX_BODY_BYTES
    assert not isinstance(read_body(longest), Malformed)
