"""What a shadow sees the world with: watches and describe calls, and nothing that could write.

No performer is made and no lease is asked for. Should a part of it write all the same, it fails
before anything is sent: the cluster's client takes reading methods alone, AWS' client no writes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

import httpx2

from kingtide.aws.autoscaling import CapacityPool
from kingtide.aws.instance_types import UnknownInstanceType
from kingtide.aws.prices import REFERENCE_REGION
from kingtide.control.controller import Topic
from kingtide.kube.namespaces import CLUSTER_ANNOTATION, KINGTIDE_NAMESPACE
from kingtide.kube.nodes import INSTANCE_TYPE_LABEL
from kingtide.live.aws.client import AwsClient
from kingtide.live.aws.failures import AwsFailure
from kingtide.live.aws.groups import cluster_selection
from kingtide.live.aws.spot_prices import SpotPrices
from kingtide.live.aws.view import AwsView
from kingtide.live.kubernetes.observing.collection import GarbageCollection
from kingtide.live.kubernetes.observing.observed import Observed
from kingtide.operate.running.asked import Asked
from kingtide.operate.running.assembly import followed_config_maps

READING = ("GET", "HEAD", "OPTIONS")
PRICES_SECONDS = 60.0
"""How often it is looked for types without a fresh price; a price is asked for every five minutes.
"""


class ReadOnly(Exception):
    """Something was to be written where nothing may be: a defect, and nothing was sent."""


async def refuse_writes(request: httpx2.Request) -> None:
    """Let a request through that reads.

    Raises:
        ReadOnly: it does not.
    """
    if request.method not in READING:
        raise ReadOnly(f"{request.method} {request.url.path}")


class Eyes:
    """A cluster and a cloud account as their APIs tell them; `run` keeps both current."""

    def __init__(
        self,
        client: httpx2.AsyncClient,
        asked: Asked,
        aws_endpoint: str | None,
        now_ms: Callable[[], int],
    ) -> None:
        client.event_hooks["request"].append(refuse_writes)
        spec = asked.cluster.spec
        self._observed = Observed(
            client, followed_config_maps(asked.cluster, asked.runs), collection=GarbageCollection()
        )
        aws = AwsClient(spec.region, aws_endpoint, may_write=lambda: False)
        self._view = AwsView(aws, cluster_selection(asked.cluster.full_name), now_ms)
        self._prices = SpotPrices(aws, spec.region or REFERENCE_REGION, now_ms)
        self.cluster = self._observed.index
        self.cloud = self._view

    async def run(self) -> None:
        """Keep everything current until cancelled; raises what ends any part of it."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._observed.run())
            tasks.create_task(self._view.run())
            tasks.create_task(self._keep_prices())

    def take_in(self) -> tuple[Topic, ...]:
        """Take in what arrived since the last time; return what it was about."""
        return self._observed.take_in()

    async def changed(self) -> None:
        """Return as soon as something has arrived that was not taken in."""
        await self._observed.changed()

    def staleness_seconds(self) -> Mapping[str, float]:
        """Return, by what is watched, how long nothing was heard of it."""
        found = dict(self._observed.staleness_seconds())
        found["autoScalingGroups"] = self._view.staleness_seconds
        return found

    def identity(self) -> str | None:
        """Return the cluster's full name where its namespace says it, None elsewhere."""
        namespace = self.cluster.namespaces.get(KINGTIDE_NAMESPACE)
        return None if namespace is None else namespace.annotations.get(CLUSTER_ANNOTATION)

    def price(self, pool: CapacityPool) -> int | None:
        """Return what an instance costs an hour in micro-USD, None where nobody knows."""
        try:
            return self._prices.micro_usd_per_hour(pool)
        except UnknownInstanceType:
            return None

    async def _keep_prices(self) -> None:
        while True:
            types = {name: None for it in self.cloud.groups.values() for name in it.instance_types}
            for node in self.cluster.nodes.values():
                types[node.labels.get(INSTANCE_TYPE_LABEL, "")] = None
            types.pop("", None)
            with suppress(AwsFailure):  # what was known stays, and beside it the table of prices
                await self._prices.refresh(types)
            await asyncio.sleep(PRICES_SECONDS if types else 1.0)
