"""What groups do not tell of their instances: when each was launched, and in which lifecycle.

Neither changes, so that EC2 is asked once an instance; one that EC2 does not know yet is asked for
again, and stands with when it was first seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from kingtide.aws.autoscaling import Lifecycle
from kingtide.live.aws.client import AwsClient
from kingtide.live.aws.described import Ec2Instance, milliseconds
from kingtide.live.aws.oddities import Oddities
from kingtide.live.aws.reads import DESCRIBE_INSTANCES

IDS_A_CALL = 200
"""A filter takes 200 values, and leaves out what EC2 does not know instead of failing."""


class Fact(msgspec.Struct, frozen=True):
    """What is known of an instance; `lifecycle` None as long as EC2 has not told."""

    launched_ms: int
    lifecycle: Lifecycle | None


class InstanceFacts:
    """Facts by instance id; those of instances that are gone are forgotten."""

    def __init__(self, client: AwsClient, oddities: Oddities, now_ms: Callable[[], int]) -> None:
        self._client = client
        self._oddities = oddities
        self._now_ms = now_ms
        self._known: dict[str, Fact] = {}

    async def learn(self, instance_ids: Iterable[str]) -> None:
        """Know of these instances, and of no others.

        Raises:
            AwsFailure: EC2 does not answer.
        """
        now_ms = self._now_ms()
        first_seen = Fact(now_ms, None)
        known = {it: self._known.get(it, first_seen) for it in instance_ids}
        asked = [it for it, fact in known.items() if fact.lifecycle is None]
        for start in range(0, len(asked), IDS_A_CALL):
            chosen = asked[start : start + IDS_A_CALL]
            named = [{"Name": "instance-id", "Values": chosen}]
            pages = await self._client.pages(DESCRIBE_INSTANCES, "Reservations", Filters=named)
            for reservation in pages:
                for raw in reservation.get("Instances") or ():
                    known.update(self._read(raw))
        self._known = known

    def of(self, instance_id: str) -> Fact:
        """Return what is known of an instance that was learnt of."""
        return self._known[instance_id]

    def _read(self, raw: object) -> dict[str, Fact]:
        try:
            it = msgspec.convert(raw, Ec2Instance)
        except msgspec.ValidationError as error:
            self._oddities.note("InstanceUnreadable", str(error))
            return {}
        lifecycle: Lifecycle = "spot" if it.instance_lifecycle == "spot" else "on-demand"
        return {it.instance_id: Fact(milliseconds(it.launch_time), lifecycle)}
