"""Rights that are installed are what is done with them: every call is granted, none in vain."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

import httpx2
import pytest
from msgspec.structs import replace

from kingtide.control.action import Action, Permission
from kingtide.controllers.admission.webhooks import CONFIGURATION, UrlReach
from kingtide.files.fleet_folder import documents_of, read_fleet_folder
from kingtide.live.kubernetes.connection import cluster_connection
from kingtide.live.kubernetes.rights import CORE, following_rights, performing_rights
from kingtide.operate.admission.process import Listeners, Source, run_webhook
from kingtide.operate.ingress.process import NAME, layout_of, run_ingress
from kingtide.operate.ingress.process import Settings as IngressSettings
from kingtide.operate.ingress.process import Source as IngressSource
from kingtide.operate.installation.admission import grants
from kingtide.operate.installation.aws_policy import policy_statements
from kingtide.operate.installation.cluster_rights import account_with, roles
from kingtide.operate.installation.ingress import grants as ingress_grants
from kingtide.operate.installation.installation import Installation
from kingtide.operate.installation.rules import rules
from kingtide.operate.running.asked import Wanted, read_asked
from kingtide.operate.running.assembly import Chosen, Outlets, run_controllers
from kingtide.operate.running.health import address_of, listening
from kingtide.operate.running.logs import DecisionLog
from kingtide.rehearsal.named import named
from kingtide.rehearsal.prepare import prepare
from kingtide.report.sentences import NO_PHRASES, PHRASES, told
from kingtide.twin.apiserver.aws.account import account_of
from kingtide.twin.apiserver.aws.server import AwsServer
from kingtide.twin.world import World
from tests.contract.granted import Asked, asked, is_granted
from tests.contract.kubernetes_cast import Cast
from tests.contract.kubernetes_scenarios import SCENARIOS
from tests.contract.kubernetes_sides import OverHttp
from tests.served_world import TOKEN, ServedWorld, serving
from tests.small_rehearsal import CLUSTER, with_lines, write_small

SPEED = 20.0
PATIENCE_SECONDS = 90
"""What is waited for takes some ten seconds; a busy machine takes longer."""


class Recorded:
    """The calls that a client made."""

    def __init__(self) -> None:
        self.calls: list[Asked] = []

    async def note(self, request: httpx2.Request) -> None:
        call = asked(request)
        if call is not None:
            self.calls.append(call)

    @contextmanager
    def of(self, client: httpx2.AsyncClient) -> Iterator[None]:
        hooks = client.event_hooks
        client.event_hooks = {"request": [*hooks["request"], self.note], "response": []}
        try:
            yield
        finally:
            client.event_hooks = hooks


def role_of(*rights: Permission) -> dict[str, Any]:
    return {"kind": "ClusterRole", "rules": rules(rights)}


def as_asked(right: Permission) -> tuple[str, str, str]:
    resource = f"{right.resource}/{right.subresource}" if right.subresource else right.resource
    return right.verb, "" if right.api == CORE else right.api, resource


@pytest.mark.parametrize(("actions_on", "expected"), SCENARIOS.values(), ids=SCENARIOS)
def test_actions_make_no_call_that_they_do_not_declare_and_all_that_they_do(
    actions_on: Callable[[Cast], Sequence[Action]], expected: tuple[str, ...], over_http: OverHttp
) -> None:
    recorded = Recorded()
    with over_http.cast() as cast:
        actions = actions_on(cast)
        with recorded.of(over_http.client):
            over_http.perform(actions)
    rights = performing_rights(type(it) for it in actions)
    granted = [role_of(*rights), role_of(*following_rights())]
    assert [str(it) for it in recorded.calls if not is_granted(it, granted)] == []
    made = {(it.verb, it.group, it.resource) for it in recorded.calls}
    writes = [
        as_asked(one) for it in actions for one in type(it).REQUIRES if len(type(it).REQUIRES) == 1
    ]
    assert "done" not in expected or writes == [it for it in writes if it in made]


class Evening:
    """A cluster and its cloud behind their APIs, and the installation that is made for it."""

    def __init__(self, folder: Path) -> None:
        scenario = write_small(folder)
        self.fleet = scenario.parent / "fleet"
        self.asked = read_asked(Wanted(self.fleet, "prod"))
        definition = named(prepare(scenario).definition, self.asked.cluster.full_name)
        world = World(replace(definition, controllers=()))
        world.run_until(definition.start_ms + 60_000)
        self.served = ServedWorld(world, SPEED)
        self.cloud = AwsServer(account_of(world), TOKEN)
        self.recorded = Recorded()

    def installation(self, **settings: Any) -> Installation:
        files = {
            PurePosixPath(it.relative_to(self.fleet).as_posix()): it.read_bytes()
            for it in documents_of(self.fleet)
        }
        return Installation(
            fleet=read_fleet_folder(self.fleet),
            cluster=self.asked.cluster,
            runs=self.asked.runs,
            files=files,
            **settings,
        )

    def run(self, kubeconfig: Path, is_enough: Callable[[], bool], *, is_dry: bool) -> None:
        """Run all controllers against it until enough was seen."""

        async def run() -> None:
            stop = asyncio.Event()
            chosen = Chosen(
                asked=self.asked,
                aws_endpoint=self.cloud.url,
                is_dry=is_dry,
                by_server_clock=True,
            )
            log = DecisionLog(io.StringIO(), told, as_json=True)
            outlets = Outlets(log, lambda name: PHRASES.get(name, NO_PHRASES))
            async with cluster_connection(kubeconfig) as client:
                with self.recorded.of(client):
                    work = asyncio.create_task(run_controllers(client, chosen, outlets, stop))
                    ends = time.monotonic() + PATIENCE_SECONDS
                    while not (is_enough() or work.done()) and time.monotonic() < ends:
                        await asyncio.sleep(0.1)
                    stop.set()
                    await work

        asyncio.run(run())


@pytest.fixture
def evening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Evening]:
    found = Evening(tmp_path)
    for name, value in found.cloud.environment().items():
        monkeypatch.setenv(name, value)
    with serving(found.served) as served:
        answering = asyncio.run_coroutine_threadsafe(found.cloud.run(), served.loop)
        served.call(served.server.clock.go_on)
        yield found
        served.loop.call_soon_threadsafe(found.cloud.stop)
        answering.result(30)


def refused(found: Evening, installed: Installation) -> list[str]:
    documents: list[Any] = [it.body for it in roles(installed)]
    granted = [it for it in documents if "rules" in it]
    return sorted({str(it) for it in found.recorded.calls if not is_granted(it, granted)})


def test_all_that_an_evening_needs_is_granted_in_the_cluster_and_in_aws(
    evening: Evening, tmp_path: Path
) -> None:
    def is_enough() -> bool:
        made = {(it.verb, it.resource) for it in evening.recorded.calls}
        wanted = {("patch", "deployments/scale"), ("create", "events"), ("patch", "leases")}
        return wanted <= made and "autoscaling:SetDesiredCapacity" in evening.cloud.api.calls

    kubeconfig = evening.served.write_kubeconfig(tmp_path)
    evening.run(kubeconfig, is_enough, is_dry=False)
    assert is_enough(), evening.cloud.api.calls

    installed = evening.installation()
    assert refused(evening, installed) == []
    allowed = {verb for it in policy_statements(installed) for verb in it.actions}
    assert set(evening.cloud.api.calls) <= allowed


def test_who_only_watches_needs_no_more_than_to_look(evening: Evening, tmp_path: Path) -> None:
    def is_enough() -> bool:
        return evening.cloud.api.calls.get("autoscaling:DescribeAutoScalingGroups", 0) >= 2

    evening.run(evening.served.write_kubeconfig(tmp_path), is_enough, is_dry=True)
    assert is_enough()

    installed = evening.installation(watch_only=True)
    assert refused(evening, installed) == []
    assert {it.verb for it in evening.recorded.calls} == {"list", "watch"}
    allowed = {verb for it in policy_statements(installed) for verb in it.actions}
    assert set(evening.cloud.api.calls) <= allowed


def test_the_webhook_makes_no_call_in_the_cluster_that_is_not_granted(tmp_path: Path) -> None:
    cluster = with_lines(CLUSTER, ("  stage: prod\n", "  stage: prod\n  admission: {}\n"))
    scenario = write_small(tmp_path, cluster=cluster)
    definition = named(prepare(scenario).definition, "prod.k8s.foo.bar")
    world = World(replace(definition, controllers=()))
    world.run_until(definition.start_ms)
    recorded = Recorded()
    log_text = io.StringIO()
    wanted = {
        ("create", "secrets"),
        ("patch", "mutatingwebhookconfigurations"),
        ("patch", "validatingwebhookconfigurations"),
        ("watch", "namespaces"),
        ("watch", "priorityclasses"),
    }

    async def run(kubeconfig: Path) -> None:
        stop = asyncio.Event()
        webhook = listening("127.0.0.1:0")
        reach = UrlReach(address_of(webhook).replace("http:", "https:"), "127.0.0.1")
        source = Source(scenario.parent / "fleet", "prod")
        log = DecisionLog(log_text, told, as_json=True)
        async with cluster_connection(kubeconfig) as client:
            with recorded.of(client):
                work = asyncio.create_task(
                    run_webhook(client, source, reach, Listeners(webhook), log, stop)
                )
                ends = time.monotonic() + PATIENCE_SECONDS
                while not work.done() and time.monotonic() < ends:
                    if wanted <= {(it.verb, it.resource) for it in recorded.calls}:
                        break
                    await asyncio.sleep(0.1)
                stop.set()
                await work

    with serving(ServedWorld(world, 1.0)) as served:
        asyncio.run(run(served.write_kubeconfig(tmp_path)))
    made = {(it.verb, it.resource) for it in recorded.calls}
    assert wanted <= made, log_text.getvalue()
    documents: list[Any] = [it.body for it in account_with(CONFIGURATION, grants())]
    granted = [it for it in documents if "rules" in it]
    assert [str(it) for it in recorded.calls if not is_granted(it, granted)] == []


def test_the_ingress_controller_makes_no_call_in_the_cluster_that_is_not_granted(
    tmp_path: Path,
) -> None:
    values = "  ingress: {configMap: shop/values, publishService: shop/edge}\n"
    cluster = with_lines(CLUSTER, ("  stage: prod\n", f"  stage: prod\n{values}"))
    scenario = write_small(tmp_path, cluster=cluster)
    world = World(prepare(scenario).definition)
    recorded = Recorded()
    log_text = io.StringIO()
    kinds = ("ingresses", "ingressclasses", "services", "endpointslices", "secrets", "configmaps")
    wanted = {("watch", it) for it in kinds} | {("get", "services"), ("patch", "leases")}

    async def run(kubeconfig: Path) -> None:
        stop = asyncio.Event()
        source = IngressSource(scenario.parent / "fleet", "prod")
        policy, _ = source.read()
        layout = layout_of(policy, tmp_path / "haproxy")
        settings = IngressSettings("/bin/false", layout, drain_seconds=0)
        log = DecisionLog(log_text, told, as_json=True)
        async with cluster_connection(kubeconfig) as client:
            with recorded.of(client):
                work = asyncio.create_task(run_ingress(client, source, settings, None, log, stop))
                ends = time.monotonic() + PATIENCE_SECONDS
                while not work.done() and time.monotonic() < ends:
                    if wanted <= {(it.verb, it.resource) for it in recorded.calls}:
                        break
                    await asyncio.sleep(0.1)
                stop.set()
                await work

    with serving(ServedWorld(world, 1.0)) as served, served.client() as client:
        for name in ("kingtide-system", "shop"):
            client.post(
                "/api/v1/namespaces", json={"kind": "Namespace", "metadata": {"name": name}}
            )
        asyncio.run(run(served.write_kubeconfig(tmp_path)))
    made = {(it.verb, it.resource) for it in recorded.calls}
    assert wanted <= made, log_text.getvalue()
    policy, _ = IngressSource(scenario.parent / "fleet", "prod").read()
    documents: list[Any] = [it.body for it in account_with(NAME, ingress_grants(policy))]
    granted = [it for it in documents if "rules" in it]
    assert [str(it) for it in recorded.calls if not is_granted(it, granted)] == []
