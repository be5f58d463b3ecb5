from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kingtide.twin.apiserver.auditing import Audit
from kingtide.twin.apiserver.aws.account import Account
from kingtide.twin.apiserver.aws.refused import AwsRefusal
from kingtide.twin.apiserver.aws.trail import Trail
from kingtide.twin.definition import NodeGroup
from tests.unit.twin.cloud.scene import scene, spot_group

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
