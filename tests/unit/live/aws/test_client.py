"""Calls: declared ones only, bounded, refused late; and nothing secret anywhere."""

from __future__ import annotations

import logging
from typing import Any, get_args

import pytest
from botocore.exceptions import NoCredentialsError, ReadTimeoutError

from kingtide.control.action import SetDesiredCapacity
from kingtide.live.aws.client import AwsClient
from kingtide.live.aws.failures import (
    AwsFailure,
    AwsRefused,
    CallLimit,
    NoAnswer,
    NotConfigured,
    NotLeading,
    UndeclaredCall,
    Unreadable,
)
from kingtide.live.aws.limits import CallLimits
from kingtide.live.aws.reads import (
    ACTIONS,
    DECLARED,
    DESCRIBE_GROUPS,
    GET_CALLER_IDENTITY,
    READS,
    Call,
    Purpose,
    observing_permissions,
    write_of,
)
from tests.unit.live.aws.scripted import Clock, Script, client, refusal, run
from tests.unit.twin.apiserver.aws.served import REGION, served
from tests.unit.twin.cloud.scene import scene

SECRET = "a-secret-that-nobody-may-see"
SESSION_TOKEN = "a-session-token-that-nobody-may-see"


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAKINGTIDETWIN0000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_SESSION_TOKEN", SESSION_TOKEN)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


# ------------------------------------------------------------ declared calls


@pytest.mark.usefixtures("credentials")
def test_a_call_that_nobody_declared_is_not_made() -> None:
    api = AwsClient(REGION, "http://127.0.0.1:1")
    with pytest.raises(UndeclaredCall, match="ec2:TerminateInstances"):
        run(api.call(Call("ec2", "TerminateInstances", "instance"), InstanceIds=["i-1"]))


@pytest.mark.usefixtures("credentials")
def test_not_even_past_our_own_door() -> None:
    """Whoever gets hold of the SDK's client is stopped by the client itself."""
    api = AwsClient(REGION, "http://127.0.0.1:1")
    raw = api._client("autoscaling", writes=True)
    with pytest.raises(UndeclaredCall, match="DeleteAutoScalingGroup"):
        raw.delete_auto_scaling_group(AutoScalingGroupName="workers")


def test_what_observing_needs_is_only_reading_but_for_giving_messages_back() -> None:
    purposes: tuple[Purpose, ...] = get_args(Purpose)
    needed = observing_permissions(purposes)
    assert {it.verb for it in needed} == {it.permission.verb for it in READS}
    writing = [
        it.verb
        for it in needed
        if not it.verb.partition(":")[2].startswith(("Describe", "Get", "Receive"))
    ]
    assert writing == ["sqs:ChangeMessageVisibility"]


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_is_done_by_the_call_that_it_requires(action: Any) -> None:
    call = write_of(action)
    assert call.writes
    assert call.permission in action.REQUIRES
    assert (call.service, call.operation) in DECLARED


# ------------------------------------------------------------ secrets


@pytest.mark.usefixtures("credentials")
def test_credentials_are_in_no_log_and_in_no_error(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with served(scene()) as world:  # its token is another one: the signature is refused
        api = AwsClient(REGION, world.url)
        with pytest.raises(AwsRefused, match="SignatureDoesNotMatch") as caught:
            run(api.call(GET_CALLER_IDENTITY))
    texts = [record.getMessage() for record in caplog.records] + [str(caught.value)]
    assert not [it for it in texts if SECRET in it or SESSION_TOKEN in it]


def test_what_aws_adds_to_a_wrong_signature_is_cut_off() -> None:
    long = f"does not match\n\nThe Canonical String should have been\n'{SESSION_TOKEN}'"
    api = client(Script(GetCallerIdentity=refusal("SignatureDoesNotMatch", long)))
    with pytest.raises(AwsRefused) as caught:
        run(api.call(GET_CALLER_IDENTITY))
    assert caught.value.message == "does not match"


# ------------------------------------------------------------ failures


FAILURES: dict[str, tuple[Exception, type[AwsFailure], str]] = {
    "an error of the API": (refusal("AccessDenied"), AwsRefused, "AccessDenied"),
    "no credentials": (NoCredentialsError(), NotConfigured, "NotConfigured"),
    "silence": (ReadTimeoutError(endpoint_url="http://x"), NoAnswer, "Timeout"),
    "a broken connection": (ConnectionResetError(), NoAnswer, "Unreachable"),
    "an answer that is none": (ValueError("invalid literal for int()"), Unreadable, "Unreadable"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_a_failure_has_one_name_whatever_the_sdk_calls_it(case: str) -> None:
    error, kind, code = FAILURES[case]
    api = client(Script(GetCallerIdentity=error))
    with pytest.raises(kind) as caught:
        run(api.call(GET_CALLER_IDENTITY))
    assert caught.value.code == code
    assert api.failures == {"sts:GetCallerIdentity": 1}


def test_a_write_is_held_back_when_the_lease_is_too_old() -> None:
    script = Script(SetDesiredCapacity={}, DescribeAutoScalingGroups={})
    api = client(script, may_write=lambda: False)
    with pytest.raises(NotLeading):
        run(api.call(write_of(SetDesiredCapacity), "a-controller"))
    run(api.call(DESCRIBE_GROUPS))  # who does not lead may look
    assert [name for name, _ in script.asked] == ["DescribeAutoScalingGroups"]


def test_a_listing_without_end_is_a_failure() -> None:
    api = client(Script(DescribeAutoScalingGroups={"AutoScalingGroups": [], "NextToken": "x"}))
    with pytest.raises(Unreadable, match="pages"):
        run(api.pages(DESCRIBE_GROUPS, "AutoScalingGroups"))


# ------------------------------------------------------------ how many


def test_beyond_its_calls_a_minute_a_controller_is_refused_and_others_are_not() -> None:
    clock = Clock()
    limits = CallLimits(per_minute=2, clock=clock)
    script = Script(GetCallerIdentity={})
    api = client(script, limits)
    for _ in range(2):
        run(api.call(GET_CALLER_IDENTITY, "one"))
    with pytest.raises(CallLimit, match="one made 2 calls within a minute"):
        run(api.call(GET_CALLER_IDENTITY, "one"))
    run(api.call(GET_CALLER_IDENTITY, "another"))
    assert limits.refused == {"one": 1}
    assert len(script.asked) == 3
    clock.now += 60
    run(api.call(GET_CALLER_IDENTITY, "one"))
    assert len(script.asked) == 4
