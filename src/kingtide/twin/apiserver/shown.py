"""What the API shows of an object beyond its value: the word of kubelets and controllers.

The value of the twin says what decides; clients also print where a pod's address is, which kernel a
node runs, and how far a DaemonSet has come. All of it derives from the world.
"""

from __future__ import annotations

from typing import Any

from kingtide.kube.wire.times import time_text
from kingtide.twin.world import SETTLED_FOR_MS, World

Body = dict[str, Any]


class Shown:
    """Completes bodies."""

    def __init__(self, world: World) -> None:
        definition = world.definition
        begun_ms = definition.start_ms - definition.warm_up_ms - SETTLED_FOR_MS
        self._begun = time_text(begun_ms)

    def time(self, at_ms: int) -> str:
        """Return a time as the API writes it."""
        return time_text(at_ms)

    def body(self, value: Any, body: Body) -> Body:
        """Return the body of a value, completed; `body` is changed."""
        body["metadata"].setdefault("creationTimestamp", self._begun)
        return body
