"""What is disturbed when: all of it drawn from one seed before anything is started."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

Kind = Literal[
    "kill",
    "terminate",
    "stop",
    "stop-in-action",
    "cut-watches",
    "delay",
    "api-down",
    "aws-down",
]

WEIGHTS: Mapping[Kind, int] = {
    "kill": 3,
    "terminate": 2,
    "stop": 3,
    "stop-in-action": 5,
    "cut-watches": 4,
    "delay": 3,
    "api-down": 2,
    "aws-down": 2,
}
"""How often each is drawn. A stop in the middle of an action is what leases do not help against."""

SECONDS: Mapping[Kind, tuple[float, float]] = {
    "kill": (0.5, 3.0),
    "terminate": (0.5, 3.0),
    "stop": (1.0, 40.0),
    "stop-in-action": (12.0, 40.0),
    "cut-watches": (0.0, 0.0),
    "delay": (0.5, 4.0),
    "api-down": (1.0, 25.0),
    "aws-down": (1.0, 25.0),
}
"""How long each lasts: until what was killed is started again, goes on, or answers again.

Stops lie on both sides of the 15 s after which another process leads. Connections are held back for
less than the 5 s after which a call gives up: its bytes are then dropped, as a network would."""
PAUSE_SECONDS = (1.0, 9.0)
"""Between the end of one disturbance and the next; some meet the other process before it leads."""
CALM_SECONDS = 5.0
"""At the start, until somebody leads."""


class Disturbance(msgspec.Struct, frozen=True):
    """One thing that goes wrong, at so many seconds after the start."""

    at_seconds: float
    kind: Kind
    seconds: float
    of_leader: bool
    """Whether it meets who leads, or everybody (a network) or somebody else (a process)."""


def plan(seed: int, minutes: float) -> tuple[Disturbance, ...]:
    """Return the disturbances of so many minutes; the same for the same seed."""
    chance = random.Random(seed)
    kinds: Sequence[Kind] = tuple(WEIGHTS)
    found: list[Disturbance] = []
    at = CALM_SECONDS
    while at < 60 * minutes:
        kind = chance.choices(kinds, tuple(WEIGHTS.values()))[0]
        seconds = round(chance.uniform(*SECONDS[kind]), 1)
        of_leader = kind == "stop-in-action" or chance.random() < 0.8
        found.append(Disturbance(round(at, 1), kind, seconds, of_leader))
        at += seconds + chance.uniform(*PAUSE_SECONDS)
    return tuple(found)
