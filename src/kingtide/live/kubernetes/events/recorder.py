"""Writes Events, beside everything else and never in its way: what does not fit is counted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx2

from kingtide.kube.wire.times import time_text
from kingtide.live.kubernetes.events.series import Counted, Series
from kingtide.live.kubernetes.events.told_event import Regarding, ToldEvent
from kingtide.live.kubernetes.failures import ApiRefused
from kingtide.live.kubernetes.performing.answers import FAILURES, answer_of
from kingtide.live.kubernetes.performing.api import Api
from kingtide.live.kubernetes.performing.write_rate import WriteRate

EVENTS_PER_SECOND, BURST = 5, 50
"""A tenth of what actions may write: Events are for people, and people read slowly."""
LOOK_SECONDS = 1.0
"""How often it is looked for what is to be written."""


class EventRecorder:
    """Takes events at any moment, and writes them while `run` runs."""

    def __init__(
        self,
        client: httpx2.AsyncClient,
        identity: str,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        rate: WriteRate | None = None,
    ) -> None:
        self.counted = Counted()
        self.written = 0
        self.failures = 0
        self.last_failure = ""
        self._identity = identity[:128]
        self._now_ms = now_ms
        self._api = Api(client, rate or WriteRate(EVENTS_PER_SECOND, BURST))

    def tell(self, event: ToldEvent | None) -> None:
        """Have an event written soon; None is none."""
        if event is not None:
            self.counted.tell(event, self._now_ms())

    async def run(self) -> None:
        """Write what was told until cancelled."""
        while True:
            await self.write_due()
            await asyncio.sleep(LOOK_SECONDS)

    async def write_due(self) -> None:
        """Write what is to be written now; a failure is counted, and its event tried next time."""
        for series in self.counted.due(self._now_ms()):
            count, series.written_ms = series.count, self._now_ms()
            try:
                await self._write(series)
            except FAILURES as error:
                self.failures += 1
                self.last_failure = answer_of(error).message
            else:
                series.count_written = count
                self.written += 1

    async def _write(self, series: Series) -> None:
        path = f"/api/v1/namespaces/{series.namespace}/events"
        if not series.count_written or not await self._raise_count(path, series):
            await self._api.write("POST", path, self._body(series))

    async def _raise_count(self, path: str, series: Series) -> bool:
        """Return whether the Event was there to be changed: somebody may have deleted it."""
        body = {
            "count": series.count,
            "lastTimestamp": time_text(series.last_ms),
            "message": series.told.message,
        }
        try:
            await self._api.write(
                "PATCH", f"{path}/{series.name}", body, "application/merge-patch+json"
            )
        except ApiRefused as error:
            if error.code != 404:
                raise
            return False
        return True

    def _body(self, series: Series) -> dict[str, Any]:
        told = series.told
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": series.name, "namespace": series.namespace},
            "involvedObject": _reference(told.regarding),
            "type": told.type,
            "reason": told.reason,
            "message": told.message,
            "source": {"component": f"kingtide/{told.controller}"},
            "reportingComponent": f"kingtide.dev/{told.controller}",
            "reportingInstance": self._identity,
            "firstTimestamp": time_text(series.first_ms),
            "lastTimestamp": time_text(series.last_ms),
            "count": series.count,
        }


def _reference(it: Regarding) -> dict[str, str]:
    """Return the object's reference; what is empty is left out."""
    body = {
        "kind": it.kind,
        "apiVersion": it.api_version,
        "namespace": it.namespace,
        "name": it.name,
        "uid": it.uid,
    }
    return {name: value for name, value in body.items() if value}
