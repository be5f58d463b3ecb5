"""Writes where Ingresses are reached into their status: one process does, whoever leads.

Source: https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-v1/ (v1.36).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

import msgspec

from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.ingresses import Ingress
from kingtide.kube.wire.ingresses import BalancedStatus, status_body
from kingtide.kube.wire.traffic import traffic_kinds
from kingtide.live.kubernetes.failures import ApiRefused
from kingtide.live.kubernetes.performing.answers import FAILURES, answer_of
from kingtide.live.kubernetes.performing.api import Api

LOOK_SECONDS = 2.0
"""Between two looks: a new Ingress has its address within it."""
BALANCER_SECONDS = 30.0
"""Between two questions for the Service's load balancer, whose name changes once in its life."""
AT_ONCE = 100
"""Statuses a look writes at most; at 50 writes a second 2,000 of them take 40 s."""


class _Service(msgspec.Struct):
    status: BalancedStatus = BalancedStatus()


class Statuses:
    """Looks and writes. `served` are the Ingresses that have effect, as they are known."""

    def __init__(
        self,
        api: Api,
        policy: Callable[[], IngressPolicy],
        served: Callable[[], Iterable[Ingress]],
        may_write: Callable[[], bool],
    ) -> None:
        self.written = 0
        self.failures = 0
        self.last_failure = ""
        self._api = api
        self._policy = policy
        self._served = served
        self._may_write = may_write
        self._addresses: tuple[str, ...] = ()
        self._looks = 0

    async def run(self) -> None:
        """Keep statuses until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if self._may_write():
                await self.look()

    async def look(self) -> None:
        """Write what is not as it should be; a failure is counted, and tried at the next look."""
        try:
            wanted = await self._wanted()
        except FAILURES as error:
            self._note(error)
            return
        if not wanted:
            return  # nothing is known of addresses: what stands there may be right
        stale = [it for it in self._served() if it.addresses != wanted]
        for ingress in stale[:AT_ONCE]:
            try:
                await self._write(ingress, wanted)
            except FAILURES as error:
                if not isinstance(error, ApiRefused) or error.code != 404:
                    self._note(error)

    async def _wanted(self) -> tuple[str, ...]:
        policy = self._policy()
        if policy.publish_addresses or not policy.publish_service:
            return policy.publish_addresses
        if not self._addresses or self._looks % int(BALANCER_SECONDS / LOOK_SECONDS) == 0:
            namespace, _, name = policy.publish_service.rpartition("/")
            body = await self._api.read(f"{traffic_kinds()['Service'].path(namespace)}/{name}")
            self._addresses = msgspec.json.decode(body, type=_Service).status.addresses
        self._looks += 1
        return self._addresses

    async def _write(self, ingress: Ingress, wanted: tuple[str, ...]) -> None:
        path = f"{traffic_kinds()['Ingress'].path(ingress.namespace)}/{ingress.name}/status"
        body = {"status": status_body(wanted)}
        await self._api.write("PATCH", path, body, "application/merge-patch+json")
        self.written += 1

    def _note(self, error: Exception) -> None:
        self.failures += 1
        assert isinstance(error, FAILURES)
        self.last_failure = answer_of(error).message
