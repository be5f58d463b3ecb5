"""The AWS account that a world stands for: its cloud, its time, its nodes' names, its faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from kingtide.control.action import Action
from kingtide.twin.api_faults import ApiFault
from kingtide.twin.apiserver.aws.refused import AwsRefusal
from kingtide.twin.cloud.answer import Answer
from kingtide.twin.cloud.cloud import Cloud
from kingtide.twin.cloud.event_bodies import ACCOUNT
from kingtide.twin.world import World

_THROTTLED = ("429", "Throttling", "ThrottlingException", "RequestLimitExceeded")


class Account(msgspec.Struct, frozen=True):
    """What is behind the APIs. `node_names` are the nodes' by instance id."""

    cloud: Cloud
    now_ms: Callable[[], int]
    node_names: Callable[[], Mapping[str, str]] = dict
    fault_of: Callable[[Action], ApiFault | None] = lambda _: None
    number: str = ACCOUNT

    @property
    def region(self) -> str:
        """The region that the groups' zones are of."""
        return self.cloud.prices.region

    def arn(self, service: str, what: str) -> str:
        """Return the name of something in this account."""
        return f"arn:aws:{service}:{self.region}:{self.number}:{what}"

    def perform(self, action: Action, do: Callable[[], Answer]) -> None:
        """Carry out a write, unless one of the world's faults takes it.

        Raises:
            AwsRefusal: the API does not take it, or its answer is lost.
        """
        fault = self.fault_of(action)
        if fault is None or fault.takes_effect:
            answer = do()
            if answer.status != "done":
                # What the twin calls a failed precondition is something under way for AWS.
                raise AwsRefusal(answer.code or "ScalingActivityInProgress", answer.message)
        if fault is not None:
            said = fault.answer()
            code = "Throttling" if fault.code in _THROTTLED else fault.code
            raise AwsRefusal(code, said.message, 400 if code == "Throttling" else 503)


def account_of(world: World) -> Account:
    """Return the account of a whole world."""
    return Account(
        world.cloud,
        lambda: world.engine.now_ms,
        lambda: {it.instance_id: it.name for it in world.store.nodes.values()},
        world.api_faults.of,
    )
