from __future__ import annotations

from typing import Any

import pytest

from kingtide.operate.installation.aws_policy import policy, policy_statements
from kingtide.roster.registry import CONTROLLERS
from tests.unit.operate.installation.installations import CLUSTER, QUEUE, installation


def calls(*keys: str, **settings: Any) -> set[str]:
    found = policy_statements(installation(*keys, **settings))
    return {verb for it in found for verb in it.actions}


@pytest.mark.parametrize("key", CONTROLLERS)
def test_every_write_is_what_an_action_of_the_controller_asks_for(key: str) -> None:
    asked = {
        right.verb
        for action in CONTROLLERS[key].controller.actions
        for right in action.REQUIRES
        if right.api == "aws"
    }
    found = calls(key, queue=QUEUE)
    reads = calls(key, queue=QUEUE, watch_only=True) | {
        "autoscaling:DescribeAutoScalingInstances",
        "sqs:ReceiveMessage",
        "sqs:ChangeMessageVisibility",
    }
    assert found - reads == asked


def test_groups_are_changed_in_the_clusters_account_and_only_with_its_tag() -> None:
    (change,) = [it for it in policy_statements(installation()) if it.sid == "Change"]
    assert change.resource == (
        "arn:aws:autoscaling:eu-west-3:111111111111:autoScalingGroup:*:autoScalingGroupName/*"
    )
    tag = "aws:ResourceTag/k8s.io/cluster-autoscaler/prod.k8s.example.com"
    assert change.condition == {"Null": {tag: "false"}}


def test_what_describes_is_bounded_to_the_region() -> None:
    (see,) = [it for it in policy_statements(installation()) if it.sid == "See"]
    assert see.resource == "*"
    assert see.condition == {"StringEquals": {"aws:RequestedRegion": "eu-west-3"}}
    assert all(":Describe" in it for it in see.actions)


@pytest.mark.parametrize(
    ("queue", "resource", "asks_for_its_address"),
    [
        pytest.param(
            QUEUE, "arn:aws:sqs:eu-west-3:111111111111:prod-interruptions", False, id="address"
        ),
        pytest.param("nights", "arn:aws:sqs:eu-west-3:111111111111:nights", True, id="name"),
    ],
)
def test_messages_are_those_of_one_queue(
    queue: str, resource: str, *, asks_for_its_address: bool
) -> None:
    (hear,) = [it for it in policy_statements(installation(queue=queue)) if it.sid == "Hear"]
    assert hear.resource == resource
    assert ("sqs:GetQueueUrl" in hear.actions) is asks_for_its_address


def test_without_terminations_nobody_asks_about_single_instances() -> None:
    assert "autoscaling:DescribeAutoScalingInstances" in calls("nodeAutoscaling")
    assert "autoscaling:DescribeAutoScalingInstances" not in calls("downscaling")


def test_what_is_not_known_of_the_cluster_stays_open() -> None:
    spec = {key: it for key, it in CLUSTER.items() if key != "account"}
    found: Any = policy(installation(spec={**spec, "region": "cn-north-1"}))
    (arn,) = {it["Resource"] for it in found["Statement"]} - {"*"}
    assert arn.startswith("arn:aws-cn:autoscaling:cn-north-1:*:")
