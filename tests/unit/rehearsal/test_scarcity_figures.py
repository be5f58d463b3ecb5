"""Figures of scarcity, from whole small rehearsals."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from kingtide.rehearsal.figures import catalogue
from kingtide.rehearsal.prepare import prepare
from kingtide.rehearsal.record import RunRecord
from kingtide.rehearsal.run import Run
from kingtide.rehearsal.scarcity_figures import scarcity_notes
from kingtide.rehearsal.scenario.read import Options
from tests.small_rehearsal import write_small

GREEDY = "applications.web.memoryUse={base: 512Mi, perCore: 1Gi}"
"""`web` may hold 1 GiB: a pod that uses more than half a core is killed."""


def record(folder: Path, *settings: str) -> RunRecord:
    return Run(prepare(write_small(folder), Options(settings=settings))).record()


def test_containers_killed_are_counted_by_application_and_told(tmp_path: Path) -> None:
    found = record(tmp_path, GREEDY, "applications.worker.memoryUse={base: 1Gi}")
    killed = found.figures["containers.killed.web"].value
    events = [event for event in found.events if event.kind == "container_killed"]
    assert killed == len(events) > 0
    assert found.figures["containers.killed.worker"].value == 0
    assert found.figures["containers.killed"].value == killed
    assert found.notes[0] == (
        f"Containers were killed for memory {len(events)} times, as memoryUse has it:"
        f" {len(events)} of default/web."
    )


def test_containers_killed_before_recording_are_not_counted(tmp_path: Path) -> None:
    # Killed after 5, 15, 35 and 75 s; two minutes after the first start they pause for 80 s.
    always = "applications.web.memoryUse={base: 2Gi}"
    settings = ("applications.web.hpa={min: 6, max: 6}", "duration=10s", "step=5s")
    at_once = record(tmp_path, always, *settings, "warmUp=0s")
    assert at_once.figures["containers.killed"].value == 6
    later = record(tmp_path, always, *settings, "warmUp=2m")
    assert later.figures["containers.killed"].value == 0
    assert later.notes[0].startswith("Latency")


def test_without_memory_use_and_contention_there_are_no_figures_of_scarcity(
    tmp_path: Path,
) -> None:
    names = [spec.name for spec in catalogue(prepare(write_small(tmp_path)).definition)]
    assert [name for name in names if name.startswith(("containers.", "nodes.starved"))] == []


def test_expectations_can_name_the_figures_of_scarcity(tmp_path: Path) -> None:
    wanted = "expect=['containers.killed.web <= 3', containers.killed <= 3, nodes.starved == 0]"
    prepared = prepare(write_small(tmp_path), Options(settings=(GREEDY, "contention={}", wanted)))
    assert len(prepared.scenario.expectations) == 3


def test_nodes_that_fall_silent_for_lack_of_cpu_are_counted(tmp_path: Path) -> None:
    found = record(
        tmp_path,
        "contention={}",
        "applications.web.limits=null",
        "applications.web.hpa={min: 6, max: 6}",
        "applications.web.demand={points: [['20:00', 4], ['20:05', 200]]}",
    )
    starved = [event.subject for event in found.events if event.kind == "node_starved"]
    assert found.figures["nodes.starved"].value == len(starved) > 0


@pytest.mark.parametrize(
    ("killed", "told"),
    [
        pytest.param({}, [], id="none"),
        pytest.param({"a/b": 0}, [], id="none since recording began"),
        pytest.param(
            {"a/b": 1},
            ["Containers were killed for memory once, as memoryUse has it: 1 of a/b."],
            id="one",
        ),
        pytest.param(
            {"a/b": 2, "": 1_000, "a/c": 2, "a/a": 1, "a/d": 1},
            [
                (
                    "Containers were killed for memory 1,006 times, as memoryUse has it:"
                    " 1,000 of DaemonSets, 2 of a/b, 2 of a/c, 2 of others."
                )
            ],
            id="many: the worst by name",
        ),
    ],
)
def test_a_note_names_whose_containers_were_killed(
    killed: Mapping[str, int], told: list[str]
) -> None:
    assert list(scarcity_notes(killed)) == told
