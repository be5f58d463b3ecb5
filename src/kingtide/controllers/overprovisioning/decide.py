"""One pass of overprovisioning."""

from __future__ import annotations

from kingtide.control.action import PatchScale
from kingtide.control.chance import Chance
from kingtide.control.controller import Controller
from kingtide.control.decision import Decision
from kingtide.control.report import Phrases
from kingtide.control.snapshot import Snapshot
from kingtide.controllers.overprovisioning.memory import OverprovisioningMemory
from kingtide.fleet.policies.overprovisioning import OverprovisioningPolicy


def decide(
    snapshot: Snapshot,
    policy: OverprovisioningPolicy,
    memory: OverprovisioningMemory,
    now_ms: int,
    chance: Chance,
) -> Decision[OverprovisioningMemory]:
    """Decide one pass; times are milliseconds since the Unix epoch."""
    return Decision(memory=memory, wake_at_ms=now_ms + policy.poll_seconds * 1000)


CONTROLLER: Controller[OverprovisioningPolicy, OverprovisioningMemory] = Controller(
    name="overprovisioning",
    actions=(PatchScale,),
    watches=("configuration",),
    phrases=Phrases(sentences={}),
    first_memory=OverprovisioningMemory,
    decide=decide,
)
