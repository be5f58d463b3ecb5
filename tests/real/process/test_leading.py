"""Who leads and who stands by: whole processes against a twin behind HTTP."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from kingtide.live.kubernetes.connection import cluster_connection
from tests.bad_connections import SilentWatches, TurnedToken
from tests.real.process.controllers import keeping_one_pause_pod
from tests.real.process.scenes import (
    is_ready,
    lease_holder,
    patch_namespace,
    play,
    scale_pause_pods,
    scaled,
)
from tests.running_process import Running, Site, running, until
from tests.served_world import TOKEN

QUIET_SECONDS = 1.0
"""The twin's clock stands still: nothing happens to Deployments that the test does not do."""


def test_who_stands_by_is_ready_and_decides_only_on_what_it_lists_when_it_leads(
    place: Site,
) -> None:
    """The watches of the second process do not tell it what the first one wrote last."""
    of_first, of_second = SilentWatches(), SilentWatches()
    first_one, second_one = (place.chosen(identity=it) for it in ("first", "second"))
    keeping = keeping_one_pause_pod
    scale_pause_pods(place, 0)

    async def scene() -> None:
        async with AsyncExitStack() as both:
            first = await both.enter_async_context(
                running(place, first_one, loops=keeping, wrap=of_first.over)
            )
            await until(lambda: scaled(first) == 1)
            second = await both.enter_async_context(
                running(place, second_one, name="second", loops=keeping, wrap=of_second.over)
            )
            await until(lambda: is_ready(second))
            assert (await second.metrics())["kingtide_leader"] == 0
            of_first.begin()
            await until(lambda: _is_quiet(second))  # so that what is heard then is the change
            changed_at = time.monotonic()
            scale_pause_pods(place, 0)
            await until(lambda: _heard_of_deployments(second, changed_at))
            of_second.begin()
            of_first.end()
            await until(lambda: scaled(first) == 2)
            await first.end()
            await until(second.passed)
            seen = await second.metrics()
            assert seen['kingtide_lists_total{watched="Deployment"}'] == 2
            assert seen["kingtide_leader_terms_total"] == 1
            assert scaled(second) == 0

    play(scene)


async def _deployments_staleness(process: Running) -> float:
    return (await process.metrics())['kingtide_view_staleness_seconds{watched="Deployment"}']


async def _is_quiet(process: Running) -> bool:
    return await _deployments_staleness(process) > QUIET_SECONDS


async def _heard_of_deployments(process: Running, since: float) -> bool:
    asked_at = time.monotonic()
    return asked_at - await _deployments_staleness(process) > since


def test_who_leads_reads_the_queue_and_what_it_held_comes_to_the_next_one_at_once(
    place: Site,
) -> None:
    queue = place.served.world.cloud.queue
    place.served.call(lambda: queue.send(lambda message_id: "no message that anybody knows"))
    place.served.run_on(5)
    # Nobody acknowledges: a controller that does not look at messages.
    first_one, second_one = (
        place.chosen(queue="kingtide-interruptions", identity=it) for it in ("first", "second")
    )
    keeping = keeping_one_pause_pod

    async def scene() -> None:
        async with AsyncExitStack() as both:
            first = await both.enter_async_context(running(place, first_one, loops=keeping))
            await until(lambda: _holds(first, 1))
            second = await both.enter_async_context(
                running(place, second_one, name="second", loops=keeping)
            )
            await until(lambda: is_ready(second))
            polls = 'kingtide_aws_calls_total{call="sqs:ReceiveMessage"}'
            assert polls not in await second.metrics()
            await first.end()
            # No time passes in the twin: no visibility timeout brings it back.
            await until(lambda: _holds_at_once(place, second, 1))
            # Calls that are cancelled while they connect leave sockets to the garbage collector.
            await until(second.passed)

    play(scene)


async def _holds_at_once(place: Site, process: Running, messages: int) -> bool:
    place.served.run_on(0)  # the queue's own events of now
    return await _holds(process, messages)


async def _holds(process: Running, messages: int) -> bool:
    return (await process.metrics())["kingtide_queue_messages"] == messages


def test_a_service_account_is_enough_and_its_token_is_read_again(
    place: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = tmp_path / "serviceaccount"
    account.mkdir()
    (account / "token").write_text(TOKEN)
    (account / "namespace").write_text("kingtide-system")
    (account / "ca.crt").write_bytes(place.served.server.authority)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(place.served.server.port))
    monkeypatch.delenv("KUBECONFIG", raising=False)

    turned = TurnedToken(TOKEN, "another")

    async def scene() -> None:
        client = cluster_connection(service_account=account)
        async with running(place, place.chosen(), client=client, wrap=turned.over) as process:
            await until(process.passed)
            (account / "token").write_text("another")  # as the kubelet does every hour
            turned.turn()
            patch_namespace(place, "staging.k8s.foo.bar")
            await until(lambda: turned.refused > 0)
            await until(lambda: _renewed(process, place))
            assert "OtherCluster" in process.codes()
            assert (await process.metrics())["kingtide_lease_failures_total"] == 0

    play(scene)


async def _renewed(process: Running, place: Site) -> bool:
    return (await process.metrics())["kingtide_leader"] == 1 and bool(lease_holder(place))
