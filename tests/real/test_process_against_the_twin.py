"""The whole process against a twin behind HTTP: what it serves, refuses, tells and survives."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kingtide.cli.failure import ExitCode
from kingtide.cli.reached_cluster import told
from kingtide.control.action import PatchScale
from kingtide.control.chance import Chance
from kingtide.control.claims import DisruptionClaim
from kingtide.control.controller import Controller
from kingtide.control.decision import Decision
from kingtide.control.deliberation import Loop
from kingtide.control.loop import ControlLoop, Sight
from kingtide.control.node_actions import ClaimDisruption
from kingtide.control.report import Phrases, Report
from kingtide.control.snapshot import Snapshot
from kingtide.fleet.policies.safety import SafetyPolicy
from kingtide.live.kubernetes.connection import cluster_connection
from kingtide.operate.running.asked import Asked
from kingtide.operate.running.beginning import NoPass
from kingtide.operate.running.journal import JOURNAL
from kingtide.operate.running.live_world import LiveWorld
from kingtide.twin.apiserver.aws.signature import ACCESS_KEY_ID
from tests.bad_connections import SilentWatches, SpoiltPods, TurnedToken, UnreadyNodes
from tests.running_process import Running, Site, running, site, until
from tests.served_world import TOKEN

QUIET_SECONDS = 1.0
"""The twin's clock stands still: nothing happens to Deployments that the test does not do."""


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", TOKEN)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("site")) as found:
        yield found


@pytest.fixture
def place(served: Site, tmp_path: Path) -> Site:
    """The one cluster of all tests, with journals of the test's own; nobody leads it."""
    patch_namespace(served, "prod.k8s.foo.bar")
    served.journals = tmp_path
    return served


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


def test_it_decides_serves_its_health_writes_events_and_gives_the_lease_back(place: Site) -> None:
    scale_pause_pods(place, 0)

    async def scene() -> None:
        async with running(place, place.chosen()) as process:
            await until(process.passed)
            assert (await process.get("/healthz")).text == "ok\n"
            assert (await process.get("/readyz")).text == "ok\n"
            seen = await process.metrics()
            assert seen["kingtide_leader"] == 1
            assert seen["kingtide_first_pass_seconds"] > 0
            assert (
                seen['kingtide_aws_calls_total{call="autoscaling:DescribeAutoScalingGroups"}'] >= 1
            )
            # The view was made under the Lease: nothing is listed twice at the start of a term.
            terms = seen["kingtide_leader_terms_total"]
            assert seen['kingtide_lists_total{watched="Pod"}'] == terms
            assert lease_holder(place)
            await until(lambda: any(it["reason"] == "PatchScale" for it in events(place)))
        done = [it for entry in process.entries() for it in entry.outcomes if it.status == "done"]
        assert any(isinstance(it.action, PatchScale) for it in done)
        told = {it["reason"]: it["involvedObject"]["kind"] for it in events(place)}
        assert told["PatchScale"] == "Deployment"

    play(scene)
    assert lease_holder(place) == ""


def test_a_dry_run_writes_nothing_at_all(place: Site) -> None:
    scale_pause_pods(place, 0)
    before = written(place)
    keeping = keeping_one_pause_pod

    async def scene() -> None:
        async with running(place, place.chosen(is_dry=True), loops=keeping) as process:
            await until(process.passed)
            outcomes = {it.code for entry in process.entries() for it in entry.outcomes}
            assert outcomes == {"DryRun"}

    play(scene)
    assert written(place) == before


def test_another_cluster_is_left_alone_until_it_is_the_one_meant(place: Site) -> None:
    patch_namespace(place, "staging.k8s.foo.bar")

    async def scene() -> None:
        async with running(place, place.chosen()) as process:
            await until(lambda: "OtherCluster" in process.codes())
            ready = await process.get("/readyz")
            assert (ready.status_code, "staging.k8s.foo.bar" in ready.text) == (503, True)
            await until(lambda: _counts(process, "kingtide_refusals_total", "OtherCluster", 2))
            seen = await process.metrics()
            assert seen['kingtide_held_back{code="OtherCluster"}'] == 1
            assert not process.passed()
            patch_namespace(place, "prod.k8s.foo.bar")
            await until(process.passed)
            assert 'kingtide_held_back{code="OtherCluster"}' not in await process.metrics()
        assert "OtherClusterEnded" in process.codes()
        assert_told_once_a_span(process.codes(), "OtherCluster")

    play(scene)


def test_one_pass_that_cannot_be_made_is_told_with_its_reason_within_a_bound(place: Site) -> None:
    patch_namespace(place, "staging.k8s.foo.bar")

    async def scene(seconds: int) -> None:
        chosen = place.chosen(is_once=True, once_seconds=seconds)
        async with running(place, chosen, name=f"within {seconds} s") as process:
            await process.ended()

    for seconds in (2, 8, 32):  # a busy machine may not have listed all within the shorter ones
        with pytest.raises(NoPass, match=rf"no pass within {seconds} s: ") as found:
            play(lambda: scene(seconds))  # noqa: B023 (it is played here)
        assert told(found.value).exit_code == ExitCode.NO
        assert lease_holder(place) == ""
        if "the cluster staging" in str(found.value):
            return
        assert "not been listed yet" in str(found.value)
    raise AssertionError("it is not told that this is another cluster")


async def _counts(process: Running, metric: str, code: str, at_least: int) -> bool:
    seen = await process.metrics()
    return seen.get(f'{metric}{{code="{code}"}}', 0) >= at_least


def test_a_view_that_grows_old_is_not_decided_on(place: Site) -> None:
    # The twin's clock stands still: after its lists the server says nothing more.
    async def scene() -> None:
        chosen = place.chosen(safety=SafetyPolicy(max_staleness_seconds=1))
        async with running(place, chosen) as process:
            await until(lambda: "StaleView" in process.codes())
            assert (await process.get("/readyz")).status_code == 503
            await until(lambda: _refused_again(process, "StaleView"))
        assert_told_once_a_span(process.codes(), "StaleView", "PartialView")

    play(scene)


def assert_told_once_a_span(codes: Sequence[str], *of: str) -> None:
    """What holds back is told when it begins and ends; an answer of the cloud may end it, say."""
    told = [it for it in codes if it.removesuffix("Ended") in of]
    assert told
    assert all(before != after for before, after in pairwise(told)), told


async def _refused_again(process: Running, code: str) -> bool:
    """Whether more was refused for a reason than it was told."""
    return await _counts(process, "kingtide_refusals_total", code, process.codes().count(code) + 1)


def test_a_full_disk_stops_no_controller_and_is_told(place: Site) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    (place.journals / "journal").mkdir()
    (place.journals / "journal" / JOURNAL).symlink_to(full)

    async def scene() -> None:
        async with running(place, place.chosen()) as process:
            await until(process.passed)
            seen = await process.metrics()
            assert seen["kingtide_journal_works"] == 0
            assert seen['kingtide_journal_entries_total{result="lost"}'] >= 1
            assert seen['kingtide_pass_seconds_count{controller="node_autoscaling"}'] >= 1
            told = [it for it in process.log_lines() if "journal cannot" in it["event"]]
            assert [it["why"] for it in told] == ["No space left on device"]
            (place.journals / "journal" / JOURNAL).unlink()
            patch_namespace(place, "staging.k8s.foo.bar")  # which is journaled
            await until(lambda: _works(process))

    play(scene)


async def _works(process: Running) -> bool:
    return (await process.metrics())["kingtide_journal_works"] == 1


def test_changed_files_take_effect_and_wrong_ones_do_not(place: Site) -> None:
    cluster = place.fleet / "clusters" / "prod.yaml"
    written_before = cluster.read_text()

    async def scene() -> None:
        async with running(place, place.chosen()) as process:
            await until(process.passed)
            cluster.write_text(written_before + "  autoscaler: {maxNodeProvisionTime: soon}\n")
            await until(lambda: "PolicyInvalid" in process.codes())
            assert (await process.metrics())["kingtide_policy_valid"] == 0
            assert "clusters/prod.yaml:" in process.log_text
            cluster.write_text(written_before + "  autoscaler: {maxNodeProvisionTime: 7m}\n")
            await until(lambda: "PolicyChanged" in process.codes())
            seen = await process.metrics()
            assert seen["kingtide_policy_valid"] == 1
            assert seen['kingtide_policy_reloads_total{result="changed"}'] == 1
        verdicts = [it for entry in process.entries() for it in entry.report.verdicts]
        (changed,) = [it.details["changed"] for it in verdicts if it.code == "PolicyChanged"]
        assert changed == "node_autoscaling changed"
        assert "PolicyInvalidEnded" in process.codes()

    try:
        play(scene)
    finally:
        cluster.write_text(written_before)


def test_bounds_of_safety_that_change_hold_from_the_next_pass_on(place: Site) -> None:
    """The twin's clock stands still: after its lists the server says nothing more."""
    cluster = place.fleet / "clusters" / "prod.yaml"
    written_before = cluster.read_text()

    async def scene() -> None:
        async with running(place, place.chosen()) as process:
            await until(process.passed)
            cluster.write_text(written_before + "  safety: {maxStaleness: 1s}\n")
            await until(lambda: "StaleView" in process.codes())
        verdicts = [it for entry in process.entries() for it in entry.report.verdicts]
        (changed,) = [it.details["changed"] for it in verdicts if it.code == "PolicyChanged"]
        assert changed == "safety changed"

    try:
        play(scene)
    finally:
        cluster.write_text(written_before)


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
            await until(lambda: _is_ready(second))
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


async def _is_ready(process: Running) -> bool:
    return (await process.get("/readyz")).status_code == 200


def scaled(process: Running) -> int:
    """How many times a process asked for another number of pause pods, done or not."""
    asked = [it for entry in process.entries() for it in entry.actions]
    return sum(isinstance(it, PatchScale) for it in asked)


def scale_pause_pods(place: Site, replicas: int) -> None:
    path = "/apis/apps/v1/namespaces/overprovisioning/deployments/overprovisioning-workers/scale"
    with place.served.client() as client:
        client.patch(
            path,
            json={"spec": {"replicas": replicas}},
            headers={"Content-Type": "application/merge-patch+json"},
        ).raise_for_status()


def test_objects_that_cannot_be_read_are_counted_and_the_rest_is_decided_on(place: Site) -> None:
    async def scene() -> None:
        async with running(place, place.chosen(), wrap=SpoiltPods.over) as process:
            await until(process.passed)
            seen = await process.metrics()
            assert seen['kingtide_unreadable_objects_total{watched="Pod"}'] == SpoiltPods.UNREADABLE
            assert seen['kingtide_view_objects{watched="Pod"}'] > SpoiltPods.READABLE
            await until(lambda: "watch Pod" in process.log_text)
            assert len(process.log_text) < 1_000_000  # not the three megabytes

    play(scene)


def test_a_pass_disturbs_a_bounded_share_of_nodes_and_says_so_once(place: Site) -> None:
    async def scene() -> None:
        async with running(place, place.chosen(), loops=claiming_all_nodes) as process:
            await until(lambda: _counts(process, "kingtide_refusals_total", "TooManyNodes", 2))
        outcomes = [it for entry in process.entries() for it in entry.outcomes]
        assert any(it.status == "done" for it in outcomes)
        for entry in process.entries():  # of a pass: one of the three nodes is a tenth, rounded up
            assert sum(it.status == "done" for it in entry.outcomes) <= 1
        assert_told_once_a_span(process.codes("node_autoscaling"), "TooManyNodes")

    play(scene)


def test_an_ill_cluster_is_left_alone(place: Site) -> None:
    async def scene() -> None:
        ill = SafetyPolicy(ok_unready_count=0, max_unready_percent=1)
        chosen = place.chosen(safety=ill)
        async with running(
            place, chosen, loops=claiming_all_nodes, wrap=UnreadyNodes.over
        ) as process:
            await until(lambda: _counts(process, "kingtide_refusals_total", "TooManyUnready", 2))
        outcomes = [it for entry in process.entries() for it in entry.outcomes]
        assert {it.code for it in outcomes} == {"TooManyUnready"}
        assert_told_once_a_span(process.codes("node_autoscaling"), "TooManyUnready")

    play(scene)


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
            await until(lambda: _is_ready(second))
            polls = 'kingtide_aws_calls_total{call="sqs:ReceiveMessage"}'
            assert polls not in await second.metrics()
            await first.end()
            # No time passes in the twin: no visibility timeout brings it back.
            await until(lambda: _holds_at_once(place, second, 1))

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


def keeping_one_pause_pod(asked: Asked, world: LiveWorld) -> tuple[Loop, ...]:
    """A controller that has one pause pod whenever it sees another number of them."""
    name = "overprovisioning-workers"

    def decide(
        snapshot: Snapshot, policy: None, memory: None, now_ms: int, chance: Chance
    ) -> Decision[None]:
        seen = snapshot.cluster.deployments[f"overprovisioning/{name}"].replicas
        scale = PatchScale(
            reason="one",
            namespace="overprovisioning",
            name=name,
            replicas=1,
            expected_replicas=seen,
        )
        return Decision(memory, () if seen == 1 else (scale,), Report())

    return _loop(
        Controller("overprovisioning", (PatchScale,), ("workloads",), Phrases({}), _none, decide),
        asked,
        world,
    )


def _none() -> None:
    """Return the memory of a controller that has none."""


def _loop(controller: Controller[None, None], asked: Asked, world: LiveWorld) -> tuple[Loop, ...]:
    sight = Sight(world.cluster, world.cloud, asked.cluster.full_name, tuple, asked.budgets)
    return (ControlLoop(controller, None, sight, 1),)


def claiming_all_nodes(asked: Asked, world: LiveWorld) -> tuple[Loop, ...]:
    """A controller that wants to empty every node, every second."""

    def decide(
        snapshot: Snapshot, policy: None, memory: None, now_ms: int, chance: Chance
    ) -> Decision[None]:
        claim = DisruptionClaim("node_autoscaling", "Underutilized", now_ms)
        actions = tuple(
            ClaimDisruption(reason="all of them", node=it.name, node_uid=it.uid, claim=claim)
            for it in snapshot.cluster.nodes.values()
        )
        return Decision(memory, actions, Report(), wake_at_ms=now_ms + 1_000)

    return _loop(
        Controller("node_autoscaling", (ClaimDisruption,), ("nodes",), Phrases({}), _none, decide),
        asked,
        world,
    )
