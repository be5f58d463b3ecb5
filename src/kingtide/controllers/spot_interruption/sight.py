"""What one pass sees: the noticed nodes, the letters, who was asked to leave, which hooks wait."""

from __future__ import annotations

import msgspec

from kingtide.control.snapshot import Snapshot
from kingtide.controllers.spot_interruption import hooks, mail, surge
from kingtide.controllers.spot_interruption.leaving import AskedByUid, heed
from kingtide.controllers.spot_interruption.memory import SpotInterruptionMemory
from kingtide.controllers.spot_interruption.noticed import Noticed, survey
from kingtide.controllers.spot_interruption.register import look as look_at_nodes
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy


class Sight(msgspec.Struct, frozen=True):
    """What one pass sees."""

    noticed: tuple[Noticed, ...]
    letters: tuple[mail.Letter, ...]
    asked: AskedByUid
    waits: hooks.Waits


def look(
    snapshot: Snapshot,
    policy: SpotInterruptionPolicy,
    memory: SpotInterruptionMemory,
    now_ms: int,
) -> tuple[SpotInterruptionMemory, Sight]:
    """Return what is seen, and the memory with what is known of it from now on."""
    cluster = snapshot.cluster
    register = look_at_nodes(memory.register, cluster, now_ms)
    readings = mail.read(snapshot.inbox, memory.readings)
    post = mail.sort(snapshot, readings, register.node_of, policy, now_ms)
    noticed = survey(cluster, register.noticed, post.notices, policy, now_ms)
    events = [event for letter in post.letters for event in letter.waits]
    memory = msgspec.structs.replace(
        memory,
        register=register,
        readings=readings,
        surges=surge.look(memory.surges, cluster),
    )
    asked = heed(memory.asked, snapshot.outcomes, policy)
    waits = hooks.note(memory.waits, events, snapshot.outcomes)
    return memory, Sight(noticed, post.letters, asked, waits)
