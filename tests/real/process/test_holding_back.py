"""What keeps the whole process from acting, against a twin behind HTTP."""

from __future__ import annotations

import pytest

from kingtide.cli.failure import ExitCode
from kingtide.cli.reached_cluster import told
from kingtide.fleet.policies.safety import SafetyPolicy
from kingtide.operate.running.beginning import NoPass
from tests.bad_connections import UnreadyNodes
from tests.real.process.controllers import claiming_all_nodes
from tests.real.process.scenes import (
    assert_told_once_a_span,
    counts,
    lease_holder,
    patch_namespace,
    play,
)
from tests.running_process import Running, Site, running, until


def test_another_cluster_is_left_alone_until_it_is_the_one_meant(place: Site) -> None:
    patch_namespace(place, "staging.k8s.foo.bar")

    async def scene() -> None:
        async with running(place, place.chosen()) as process:
            await until(lambda: "OtherCluster" in process.codes())
            ready = await process.get("/readyz")
            assert (ready.status_code, "staging.k8s.foo.bar" in ready.text) == (503, True)
            await until(lambda: counts(process, "kingtide_refusals_total", "OtherCluster", 2))
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


async def _refused_again(process: Running, code: str) -> bool:
    """Whether more was refused for a reason than it was told."""
    return await counts(process, "kingtide_refusals_total", code, process.codes().count(code) + 1)


def test_a_pass_disturbs_a_bounded_share_of_nodes_and_says_so_once(place: Site) -> None:
    async def scene() -> None:
        async with running(place, place.chosen(), loops=claiming_all_nodes) as process:
            await until(lambda: counts(process, "kingtide_refusals_total", "TooManyNodes", 2))
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
            await until(lambda: counts(process, "kingtide_refusals_total", "TooManyUnready", 2))
        outcomes = [it for entry in process.entries() for it in entry.outcomes]
        assert {it.code for it in outcomes} == {"TooManyUnready"}
        assert_told_once_a_span(process.codes("node_autoscaling"), "TooManyUnready")

    play(scene)
