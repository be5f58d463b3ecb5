"""`kingtide downscaling preview`, as typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kingtide.cli.app import run
from kingtide.cli.failure import ExitCode

EXAMPLE = Path(__file__).parents[3] / "examples" / "staging-nights"
FLEET, NIGHTLY = str(EXAMPLE / "fleet"), str(EXAMPLE / "manifests" / "nightly.yaml")
PREVIEW = ("downscaling", "preview")


def test_a_week_is_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*PREVIEW, str(EXAMPLE), "--week"]) == ExitCode.YES
    printed = capsys.readouterr().out
    assert "timetable, times of Europe/Paris" in printed
    assert "Mon 23 Mar" in printed
    assert "08:00-19:00" in printed
    assert "8,748" in printed
    assert "always-on" not in printed


def test_json_has_every_stretch_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    line = [*PREVIEW, FLEET, "--from", "2026-03-24", "--manifests", NIGHTLY, "--json"]
    assert run(line) == ExitCode.YES
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["from"], found["until"]) == (
        "2026-03-24T00:00:00+01:00",
        "2026-03-25T00:00:00+01:00",
    )
    loadtest = found["workloads"][0]
    assert (loadtest["kind"], loadtest["name"], loadtest["hours_down"]) == (
        "Deployment",
        "loadtest",
        14.0,
    )
    assert loadtest["stretches"][1] == {
        "state": "down",
        "from": "2026-03-24T06:00:00+01:00",
        "until": "2026-03-24T20:00:00+01:00",
        "why": "uptime Mon-Fri 20:00-06:00 Europe/Paris",
    }
    assert found["assumptions"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((str(EXAMPLE), "--from", "monday"), "--from: 'monday' is no date"),
        ((str(EXAMPLE), "--from", "9999-12-31", "--week"), "--from: 9999-12-31 is not within 1970"),
        ((FLEET, "--from", "0001-01-01"), "--from: 0001-01-01 is not within 1970 and 9998"),
        ((str(EXAMPLE), "--cluster", "staging"), "--cluster cannot be used here"),
        ((str(EXAMPLE), "--manifests", NIGHTLY), "--manifests cannot be used here"),
        ((FLEET, "--set", "seed=2"), "--set cannot be used here"),
        ((FLEET, "--cluster", "prod"), "has no cluster 'prod'"),
        ((str(EXAMPLE / "always-on.yaml"),), "downscaling does not run"),
        (
            (str(EXAMPLE / "timetable.yaml"), "--set", "policies.downscaling.uptime=sometimes"),
            "spec.policies.downscaling.uptime: 'sometimes' is no time specification; write",
        ),
    ],
)
def test_what_is_wrong_is_told_and_nothing_printed(
    arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*PREVIEW, *arguments]) == ExitCode.BAD_INPUT
    printed = capsys.readouterr()
    assert told in printed.err
    assert printed.out == ""
