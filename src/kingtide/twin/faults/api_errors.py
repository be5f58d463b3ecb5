"""APIs that refuse: conflicts, throttling, server errors, and answers that are lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kingtide.twin.api_faults import ApiFault
from kingtide.twin.faults.dice import Dice
from kingtide.twin.faults.fault import Fault
from kingtide.twin.faults.scope import Scope

if TYPE_CHECKING:
    from kingtide.twin.world import World

LONGEST_MS = 5 * 60_000
MOST = 4
CODES = (
    ("core", "409"),
    ("core", "429"),
    ("core", "500"),
    ("core", "503"),
    ("aws", "Throttling"),
    ("aws", "RequestLimitExceeded"),
    ("aws", "InternalFailure"),
)
"""Kubernetes' HTTP codes and AWS' error codes
(https://docs.aws.amazon.com/autoscaling/ec2/APIReference/CommonErrors.html)."""


class ApiErrors(Fault, frozen=True, kw_only=True, tag="api-errors"):
    """`permille` of our calls to one API are answered with `code`.

    With `takes_effect` the call is carried out and only its answer is lost: the caller cannot know.
    """

    api: str
    code: str
    permille: int
    takes_effect: bool

    def apply(self, world: World) -> None:
        """Have calls refused from its begin to its end."""
        world.api_faults.add(
            ApiFault(
                from_ms=self.from_ms,
                until_ms=self.until_ms,
                code=self.code,
                permille=self.permille,
                apis=(self.api,),
                takes_effect=self.takes_effect,
            )
        )

    def told(self) -> str:
        """Which calls, and what becomes of them."""
        done = ", though they are carried out" if self.takes_effect else ""
        return f"{self.permille / 10:g} % of {self.api} calls answered {self.code}{done}"


def draw(dice: Dice, scope: Scope) -> tuple[ApiErrors, ...]:
    """Return times of errors; every fourth loses answers only, which is the treacherous kind."""
    found = []
    for number in range(dice.count(MOST)):
        from_ms, until_ms = dice.span(scope, LONGEST_MS, number)
        api, code = dice.pick(CODES, "code", number)
        found.append(
            ApiErrors(
                from_ms=from_ms,
                until_ms=until_ms,
                api=api,
                code=code,
                permille=10 * dice.intensity_percent,
                takes_effect=dice.below(4, "effect", number) == 0,
            )
        )
    return tuple(found)
