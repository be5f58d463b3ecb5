"""What the controller sees: the objects of traffic, as watches tell them, and what changed."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx2
import msgspec

from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.kube.ingresses import Ingress
from kingtide.kube.services import EndpointSlice
from kingtide.kube.wire.kinds import ApiKind, api_kinds
from kingtide.kube.wire.traffic import traffic_kinds
from kingtide.live.kubernetes.observing.collection import GarbageCollection
from kingtide.live.kubernetes.reflector import Reflector
from kingtide.operate.running.troubles import Trouble

OTHERS_SECRETS = (
    "helm.sh/release.v1",
    "kubernetes.io/service-account-token",
    "bootstrap.kubernetes.io/token",
    "kubernetes.io/dockerconfigjson",
    "kubernetes.io/dockercfg",
    "kubernetes.io/ssh-auth",
)
"""Types of Secrets that are nothing to an Ingress, so that they are not asked for: neither tokens
nor Helm's releases, the bulk of many clusters' Secrets, come here. Rights know no types: who may
list some may list all. Sources: https://kubernetes.io/docs/concepts/configuration/secret/#secret-types
(v1.36), and Helm's own."""


class Changes(msgspec.Struct, frozen=True, gc=False):
    """What changed since it was last looked: Services by their EndpointSlices, or anything else.

    `arrived_at` is when the first of it did, monotonic; None where nothing changed.
    """

    view: TrafficView
    services: frozenset[str] = frozenset()
    is_more: bool = False
    arrived_at: float | None = None


class TrafficSight:
    """Follows all kinds of traffic; `wake` is called at each change."""

    def __init__(
        self,
        client: httpx2.AsyncClient,
        config_map: str,
        chance: random.Random | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.wake: Callable[[], object] = lambda: None
        self._clock = clock
        self._services: set[str] = set()
        self._slices: dict[str, dict[str, EndpointSlice]] = {}
        self._stale: set[str] = set()
        self._arrived_at: float | None = None
        self._view = TrafficView()
        self._collection = GarbageCollection()
        drawn = chance or random.Random()
        self._of: dict[str, Reflector] = {
            name: self._reflector(client, kind, drawn) for name, kind in traffic_kinds().items()
        }
        if config_map:
            kind = api_kinds()["ConfigMap"]
            self._of["ConfigMap"] = self._reflector(client, kind, drawn, config_map)

    def _reflector(
        self, client: httpx2.AsyncClient, kind: ApiKind, chance: random.Random, key: str = ""
    ) -> Reflector:
        sink = self._endpoints if kind.kind == "EndpointSlice" else self._sink(kind.kind)
        others = OTHERS_SECRETS if kind.kind == "Secret" else ()
        return Reflector(
            client,
            kind,
            sink,
            chance,
            object_key=key,
            field_selector=",".join(f"type!={it}" for it in others),
            listing=self._collection.suspended,
        )

    async def run(self) -> None:
        """Follow until cancelled."""
        await asyncio.gather(*(it.run() for it in self._of.values()))

    @property
    def unlisted(self) -> tuple[str, ...]:
        """Kinds that were not listed yet; until all are, nothing is known."""
        return tuple(name for name, it in self._of.items() if not it.is_synced)

    @property
    def ingresses(self) -> Mapping[str, Ingress]:
        """All Ingresses as they are known now, with their statuses."""
        return self._of["Ingress"].objects

    def staleness_seconds(self) -> Mapping[str, float]:
        """Return how old each kind's copy may be."""
        return {name: it.staleness_seconds for name, it in self._of.items()}

    def troubles(self) -> Iterator[Trouble]:
        """Yield what failed of each kind's watch; objects that cannot be read are told there."""
        for name, it in self._of.items():
            yield Trouble(f"watch {name}", it.failures + it.unreadable, it.last_failure)

    def take(self) -> Changes:
        """Return what is there, and what changed since this was called last."""
        services, stale, arrived_at = self._services, self._stale, self._arrived_at
        self._services, self._stale, self._arrived_at = set(), set(), None
        renewed: dict[str, Any] = {
            field: dict(self._of[kind].objects)
            for kind, field in _FIELDS.items()
            if kind in stale and kind in self._of
        }
        if services:
            renewed["slices"] = {
                key: tuple(found[name] for name in sorted(found))
                for key, found in self._slices.items()
            }
        if renewed:
            self._view = msgspec.structs.replace(self._view, **renewed)
        if not self.unlisted:
            self._collection.freeze()
        return Changes(self._view, frozenset(services), bool(stale), arrived_at)

    def _sink(self, kind: str) -> Callable[[Any, Any], None]:
        def told(before: Any, after: Any) -> None:
            if kind == "Ingress" and _is_status_alone(before, after):
                return
            self._stale.add(kind)
            self._arrived()

        return told

    def _endpoints(self, before: EndpointSlice | None, after: EndpointSlice | None) -> None:
        for it in (before, after):
            if it is None or not it.service:
                continue
            key = f"{it.namespace}/{it.service}"
            known = self._slices.setdefault(key, {})
            if it is after:
                known[it.name] = it
            else:
                known.pop(it.name, None)
                if not known:
                    del self._slices[key]
            self._services.add(key)
        self._arrived()

    def _arrived(self) -> None:
        if self._arrived_at is None:
            self._arrived_at = self._clock()
        self.wake()


_FIELDS = {
    "Ingress": "ingresses",
    "IngressClass": "classes",
    "Service": "services",
    "Secret": "secrets",
    "ConfigMap": "config_maps",
}


def _is_status_alone(before: Ingress | None, after: Ingress | None) -> bool:
    """Return whether an Ingress only says otherwise where it is reached, as we write it."""
    if before is None or after is None:
        return False
    bare = msgspec.structs.replace(
        before, resource_version=after.resource_version, addresses=after.addresses
    )
    return bare == after
