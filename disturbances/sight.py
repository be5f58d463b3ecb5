"""What somebody sees who only looks: nodes, pods and the queue, past all doors."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import boto3
import httpx2
import msgspec

from disturbances.processes import QUEUE, Twin
from kingtide.fleet.pause_pods import PAUSE_NAMESPACE
from kingtide.live.kubernetes.connection import cluster_connection


class Sight:
    """Looks at a twin. `most_nodes` is how many nodes there were at once, at most."""

    def __init__(self, twin: Twin) -> None:
        self.most_nodes = 0
        self._client = cluster_connection(twin.kubeconfig)
        environment = twin.environment
        self._sqs: Any = boto3.session.Session(
            environment["AWS_ACCESS_KEY_ID"],
            environment["AWS_SECRET_ACCESS_KEY"],
            region_name=environment["AWS_DEFAULT_REGION"],
        ).client("sqs", endpoint_url=environment["AWS_ENDPOINT_URL"])

    async def watch(self, every_seconds: float) -> None:
        """Keep counting nodes until cancelled."""
        while True:
            try:
                nodes = await self._items("/api/v1/nodes")
                self.most_nodes = max(self.most_nodes, len(nodes))
            except httpx2.HTTPError:
                pass  # busy; the next look counts
            await asyncio.sleep(every_seconds)

    async def close(self) -> None:
        """Look no more."""
        await self._client.aclose()
        self._sqs.close()

    async def unfinished(self) -> tuple[str, ...]:
        """Return what has not come to rest: pods that are not Ready, messages nobody read."""
        try:
            pods = await self._items("/api/v1/pods")
            deployments = await self._items("/apis/apps/v1/deployments")
            messages = await asyncio.to_thread(self._messages)
        except httpx2.HTTPError as error:
            return (f"the twin did not answer ({type(error).__name__})",)
        waiting = [it["metadata"]["name"] for it in pods if _waits(it)]
        short = [it["metadata"]["name"] for it in deployments if _is_short(it)]
        found = []
        if waiting:
            found.append(f"{len(waiting)} pods are not Ready, as {waiting[0]}")
        if short:
            found.append(f"{len(short)} Deployments lack replicas, as {short[0]}")
        if messages:
            found.append(f"{messages} messages are in the queue")
        return tuple(found)

    async def _items(self, path: str) -> list[dict[str, Any]]:
        response = await self._client.get(path)
        response.raise_for_status()
        found: list[dict[str, Any]] = msgspec.json.decode(response.content)["items"]
        return found

    def _messages(self) -> int:
        url = self._sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        told = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(told[name]) for name in names)


def _waits(pod: Mapping[str, Any]) -> bool:
    """Whether a pod that shall run is not Ready; pause pods only keep room."""
    if pod["metadata"]["namespace"] == PAUSE_NAMESPACE:
        return False
    conditions = pod["status"].get("conditions") or ()
    return not any(it["type"] == "Ready" and it["status"] == "True" for it in conditions)


def _is_short(deployment: Mapping[str, Any]) -> bool:
    wanted: int = deployment["spec"].get("replicas", 1)
    ready: int = (deployment.get("status") or {}).get("readyReplicas", 0)
    return deployment["metadata"]["namespace"] != PAUSE_NAMESPACE and ready < wanted
