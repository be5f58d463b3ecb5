"""The published fleet's settings are checked like anybody's, and the guide says what they get."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kingtide.check.findings import Checked
from kingtide.check.registry import RULES
from kingtide.check.rule import Example
from kingtide.check.run import check_fleet
from kingtide.cli.app import run
from kingtide.cli.failure import ExitCode
from tests.unit.check.example_fleet import example_view

LADDER = "[[16, 4], [100, 10], [200, 20]]"
UPPER = [f"spec.overprovisioning.workers.ladder[{step}]" for step in (1, 2)]


def checked(spec: str) -> Checked:
    return check_fleet(example_view(Example(spec=spec)), RULES, "2026-11-22")


def fields(found: Checked, code: str) -> list[str]:
    return [it.field for it in found.findings if it.code == code]


def test_the_guide_shows_what_the_command_says(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (repository / "docs" / "concepts" / "checks.md").read_text(encoding="utf-8")
    shown = re.search(r"\n\$ (kingtide check [^\n]* --cluster prod)\n(.*?)```", text, re.DOTALL)
    assert shown is not None
    monkeypatch.chdir(repository)
    assert run(shown[1].split()[1:]) == ExitCode.YES
    counted = r"\d+ checks"  # which a rule more changes, and nothing else
    assert re.sub(counted, "", capsys.readouterr().out) == re.sub(counted, "", shown[2])


@pytest.mark.parametrize(
    ("cores", "errors", "warnings"),
    [("5", [], []), ("6", [], UPPER), ("7500m", [], UPPER), ("10", UPPER, [])],
    ids=["half of a step", "as judged", "7.5 cores", "all of a step"],
)
def test_its_ladder_holds_itself_up_by_the_size_of_the_pause_pod(
    cores: str, errors: list[str], warnings: list[str]
) -> None:
    pod = f"{{cpu: {cores}, memory: 8Gi}}"
    found = checked(f"overprovisioning: {{workers: {{ladder: {LADDER}, pod: {pod}}}}}")
    assert (fields(found, "KT321"), fields(found, "KT322")) == (errors, warnings)
    assert fields(found, "KT323") == ["spec.overprovisioning.workers.ladder[0]"]


@pytest.mark.parametrize(
    ("target", "most"), [(60, 66), (70, 42), (80, 25)], ids=["60 %", "70 %", "80 %"]
)
def test_its_targets_leave_room_for_so_much_of_a_peak(target: int, most: int) -> None:
    def rises(rise: int) -> list[str]:
        hpa = f"{{target: {target}%, peakRise: {rise}%}}"
        return fields(checked(f"nodeGroups: {{workers: {{hpa: {hpa}}}}}"), "KT307")

    assert rises(most) == []
    assert rises(most + 1) == ["spec.nodeGroups.workers.hpa.target"]


def test_its_pause_priority_is_the_lowest_that_causes_nodes() -> None:
    assert fields(checked("priorityClasses: {overprovisioning: -10}"), "KT327") == []
    assert fields(checked("priorityClasses: {overprovisioning: -11}"), "KT327") != []


def test_its_timeout_is_as_long_as_the_back_off() -> None:
    for time, found in (("5m", 1), ("4m50s", 0), ("4m51s", 1)):
        spec = f"autoscaler: {{expander: priority, maxNodeProvisionTime: {time}}}"
        assert len(fields(checked(spec), "KT306")) == found, time
