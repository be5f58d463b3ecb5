"""What the answers of the instance metadata service mean."""

from __future__ import annotations

import pytest

from kingtide.aws.interruptions.events import (
    LifecycleAction,
    Malformed,
    NotActionable,
    RebalanceRecommendation,
    ScheduledChange,
    SpotInterruption,
)
from kingtide.aws.interruptions.instance_metadata import (
    LIFECYCLE_PATH,
    MAINTENANCE_PATH,
    MAX_ANSWER_BYTES,
    REBALANCE_PATH,
    SPOT_ACTION_PATH,
    MetadataRequest,
    read_answer,
    request,
    token_request,
)

NOW_MS = 1_803_934_500_000
INSTANCE = "i-0123456789abcdef0"


@pytest.mark.parametrize(
    ("path", "body", "event"),
    [
        pytest.param(
            SPOT_ACTION_PATH,
            '{"action": "stop", "time": "2027-03-01T20:56:30Z"}',
            SpotInterruption(INSTANCE, NOW_MS, NOW_MS + 90_000, "stop"),
            id="the notice says when",
        ),
        pytest.param(
            REBALANCE_PATH,
            '{"noticeTime": "2027-03-01T20:54:00Z"}',
            RebalanceRecommendation(INSTANCE, NOW_MS - 60_000),
            id="a rebalance recommendation",
        ),
        pytest.param(
            MAINTENANCE_PATH,
            '[{"NotBefore": "01 Mar 2027 21:55:00 GMT", "Code": "system-reboot",'
            ' "EventId": "instance-event-1", "State": "active"},'
            ' {"NotBefore": "01 Mar 2027 21:00:00 GMT", "Code": "x", "State": "completed"}]',
            ScheduledChange(INSTANCE, NOW_MS, NOW_MS + 3_600_000, "system-reboot"),
            id="the scheduled event that is active",
        ),
        pytest.param(
            LIFECYCLE_PATH,
            "Terminated",
            LifecycleAction(INSTANCE, NOW_MS),
            id="a group that wants the instance terminated",
        ),
    ],
)
def test_an_answer_has_the_form_of_a_message(path: str, body: str, event: object) -> None:
    assert read_answer(path, 200, body, INSTANCE, NOW_MS) == (event,)


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        pytest.param(SPOT_ACTION_PATH, 404, "", id="nobody said anything"),
        pytest.param(LIFECYCLE_PATH, 200, "InService", id="in service"),
        pytest.param(MAINTENANCE_PATH, 200, "[]", id="nothing scheduled"),
    ],
)
def test_an_answer_may_ask_for_nothing(path: str, status: int, body: str) -> None:
    assert isinstance(read_answer(path, status, body, INSTANCE, NOW_MS), NotActionable)


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        pytest.param(SPOT_ACTION_PATH, 401, "", id="the token has ended"),
        pytest.param(SPOT_ACTION_PATH, 200, "{", id="no JSON"),
        pytest.param(SPOT_ACTION_PATH, 200, '{"action": "stop", "time": "x"}', id="no time"),
        pytest.param("/latest/meta-data/ami-id", 200, "ami-1", id="another path"),
        pytest.param(LIFECYCLE_PATH, 200, "x" * (MAX_ANSWER_BYTES + 1), id="too long"),
    ],
)
def test_a_spoilt_answer_is_told(path: str, status: int, body: str) -> None:
    assert isinstance(read_answer(path, status, body, INSTANCE, NOW_MS), Malformed)


def test_a_token_is_asked_for_and_carried() -> None:
    assert token_request(99_999) == MetadataRequest(
        "PUT", "/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "21600"}
    )
    assert request(SPOT_ACTION_PATH, "t").headers == {"X-aws-ec2-metadata-token": "t"}
