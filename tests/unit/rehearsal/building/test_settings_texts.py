"""Texts of settings that a controller could not read are told before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.rehearsal.building.world import build_world
from kingtide.rehearsal.scenario.read import Options, read_scenario
from tests.small_rehearsal import SCENARIO, write_small

RECLAIM = "policies.ondemandReclaim="
PRESCALING = "policies.prescaling="


def told(folder: Path, *settings: str, scenario: str = SCENARIO) -> list[str]:
    """Return what is wrong in the small rehearsal with settings laid over it."""
    written = write_small(folder, scenario=scenario)
    try:
        build_world(read_scenario(written, Options(settings=settings)))
    except Mistakes as error:
        return [str(it) for it in error.all]
    return []


@pytest.mark.parametrize(
    ("setting", "wrong"),
    [
        pytest.param(
            f"{RECLAIM}{{conditions: [KernelDeadlock, Ready=Unknown]}}",
            "ondemandReclaim.conditions[1]: 'Ready=Unknown' has no duration; write Type or",
            id="condition",
        ),
        pytest.param(
            f"{RECLAIM}{{nodeLabelExpression: metadata.labels.a ==}}",
            "ondemandReclaim.nodeLabelExpression: ",
            id="expression",
        ),
        pytest.param(
            "policies.dnsAutoscaling={minReplicas: 5, maxReplicas: 3}",
            "dnsAutoscaling.maxReplicas: 3 is below minReplicas 5; write 5 or more",
            id="bounds of CoreDNS",
        ),
        pytest.param(
            f"{RECLAIM}{{nodeLabels: [a]}}",
            "ondemandReclaim.nodeLabels: 'a' is no label; write key=value",
            id="label",
        ),
        pytest.param(
            f"{PRESCALING}{{events: [20:45-21:30 UTC x2, 20:45 x10]}}",
            "prescaling.events[1]: ",
            id="event",
        ),
        pytest.param(
            f"{PRESCALING}{{events: [{', '.join(['20:45-21:30 UTC x2'] * 65)}]}}",
            "prescaling.events: 65 events are too many; at most 64 are read",
            id="events",
        ),
    ],
)
def test_a_text_that_cannot_be_read_is_told_where_it_stands(
    tmp_path: Path, setting: str, wrong: str
) -> None:
    (found,) = told(tmp_path, setting)
    assert f"spec.policies.{wrong}" in found


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    reclaim = f"{RECLAIM}{{conditions: [=True], nodeLabels: [a]}}"
    assert len(told(tmp_path, reclaim, f"{PRESCALING}{{events: [noon, night]}}")) == 4


def test_texts_that_can_be_read_are_taken(tmp_path: Path) -> None:
    reclaim = f"{RECLAIM}{{conditions: ['Ready=Unknown,30m'], nodeLabels: [a=b]}}"
    assert told(tmp_path, reclaim, f"{PRESCALING}{{events: [20:45-21:30 UTC x2 for shop/*]}}") == []


def test_an_autoscalers_events_are_told_only_where_prescaling_runs(tmp_path: Path) -> None:
    hpa = "      hpa:\n        min: 6\n        max: 60\n        annotations:\n"
    hpa += "          kingtide.dev/prescale: 20:45 x10\n"
    scenario = SCENARIO.replace("      hpa: {min: 6, max: 60}\n", hpa)
    assert told(tmp_path, scenario=scenario) == []
    (found,) = told(tmp_path, f"{PRESCALING}{{}}", scenario=scenario)
    line = scenario[: scenario.index("kingtide.dev/prescale")].count("\n") + 1
    assert f"rehearsal.yaml:{line}:34: spec.applications.web.hpa.annotations" in found
