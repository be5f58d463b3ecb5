"""The whole process against a twin behind HTTP: what it does, serves and tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.control.action import PatchScale
from kingtide.operate.running.journal import JOURNAL
from tests.bad_connections import SpoiltPods
from tests.real.process.controllers import keeping_one_pause_pod
from tests.real.process.scenes import (
    events,
    lease_holder,
    patch_namespace,
    play,
    scale_pause_pods,
    written,
)
from tests.running_process import Running, Site, running, until


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
