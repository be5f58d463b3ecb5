"""Which pods leave in this pass, and which Deployments get one more first."""

from __future__ import annotations

import msgspec

from kingtide.control.snapshot import ClusterView, Snapshot
from kingtide.controllers.spot_interruption import surge
from kingtide.controllers.spot_interruption.leaving import Leaving, leaving_pods, remember
from kingtide.controllers.spot_interruption.memory import SpotInterruptionMemory
from kingtide.controllers.spot_interruption.order import Chosen, choose
from kingtide.controllers.spot_interruption.sight import Sight
from kingtide.controllers.spot_interruption.standing import may_be_emptied
from kingtide.controllers.spot_interruption.waves import Waves
from kingtide.controllers.spot_interruption.writes import Writes
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy


def let_go(
    snapshot: Snapshot,
    sight: Sight,
    policy: SpotInterruptionPolicy,
    memory: SpotInterruptionMemory,
    writes: Writes,
    now_ms: int,
) -> tuple[SpotInterruptionMemory, tuple[Leaving, ...], Chosen]:
    """Choose the pods that leave now, and the Deployments that get one more first."""
    cluster, start_ms = snapshot.cluster, policy.pod_start_seconds * 1000
    ready = [
        (it.node, it.notice, it.crowd)
        for it in sight.noticed
        if it.intent == "empty" and not it.is_over and may_be_emptied(it.node)
    ]
    leaving = tuple(leaving_pods(ready, sight.asked, policy, now_ms))
    begun = surge.begin(leaving, cluster, memory.surges, policy, now_ms)
    pods_left = _with_pods_left(sight, memory, cluster)
    for scale in (*begun, *surge.take_back(memory.surges, pods_left, cluster)):
        writes.ask(f"deployment/{scale.namespace}/{scale.name}/{scale.replicas}", scale)
    surging = surge.Surging(memory.surges, begun, cluster, start_ms, now_ms)
    chosen = Chosen()
    if leaving:
        waves = Waves(leaving, sight.asked, start_ms, now_ms)
        allowed = memory.evictions.left(policy.evictions_per_second, now_ms)
        chosen = choose(leaving, waves, cluster, policy, allowed, now_ms, surging.holds)
    asked = remember(sight.asked, cluster, chosen.go, start_ms, now_ms)
    return msgspec.structs.replace(memory, asked=asked), leaving, chosen


def _with_pods_left(
    sight: Sight, memory: SpotInterruptionMemory, cluster: ClusterView
) -> dict[str, None]:
    """Return the Deployments that still have pods, not told to go, on noticed nodes."""
    found: dict[str, None] = {}
    looked_at: dict[str, None] = {}
    for it in sight.noticed if memory.surges.marked else ():
        for guest in it.crowd.untold:
            if guest.owner in looked_at:
                continue
            looked_at[guest.owner] = None
            deployment = surge.deployment_of(guest.pod, cluster)
            if deployment is not None:
                found[deployment.key] = None
    return found
