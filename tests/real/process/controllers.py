"""Controllers whose wishes a test knows beforehand."""

from __future__ import annotations

from kingtide.control.action import PatchScale
from kingtide.control.chance import Chance
from kingtide.control.claims import DisruptionClaim
from kingtide.control.controller import Controller
from kingtide.control.decision import Decision
from kingtide.control.deliberation import Loop
from kingtide.control.loop import ControlLoop, Sight
from kingtide.control.node_actions import ClaimDisruption
from kingtide.control.report import Phrases, Report
from kingtide.control.snapshot import Snapshot
from kingtide.operate.running.asked import Asked
from kingtide.operate.running.live_world import LiveWorld


def keeping_one_pause_pod(asked: Asked, world: LiveWorld) -> tuple[Loop, ...]:
    """A controller that has one pause pod whenever it sees another number of them."""
    name = "overprovisioning-workers"

    def decide(
        snapshot: Snapshot, policy: None, memory: None, now_ms: int, chance: Chance
    ) -> Decision[None]:
        seen = snapshot.cluster.deployments[f"overprovisioning/{name}"].replicas
        scale = PatchScale(
            reason="one",
            namespace="overprovisioning",
            name=name,
            replicas=1,
            expected_replicas=seen,
        )
        return Decision(memory, () if seen == 1 else (scale,), Report())

    return _loop(
        Controller("overprovisioning", (PatchScale,), ("workloads",), Phrases({}), _none, decide),
        asked,
        world,
    )


def claiming_all_nodes(asked: Asked, world: LiveWorld) -> tuple[Loop, ...]:
    """A controller that wants to empty every node, every second."""

    def decide(
        snapshot: Snapshot, policy: None, memory: None, now_ms: int, chance: Chance
    ) -> Decision[None]:
        claim = DisruptionClaim("node_autoscaling", "Underutilized", now_ms)
        actions = tuple(
            ClaimDisruption(reason="all of them", node=it.name, node_uid=it.uid, claim=claim)
            for it in snapshot.cluster.nodes.values()
        )
        return Decision(memory, actions, Report(), wake_at_ms=now_ms + 1_000)

    return _loop(
        Controller("node_autoscaling", (ClaimDisruption,), ("nodes",), Phrases({}), _none, decide),
        asked,
        world,
    )


def _none() -> None:
    """Return the memory of a controller that has none."""


def _loop(controller: Controller[None, None], asked: Asked, world: LiveWorld) -> tuple[Loop, ...]:
    sight = Sight(world.cluster, world.cloud, asked.cluster.full_name, tuple, asked.budgets)
    return (ControlLoop(controller, None, sight, 1),)
