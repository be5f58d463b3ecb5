"""A session whose clients answer from a script, for what no server of ours would ever say."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from kingtide.live.aws.client import AwsClient
from kingtide.live.aws.limits import CallLimits

T = TypeVar("T")

NOW = datetime(2020, 12, 1, 20, 0, tzinfo=UTC)
NOW_MS = 1_606_852_800_000


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class _Events:
    def register(self, name: str, handler: object) -> None:
        assert (name, callable(handler)) == ("provide-client-params", True)


class _Meta:
    events = _Events()


class _Client:
    meta = _Meta()

    def __init__(self, script: Script) -> None:
        self._script = script

    def _make_api_call(self, operation: str, parameters: Mapping[str, Any]) -> Any:
        self._script.asked.append((operation, dict(parameters)))
        answers = self._script.answers[operation]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Script:
    """Answers by operation, in their order; the last one is given for ever."""

    def __init__(self, **answers: Any) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, list[Any]] = {
            name: list(it) if isinstance(it, list) else [it] for name, it in answers.items()
        }

    def client(self, service: str, **_: object) -> _Client:
        assert service in ("autoscaling", "ec2", "sqs", "sts")
        return _Client(self)

    def count(self, operation: str) -> int:
        return sum(name == operation for name, _ in self.asked)


def client(script: Script, limits: CallLimits | None = None, **changes: Any) -> AwsClient:
    return AwsClient(session=script, limits=limits, **changes)


def refusal(code: str, message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


def run(work: Awaitable[T]) -> T:
    async def main() -> T:
        return await work

    return asyncio.run(main())


def raw_group(**changes: object) -> dict[str, object]:
    return {
        "AutoScalingGroupName": "workers",
        "MinSize": 0,
        "MaxSize": 10,
        "DesiredCapacity": 1,
        "AvailabilityZones": ["eu-west-3a"],
        "Tags": [{"Key": "team", "Value": "live", "PropagateAtLaunch": True}],
        "Instances": [raw_instance()],
        "MixedInstancesPolicy": policy(),
        "AFieldOfTomorrow": {"deep": [1]},
        **changes,
    }


def policy(**distribution: object) -> dict[str, object]:
    return {
        "LaunchTemplate": {
            "LaunchTemplateSpecification": {"LaunchTemplateId": "lt-1", "Version": "3"},
            "Overrides": [{"InstanceType": "c5.4xlarge"}, {"InstanceType": "c5d.4xlarge"}],
        },
        "InstancesDistribution": {
            "OnDemandPercentageAboveBaseCapacity": 0,
            "SpotAllocationStrategy": "price-capacity-optimized",
            **distribution,
        },
    }


def raw_instance(**changes: object) -> dict[str, object]:
    return {
        "InstanceId": "i-1",
        "InstanceType": "c5.4xlarge",
        "AvailabilityZone": "eu-west-3a",
        "LifecycleState": "InService",
        **changes,
    }


def ec2(**changes: object) -> dict[str, object]:
    instance = {
        "InstanceId": "i-1",
        "LaunchTime": NOW,
        "InstanceLifecycle": "spot",
        **changes,
    }
    return {"Reservations": [{"Instances": [instance]}]}
