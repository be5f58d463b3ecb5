"""Whatever a caller sends, an AWS call of the twin answers or refuses; it never breaks."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kingtide.aws.autoscaling import LifecycleHook
from kingtide.twin.apiserver.aws.account import Account
from kingtide.twin.apiserver.aws.autoscaling import calls as autoscaling
from kingtide.twin.apiserver.aws.ec2 import calls as ec2
from kingtide.twin.apiserver.aws.parameters import Parameters
from kingtide.twin.apiserver.aws.refused import AwsRefusal
from kingtide.twin.apiserver.aws.signature import Request, signing_service
from kingtide.twin.apiserver.aws.xml import ec2_answer, ec2_error, query_answer, query_error
from kingtide.twin.definition import NodeGroup
from tests.unit.twin.cloud.scene import SPOT, START_MS, scene, spot_group

NAMES = st.sampled_from(
    [
        "AutoScalingGroupName",
        "AutoScalingGroupNames.member.1",
        "AutoScalingGroupNames.member.x",
        "DesiredCapacity",
        "Filter.1.Name",
        "Filter.1.Value.1",
        "Filters.member.1.Name",
        "Filters.member.1.Values.member.1",
        "HonorCooldown",
        "ImageId.1",
        "InstanceId",
        "InstanceId.1",
        "InstanceType.1",
        "LaunchTemplateName",
        "LaunchTemplateVersion.1",
        "LifecycleActionResult",
        "LifecycleActionToken",
        "LifecycleHookName",
        "MaxRecords",
        "MaxResults",
        "NextToken",
        "ShouldDecrementDesiredCapacity",
    ]
)
VALUES = st.one_of(
    st.sampled_from([SPOT, "drain", "CONTINUE", "true", "5", "0", "-1", "tag:team", "live", "²"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)
GROUP = spot_group(termination_hook=LifecycleHook("drain"), tags={"team": "live"})
SERVED = [*autoscaling.CALLS.items(), *ec2.CALLS.items()]


@settings(max_examples=200)
@given(st.sampled_from(SERVED), st.dictionaries(NAMES, VALUES, max_size=8))
def test_any_parameters_are_answered_or_refused(
    call: tuple[str, autoscaling.Call], flat: dict[str, str]
) -> None:
    world = scene(NodeGroup(GROUP, running=2))
    account = Account(world.cloud, lambda: START_MS)
    name, serve = call
    try:
        result = serve(account, Parameters(flat))
    except AwsRefusal as refusal:
        texts = [query_error(refusal, "http://x/", "1"), ec2_error(refusal, "1")]
    else:
        texts = [it(name, result, "http://x/", "1") for it in (query_answer, ec2_answer)]
    for text in texts:
        ElementTree.fromstring(text)


@given(st.text(max_size=200), st.text(max_size=20), st.binary(max_size=40))
def test_no_signature_that_was_not_made_with_the_secret_is_taken(
    authorization: str, date: str, body: bytes
) -> None:
    headers = {"authorization": authorization, "x-amz-date": date, "host": "x"}
    request = Request("POST", "/", "", headers, body)
    with pytest.raises(AwsRefusal):
        signing_service(request, "secret", START_MS / 1000)
