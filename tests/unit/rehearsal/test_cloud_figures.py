"""Figures of the cloud, from a whole small rehearsal."""

from __future__ import annotations

from pathlib import Path

from kingtide.rehearsal.prepare import prepare
from kingtide.rehearsal.record import RunRecord
from kingtide.rehearsal.run import Run
from kingtide.rehearsal.scenario.read import Options
from tests.small_rehearsal import write_small


def record(folder: Path, *settings: str) -> RunRecord:
    return Run(prepare(write_small(folder), Options(settings=settings))).record()


def test_what_another_account_takes_is_attributed_in_figures_and_events(tmp_path: Path) -> None:
    found = record(
        tmp_path,
        "initialNodes={spot-nodes-workers-4x: 8}",
        "cloud.depths=[{instances: 2}]",
        "cloud.accounts={video: {launches: [{type: c5.4xlarge, zone: a, instances: 9,"
        " at: '20:01'}]}, other: {launches: []}}",
        "cloud.crossZoneTraffic={gigabytesPerCoreSecond: 0.001}",
    )
    figures = found.figures
    assert figures["spot.reclaimed_by.video"].value == 2
    assert figures["spot.reclaimed_by.other"].value == 0
    assert figures["spot.reclaimed"].value == 2
    assert figures["cross_zone.usd"].value is not None
    (told,) = [event for event in found.events if event.kind == "spot_interruption"]
    assert told.subject == "c5.4xlarge:eu-west-1a:spot"
    assert told.message == (
        "2 spot instances of c5.4xlarge in eu-west-1a end in 120 s:"
        " account video launched 9 c5.4xlarge on demand in eu-west-1a"
    )
    (launch,) = [event for event in found.events if event.kind == "account_launch"]
    assert launch.subject == "video"


def test_expectations_can_name_the_figures_of_accounts_and_traffic(tmp_path: Path) -> None:
    prepared = prepare(
        write_small(tmp_path),
        Options(
            settings=(
                "cloud.depths=[{instances: 2}]",
                "cloud.accounts={video: {launches: []}}",
                "cloud.crossZoneTraffic={gigabytesPerCoreSecond: 0.001}",
                "expect=['spot.reclaimed_by.video <= 3', 'cross_zone.usd <= 1']",
            )
        ),
    )
    assert len(prepared.scenario.expectations) == 2


def test_what_is_reclaimed_before_recording_is_not_counted(tmp_path: Path) -> None:
    found = record(
        tmp_path,
        "initialNodes={spot-nodes-workers-4x: 8}",
        "cloud.depths=[{instances: 1}]",
        "warmUp=10m",
    )
    assert found.figures["spot.reclaimed"].value == 0
