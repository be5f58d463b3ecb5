from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kingtide.twin.apiserver.auditing import Audit
from kingtide.twin.apiserver.aws.account import Account
from kingtide.twin.apiserver.aws.refused import AwsRefusal
from kingtide.twin.apiserver.aws.sqs.messages import received
from kingtide.twin.apiserver.aws.trail import Trail
from kingtide.twin.definition import NodeGroup
from tests.unit.twin.cloud.scene import VISIBILITY_MS, scene, spot_group

WORLD = scene(NodeGroup(spot_group()))
GROUP = {"AutoScalingGroupName": "spot-a", "DesiredCapacity": "2", "HonorCooldown": "false"}


def lines(file: Path) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in file.read_bytes().splitlines()]


@pytest.fixture
def trail(tmp_path: Path) -> Iterator[Trail]:
    """A trail into the file `a`."""
    audit = Audit(tmp_path / "a")
    yield Trail(Account(WORLD.cloud, lambda: WORLD.engine.now_ms), audit)
    audit.close()


def test_a_write_is_told_with_what_it_found(tmp_path: Path, trail: Trail) -> None:
    name = spot_group().name
    sent = GROUP | {"AutoScalingGroupName": name}
    with trail.of("autoscaling", "SetDesiredCapacity", sent, "kingtide"):
        pass
    [line] = lines(tmp_path / "a")
    assert line["eventSource"] == "autoscaling.amazonaws.com"
    assert line["requestParameters"] == {"AutoScalingGroupName": name, "DesiredCapacity": "2"}
    before = WORLD.cloud.group(name).desired_capacity
    assert line["additionalEventData"] == {"desiredCapacityBefore": before}
    assert line["errorCode"] == ""


def test_a_refusal_is_told_with_its_code(tmp_path: Path, trail: Trail) -> None:
    with (
        pytest.raises(AwsRefusal),
        trail.of("autoscaling", "SetDesiredCapacity", GROUP, "kingtide"),
    ):
        raise AwsRefusal("ValidationError", "no such group")
    assert [it["errorCode"] for it in lines(tmp_path / "a")] == ["ValidationError"]


def test_a_read_is_not_told(tmp_path: Path, trail: Trail) -> None:
    with trail.of("autoscaling", "DescribeAutoScalingGroups", {}, "kingtide"):
        pass
    assert lines(tmp_path / "a") == []


def test_a_deletion_by_an_old_handle_is_told_as_such(tmp_path: Path) -> None:
    spot = scene(NodeGroup(spot_group(), running=2))
    spot.cloud.queue.open(lambda: None)
    audit = Audit(tmp_path / "b")
    told = Trail(Account(spot.cloud, lambda: spot.engine.now_ms), audit)
    spot.cloud.reclaim([it.instance_id for it in spot.cloud.instances()][:1])
    spot.run_for(500)
    (first,) = spot.cloud.queue.take(1)
    spot.run_for(VISIBILITY_MS)
    (again,) = spot.cloud.queue.take(1)
    for message in (first, again):
        sent = {"ReceiptHandle": received(message, ()).receipt_handle}
        with told.of("sqs", "DeleteMessage", sent, "kingtide"):
            pass
    audit.close()
    beside = [it["additionalEventData"] for it in lines(tmp_path / "b")]
    assert [it["messageId"] for it in beside] == [first.message_id] * 2
    assert [it["handleIsNewest"] for it in beside] == [False, True]
