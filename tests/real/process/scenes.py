"""What is done to the served cluster from outside, and what is seen of a process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from itertools import pairwise
from typing import Any

from kingtide.control.action import PatchScale
from tests.running_process import Running, Site


def play(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(scene())


def lease_holder(place: Site) -> str:
    path = "/apis/coordination.k8s.io/v1/namespaces/kingtide-system/leases/kingtide"
    with place.served.client() as client:
        return str(client.get(path).json()["spec"].get("holderIdentity", ""))


def patch_namespace(place: Site, cluster: str) -> None:
    body = {"metadata": {"annotations": {"kingtide.dev/cluster": cluster}}}
    with place.served.client() as client:
        client.patch(
            "/api/v1/namespaces/kingtide-system",
            json=body,
            headers={"Content-Type": "application/merge-patch+json"},
        ).raise_for_status()


def events(place: Site) -> list[dict[str, Any]]:
    with place.served.client() as client:
        return list(client.get("/api/v1/events").json()["items"])


def written(place: Site) -> list[str]:
    """The versions of all that a process writes: Events, its Lease, Deployments, Nodes."""
    leases = "/apis/coordination.k8s.io/v1/leases"
    paths = ("/api/v1/events", leases, "/apis/apps/v1/deployments", "/api/v1/nodes")
    with place.served.client() as client:
        found = [it for path in paths for it in client.get(path).json()["items"]]
    return [f"{it['metadata']['name']} {it['metadata']['resourceVersion']}" for it in found]


def scale_pause_pods(place: Site, replicas: int) -> None:
    path = "/apis/apps/v1/namespaces/overprovisioning/deployments/overprovisioning-workers/scale"
    with place.served.client() as client:
        client.patch(
            path,
            json={"spec": {"replicas": replicas}},
            headers={"Content-Type": "application/merge-patch+json"},
        ).raise_for_status()


def scaled(process: Running) -> int:
    """How many times a process asked for another number of pause pods, done or not."""
    asked = [it for entry in process.entries() for it in entry.actions]
    return sum(isinstance(it, PatchScale) for it in asked)


async def counts(process: Running, metric: str, code: str, at_least: int) -> bool:
    seen = await process.metrics()
    return seen.get(f'{metric}{{code="{code}"}}', 0) >= at_least


async def is_ready(process: Running) -> bool:
    return (await process.get("/readyz")).status_code == 200


def assert_told_once_a_span(codes: Sequence[str], *of: str) -> None:
    """What holds back is told when it begins and ends; an answer of the cloud may end it, say."""
    told = [it for it in codes if it.removesuffix("Ended") in of]
    assert told
    assert all(before != after for before, after in pairwise(told)), told
