from __future__ import annotations

import asyncio

import httpx2
import pytest

from kingtide.live.kubernetes.observing.observed import Observed
from tests.unit.live.kubernetes.scripted import Scripted, asking, status


def test_a_defect_ends_the_run_and_is_not_hidden() -> None:
    async def run(client: httpx2.AsyncClient) -> None:
        async with asyncio.timeout(20):
            await Observed(client).run()

    with pytest.raises(RuntimeError, match="a defect"):
        asking(Scripted(RuntimeError("a defect")), run)


def test_before_a_list_everything_is_infinitely_stale_and_what_failed_is_told() -> None:
    async def run(client: httpx2.AsyncClient) -> Observed:
        observed = Observed(client, ["kube-system/expander"])
        task = asyncio.create_task(observed.run())
        async with asyncio.timeout(20):
            while not all(it.failures for it in observed.following().values()):
                await asyncio.sleep(0)
        task.cancel()
        return observed

    observed = asking(Scripted(status(403, "Forbidden", "no right to list")), run)
    assert set(observed.staleness_seconds().values()) == {float("inf")}
    assert not observed.is_synced
    following = observed.following()["ConfigMap/kube-system/expander"]
    assert following.last_failure == "ApiRefused: 403 Forbidden: no right to list"
