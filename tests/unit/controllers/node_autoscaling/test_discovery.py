"""Which groups are ours."""

from __future__ import annotations

import pytest

from kingtide.aws.autoscaling import AutoScalingGroup
from kingtide.controllers.node_autoscaling.discovery import (
    DiscoveryError,
    bounds,
    discovery_of,
    is_ours,
    ours,
    parse_discovery,
    parse_explicit,
)
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy


def group(name: str = "spot", **tags: str) -> AutoScalingGroup:
    return AutoScalingGroup(
        name=name,
        min_size=1,
        max_size=10,
        desired_capacity=1,
        instance_types=("m5.large",),
        zones=("eu-west-1a",),
        tags={key.replace("__", "/"): value for key, value in tags.items()},
    )


def test_by_default_both_conventional_tags_must_be_there() -> None:
    discovery = discovery_of(NodeAutoscalingPolicy(), "prod")
    enabled, ours = "k8s.io/cluster-autoscaler/enabled", "k8s.io/cluster-autoscaler/prod"
    assert is_ours(group(**{enabled: "", ours: "owned"}), discovery)
    assert not is_ours(group(**{enabled: "true"}), discovery)
    assert not is_ours(group(**{enabled: "true", "k8s.io/cluster-autoscaler/other": ""}), discovery)


def test_a_value_in_the_spec_must_be_the_tags() -> None:
    discovery = discovery_of(NodeAutoscalingPolicy(discovery=("asg:tag=team=web,on",)), "prod")
    assert is_ours(group(team="web", on="x"), discovery)
    assert not is_ours(group(team="api", on="x"), discovery)


def test_an_explicit_group_is_ours_with_the_users_bounds() -> None:
    policy = NodeAutoscalingPolicy(node_groups=("0:3:spot",))
    discovery = discovery_of(policy, "prod")
    assert is_ours(group("spot"), discovery)
    assert not is_ours(group("other"), discovery)
    assert bounds(group("spot"), discovery) == (0, 3)
    assert bounds(group("other"), discovery) == (1, 10)


def test_a_name_may_hold_colons() -> None:
    assert parse_explicit("1:5:a:b").name == "a:b"


@pytest.mark.parametrize(
    "spec", ["", "asg", "asg:", "asg:tag", "asg:tag=", "asg:name=x", "mig:tag=x", "tag=x"]
)
def test_what_is_no_discovery_spec_says_what_to_write(spec: str) -> None:
    with pytest.raises(DiscoveryError, match="write asg:tag="):
        parse_discovery(spec)


@pytest.mark.parametrize(
    "spec", ["", "1", "1:", "1:5", "a:5:g", "1:b:g", "1:5:", "-1:5:g", "6:5:g", "1.5:5:g"]
)
def test_what_is_no_node_group_says_what_to_write(spec: str) -> None:
    with pytest.raises(DiscoveryError, match="write min:max:name"):
        parse_explicit(spec)


def test_a_group_of_a_fixed_size_may_be_named() -> None:
    found = parse_explicit("3:3:spot")
    assert (found.min_size, found.max_size, found.name) == (3, 3, "spot")
    with pytest.raises(DiscoveryError, match="maximum below its minimum"):
        parse_explicit("3:2:spot")


def test_only_the_groups_that_are_looked_for_are_ours_in_their_order() -> None:
    found = discovery_of(NodeAutoscalingPolicy(node_groups=("1:5:b", "1:5:a")), "prod")
    groups = [group(name) for name in ("a", "other", "b")]
    assert [it.name for it in ours(groups, found)] == ["a", "b"]
