"""The bodies have the shapes of AWS' documented examples."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from kingtide.aws.autoscaling import CapacityPool, Instance, LifecycleHook
from kingtide.twin.cloud import event_bodies

NOW_MS = 1_606_852_800_999
INSTANCE = Instance(
    "i-0123456789abcdef0",
    "spot-nodes",
    CapacityPool("c5.4xlarge", "eu-west-3a", "spot"),
    "InService",
    0,
)
ARN = "arn:aws:ec2:eu-west-3:123456789012:instance/i-0123456789abcdef0"

BODIES = {
    "warning": event_bodies.spot_interruption_warning("e-1", NOW_MS, INSTANCE),
    "rebalance": event_bodies.rebalance_recommendation("e-1", NOW_MS, INSTANCE),
    "state": event_bodies.state_change("e-1", NOW_MS, INSTANCE, "shutting-down"),
    "hook": event_bodies.terminate_lifecycle_action(
        "e-1", NOW_MS, INSTANCE, LifecycleHook("drain"), "token"
    ),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_every_body_has_the_envelope_of_eventbridge(body: str) -> None:
    event = json.loads(body)
    assert {key: event.pop(key) for key in ("version", "id", "account", "time", "region")} == {
        "version": "0",
        "id": "e-1",
        "account": "123456789012",
        "time": "2020-12-01T20:00:00Z",
        "region": "eu-west-3",
    }
    assert sorted(event) == ["detail", "detail-type", "resources", "source"]


@pytest.mark.parametrize(
    ("name", "kind", "resource", "detail"),
    [
        (
            "warning",
            "EC2 Spot Instance Interruption Warning",
            "arn:aws:ec2:eu-west-3a:instance/i-0123456789abcdef0",
            {"instance-id": INSTANCE.instance_id, "instance-action": "terminate"},
        ),
        (
            "rebalance",
            "EC2 Instance Rebalance Recommendation",
            ARN,
            {"instance-id": INSTANCE.instance_id},
        ),
        (
            "state",
            "EC2 Instance State-change Notification",
            ARN,
            {"instance-id": INSTANCE.instance_id, "state": "shutting-down"},
        ),
    ],
    ids=["warning", "rebalance", "state"],
)
def test_events_of_ec2(name: str, kind: str, resource: str, detail: Mapping[str, str]) -> None:
    event = json.loads(BODIES[name])
    assert event["source"] == "aws.ec2"
    assert (event["detail-type"], event["resources"]) == (kind, [resource])
    assert event["detail"] == detail
