from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.rehearsal.pause_pod_notes import pause_pod_notes
from tests.small_rehearsal import BASE, CLUSTER, with_lines
from tests.unit.rehearsal.scenario.reading import read

POD = "pod: {cpu: 3, memory: 4Gi}"


def notes(folder: Path, *settings: str, **changed: str) -> list[str]:
    return list(pause_pod_notes(read(folder, *settings, **changed)))


def test_pause_pods_that_do_their_work_need_no_note(tmp_path: Path) -> None:
    assert notes(tmp_path) == []


def test_pause_pods_whose_size_is_not_written_are_held_to_the_pods_too(tmp_path: Path) -> None:
    unwritten = with_lines(CLUSTER, (f", {POD}", ""))
    assert notes(tmp_path, cluster=unwritten) == []
    settings = ("applications.web.requests.cpu=9", "applications.web.limits.cpu=9")
    (note,) = notes(tmp_path, *settings, cluster=unwritten)
    assert "less than pods of web" in note


@pytest.mark.parametrize(
    ("pod", "settings", "names", "advice"),
    [
        pytest.param("cpu: 1500m, memory: 4Gi", (), "worker", "2000m, memory: 4096Mi", id="cpu"),
        pytest.param("cpu: 3, memory: 1Gi", (), "worker", "3000m, memory: 2048Mi", id="memory"),
        pytest.param(
            "cpu: 100m, memory: 3Gi", (), "web, worker", "2000m, memory: 3072Mi", id="several"
        ),
        pytest.param(
            "cpu: 3, memory: 4Gi",
            (
                "applications.web.rollouts=[{at: '20:05', requests: {cpu: 5, memory: 1Gi}}]",
                "applications.web.limits.cpu=6",
            ),
            "web",
            "5000m, memory: 4096Mi",
            id="a later release",
        ),
    ],
)
def test_pause_pods_smaller_than_a_pod_are_noted_with_what_to_write(
    tmp_path: Path, pod: str, settings: tuple[str, ...], names: str, advice: str
) -> None:
    cluster = with_lines(CLUSTER, (POD, f"pod: {{{pod}}}"))
    (note,) = notes(tmp_path, *settings, cluster=cluster)
    assert note.startswith("Pause pods of workers request ")
    assert f"less than pods of {names}: evicting one need not make room" in note
    assert note.endswith(f"write `pod: {{cpu: {advice}}}`.")


def test_only_pods_that_may_run_on_the_same_nodes_count(tmp_path: Path) -> None:
    elsewhere = ("applications.worker.requests.cpu=4", "applications.worker.nodeGroup=api")
    assert notes(tmp_path, *elsewhere) == []


@pytest.mark.parametrize(
    ("cutoff", "count"),
    [
        pytest.param((), 1, id="below the default cutoff"),
        pytest.param(
            ("policies.nodeAutoscaling.expendablePodsPriorityCutoff=-20",), 0, id="on the cutoff"
        ),
        pytest.param(("policies.nodeAutoscaling.enabled=false",), 0, id="nothing adds nodes"),
        pytest.param(("policies.overprovisioning.enabled=false",), 0, id="no pause pods"),
    ],
)
def test_pause_pods_that_node_autoscaling_ignores_are_noted(
    tmp_path: Path, cutoff: tuple[str, ...], count: int
) -> None:
    base = with_lines(BASE, ("overprovisioning: -10", "overprovisioning: -20"))
    found = notes(tmp_path, *cutoff, base=base)
    assert len(found) == count
    assert all("priority -20, below the -10" in note for note in found)
    assert all("write `overprovisioning: -10` in priorityClasses" in note for note in found)
