"""The snapshot of a running webhook: namespaces and PriorityClasses, as watches tell them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import httpx2

from kingtide.controllers.admission.snapshot import AdmissionSnapshot
from kingtide.kube.wire.kinds import api_kinds
from kingtide.live.kubernetes.reflector import Reflector

KINDS = ("Namespace", "PriorityClass")


class Sight:
    """Follows what rules have to see; `snapshot` leaves out what is too old to judge by."""

    def __init__(self, client: httpx2.AsyncClient, chance: random.Random | None = None) -> None:
        kinds, drawn = api_kinds(), chance or random.Random()
        self._of: dict[str, Reflector] = {
            it: Reflector(client, kinds[it], self._changed, drawn) for it in KINDS
        }
        self._snapshot = AdmissionSnapshot()
        self._is_changed = True

    async def run(self) -> None:
        """Follow until cancelled."""
        await asyncio.gather(*(it.run() for it in self._of.values()))

    def staleness_seconds(self) -> dict[str, float]:
        """Return how old each kind's copy may be."""
        return {name: it.staleness_seconds for name, it in self._of.items()}

    def snapshot(self, max_staleness_seconds: int) -> AdmissionSnapshot:
        """Return what is known and young enough."""
        if self._is_changed:
            self._snapshot = self._taken()
            self._is_changed = False
        young: Callable[[str], bool] = lambda kind: (  # noqa: E731 (two uses, one line)
            self._of[kind].is_synced and self._of[kind].staleness_seconds <= max_staleness_seconds
        )
        found = self._snapshot
        return AdmissionSnapshot(
            found.namespace_labels if young("Namespace") else None,
            found.priority_classes if young("PriorityClass") else None,
        )

    def _taken(self) -> AdmissionSnapshot:
        namespaces, classes = (self._of[it].objects.values() for it in KINDS)
        return AdmissionSnapshot(
            {it.name: it.labels for it in namespaces},
            {it.name: it.global_default for it in classes},
        )

    def _changed(self, _before: object, _after: object) -> None:
        self._is_changed = True
