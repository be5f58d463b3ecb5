"""Groups as AWS tells them, odd ones included."""

from __future__ import annotations

from typing import Any

import pytest

from kingtide.aws.autoscaling import AutoScalingGroup, LifecycleHook
from kingtide.live.aws.groups import Selection
from kingtide.live.aws.view import AwsView
from tests.unit.live.aws.scripted import (
    NOW_MS,
    Script,
    client,
    ec2,
    policy,
    raw_group,
    raw_instance,
    refusal,
    run,
)

TAGGED = Selection({"k8s.io/cluster-autoscaler/prime": ""})


def view_of(*groups: Any, **answers: Any) -> tuple[AwsView, Script]:
    script = Script(
        DescribeAutoScalingGroups={"AutoScalingGroups": list(groups)},
        **{
            "DescribeInstances": ec2(),
            "DescribeLifecycleHooks": {"LifecycleHooks": []},
            "DescribeScalingActivities": {"Activities": []},
            **answers,
        },
    )
    view = AwsView(client(script), TAGGED, now_ms=lambda: NOW_MS + 5_000)
    run(view.refresh())
    return view, script


def the_group(*groups: Any, **answers: Any) -> AutoScalingGroup:
    view, _ = view_of(*groups, **answers)
    (found,) = view.groups.values()
    return found


def test_a_group_is_read_with_everything_that_controllers_use() -> None:
    group = the_group(raw_group())
    assert (group.name, group.min_size, group.max_size, group.desired_capacity) == (
        "workers",
        0,
        10,
        1,
    )
    assert group.instance_types == ("c5.4xlarge", "c5d.4xlarge")
    assert group.spot_allocation_strategy == "price-capacity-optimized"
    assert group.tags == {"team": "live"}
    (instance,) = group.instances
    assert (str(instance.pool), instance.launched_ms) == ("c5.4xlarge:eu-west-3a:spot", NOW_MS)


def test_groups_are_asked_for_by_the_clusters_tag() -> None:
    _, script = view_of(raw_group())
    assert script.asked[0] == (
        "DescribeAutoScalingGroups",
        {
            "MaxRecords": 100,
            "Filters": [{"Name": "tag-key", "Values": ["k8s.io/cluster-autoscaler/prime"]}],
        },
    )


def test_all_pages_are_one_view() -> None:
    script = Script(
        DescribeAutoScalingGroups=[
            {"AutoScalingGroups": [raw_group(Instances=[])], "NextToken": "more"},
            {"AutoScalingGroups": [raw_group(AutoScalingGroupName="a", Instances=[])]},
        ],
        DescribeLifecycleHooks={},
        DescribeScalingActivities={},
    )
    view = AwsView(client(script), TAGGED)
    run(view.refresh())
    assert list(view.groups) == ["a", "workers"]
    assert script.asked[1][1]["NextToken"] == "more"


@pytest.mark.parametrize(
    ("written", "state"),
    [
        ("Pending", "Pending"),
        ("Pending:Wait", "Pending"),
        ("Pending:Proceed", "Pending"),
        ("InService", "InService"),
        ("Terminating", "Terminating"),
        ("Terminating:Wait", "Terminating:Wait"),
        ("Terminating:Proceed", "Terminating"),
        ("Terminating:Retained", "Terminating"),
        ("Terminated", "Terminated"),
    ],
)
def test_every_state_has_its_meaning(written: str, state: str) -> None:
    group = the_group(raw_group(Instances=[raw_instance(LifecycleState=written)]))
    assert [it.state for it in group.instances] == [state]


@pytest.mark.parametrize(
    "written", ["Detaching", "Detached", "EnteringStandby", "Standby", "Warmed:Stopped"]
)
def test_instances_that_count_for_nothing_are_left_out(written: str) -> None:
    assert the_group(raw_group(Instances=[raw_instance(LifecycleState=written)])).instances == ()


ODD: dict[str, tuple[dict[str, object], str, int]] = {
    "a group without a size": (raw_group(DesiredCapacity=None), "GroupUnreadable", 0),
    "a group whose size is a text": (raw_group(MaxSize="ten"), "GroupUnreadable", 0),
    "an instance without an id": (
        raw_group(Instances=[{"LifecycleState": "InService"}, raw_instance()]),
        "InstanceUnreadable",
        1,
    ),
    "an instance in a state of tomorrow": (
        raw_group(Instances=[raw_instance(LifecycleState="Hibernating")]),
        "UnknownInstanceState",
        1,
    ),
    "a strategy of tomorrow": (
        raw_group(MixedInstancesPolicy=policy(SpotAllocationStrategy="luck")),
        "UnknownSpotStrategy",
        1,
    ),
    "capacity that is weighted": (
        raw_group(
            MixedInstancesPolicy={
                "LaunchTemplate": {
                    "Overrides": [{"InstanceType": "c5.large", "WeightedCapacity": "2"}]
                }
            }
        ),
        "GroupWeighted",
        0,
    ),
}


@pytest.mark.parametrize("case", ODD)
def test_what_is_odd_is_counted_and_spoils_nothing_else(case: str) -> None:
    raw, code, instances = ODD[case]
    sound = raw_group(AutoScalingGroupName="sound", Instances=[])
    view, _ = view_of(raw, sound)
    assert view.oddities.counts == {code: 1}
    assert "sound" in view.groups
    assert sum(len(it.instances) for it in view.groups.values()) == instances


def test_an_instance_in_a_state_of_tomorrow_is_no_missing_one() -> None:
    group = the_group(raw_group(Instances=[raw_instance(LifecycleState="Hibernating")]))
    assert [it.state for it in group.instances] == ["InService"]


def test_a_group_without_a_list_launches_its_templates_type() -> None:
    data = {"InstanceType": "m5.large", "InstanceMarketOptions": {"MarketType": "spot"}}
    raw = raw_group(MixedInstancesPolicy=None, LaunchTemplate={"LaunchTemplateId": "lt-2"})
    group = the_group(
        raw,
        DescribeLaunchTemplateVersions={"LaunchTemplateVersions": [{"LaunchTemplateData": data}]},
    )
    assert (group.instance_types, group.lifecycle) == (("m5.large",), "spot")


def test_a_group_with_a_launch_configuration_launches_its_type_on_demand() -> None:
    raw = raw_group(MixedInstancesPolicy=None, LaunchConfigurationName="of-2016")
    group = the_group(
        raw, DescribeLaunchConfigurations={"LaunchConfigurations": [{"InstanceType": "m4.large"}]}
    )
    assert (group.instance_types, group.lifecycle) == (("m4.large",), "on-demand")


def test_a_template_that_is_gone_leaves_the_type_unknown() -> None:
    raw = raw_group(MixedInstancesPolicy=None, LaunchTemplate={"LaunchTemplateId": "lt-2"})
    view, _ = view_of(
        raw, DescribeLaunchTemplateVersions=refusal("InvalidLaunchTemplateId.NotFound")
    )
    assert view.groups["workers"].instance_types == ()
    assert view.oddities.counts == {"NoInstanceType": 1}


def test_of_its_hooks_a_group_has_the_one_for_terminations() -> None:
    launching = {
        "LifecycleHookName": "boot",
        "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING",
    }
    ending = {
        "LifecycleHookName": "drain",
        "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING",
        "HeartbeatTimeout": 300,
    }
    group = the_group(
        raw_group(), DescribeLifecycleHooks={"LifecycleHooks": [launching, {"odd": 1}, ending]}
    )
    assert group.termination_hook == LifecycleHook("drain", 300)


def test_an_instance_that_ec2_does_not_know_yet_counts_from_when_it_was_seen() -> None:
    view, script = view_of(raw_group(), DescribeInstances=[{"Reservations": []}, ec2()])
    (instance,) = view.groups["workers"].instances
    assert (instance.launched_ms, instance.pool.lifecycle) == (NOW_MS + 5_000, "spot")
    run(view.refresh())
    (instance,) = view.groups["workers"].instances
    assert instance.launched_ms == NOW_MS
    run(view.refresh())
    assert script.count("DescribeInstances") == 2  # what is known is not asked for again


def test_a_mixed_groups_instances_are_what_ec2_says() -> None:
    mixed = policy(OnDemandBaseCapacity=1, OnDemandPercentageAboveBaseCapacity=50)
    group = the_group(
        raw_group(MixedInstancesPolicy=mixed), DescribeInstances=ec2(InstanceLifecycle="")
    )
    assert group.on_demand_base == 1
    assert [it.pool.lifecycle for it in group.instances] == ["on-demand"]
