"""What spot_interruption remembers between two passes; losing it is safe.

What was decided of a node stands on it (taint, claims, label), what a group waits for stands in its
message, a replica more on its Deployment. A loss costs calls that are made twice: the same claim,
the same taint, an eviction of a pod that is going already.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.aws.interruptions.queue_body import Reading
from kingtide.controllers.spot_interruption.hooks import Waits
from kingtide.controllers.spot_interruption.leaving import AskedByUid
from kingtide.controllers.spot_interruption.pace import Pace
from kingtide.controllers.spot_interruption.register import Register
from kingtide.controllers.spot_interruption.surge import Surges


class SpotInterruptionMemory(msgspec.Struct, frozen=True):
    """A value: every pass makes a new one and shares what did not change.

    `written_ms` is when a call was last made, by what it is for (`node/step`, `message/id`), so
    that it is not made again before the watch could show it. `refused` says why a node's claim of
    disruption was refused when it was last asked for. `said` is the last verdict's code by subject.
    """

    register: Register = Register()
    readings: Mapping[str, Reading] = {}
    waits: Waits = {}
    asked: AskedByUid = {}
    surges: Surges = Surges()
    written_ms: Mapping[str, int] = {}
    writes: Pace = Pace()
    evictions: Pace = Pace()
    refused: Mapping[str, str] = {}
    said: Mapping[str, str] = {}
