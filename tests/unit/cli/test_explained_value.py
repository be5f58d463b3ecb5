from __future__ import annotations

import json
from pathlib import Path

import pytest

from kingtide.cli.app import run
from kingtide.cli.failure import ExitCode
from tests.small_rehearsal import write_small


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("small")
    write_small(folder)
    return str(folder / "fleet")


def test_a_value_is_printed_with_its_file_and_line(
    fleet: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["explain", "prod", "hpa.downscaleStabilization", "--fleet", fleet]
    assert run(arguments) == ExitCode.YES
    printed = capsys.readouterr().out
    assert "hpa.downscaleStabilization: 30m\n" in printed
    assert f"  set by class base ({fleet}/classes/base.yaml:6:33)\n" in printed


def test_a_map_is_followed_by_the_defaults_of_what_nobody_writes(
    fleet: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["explain", "prod", "hpa", "--fleet", fleet]) == ExitCode.YES
    _, _, defaults = capsys.readouterr().out.partition("not written, so the defaults hold:\n")
    assert "  syncPeriod: 15s by default. " in defaults
    assert "downscaleStabilization" not in defaults


def test_json_has_file_line_and_column_as_numbers(
    fleet: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["explain", "prod", "zones", "--fleet", fleet, "--json"]) == ExitCode.YES
    found = json.loads(capsys.readouterr().out)
    (value,) = found["values"]
    assert (found["path"], value["value"]) == ("zones", ["a", "b"])
    assert (value["setBy"]["layer"], value["setBy"]["line"]) == ("cluster prod", 8)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["prod", "zonse"], "error: a cluster's spec has no 'zonse'\nhint: did you mean 'zones'?"),
        (["prd", "zones"], "has no cluster 'prd'\nhint: did you mean 'prod'?"),
        (["prod", "a..b"], "error: 'a..b' is not a field's path\nhint: write for example"),
        (["prod"], "error: what of prod is to be explained?\nhint: name the field"),
        (["prod", "zones", "--at", "20:00"], "error: --at cannot be used here\n"),
        (["prod", "zones", "--window", "20s"], "error: --window cannot be used here\n"),
        (["prod", "--at", "20:00"], "error: --fleet cannot be used here\n"),
    ],
    ids=["field", "cluster", "no path", "nothing asked", "time of a value", "window", "fleet"],
)
def test_what_cannot_be_explained_is_told_with_what_to_write(
    fleet: str, arguments: list[str], error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["explain", *arguments, "--fleet", fleet]) == ExitCode.BAD_INPUT
    assert error in capsys.readouterr().err


def test_a_fleet_with_mistakes_explains_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_small(tmp_path)
    file = tmp_path / "fleet" / "clusters" / "prod.yaml"
    file.write_text(file.read_text().replace("region:", "regoin:"))
    arguments = ["explain", "prod", "zones", "--fleet", str(tmp_path / "fleet")]
    assert run(arguments) == ExitCode.BAD_INPUT
    assert f"{file}:7:3: spec.regoin: unknown field" in capsys.readouterr().err
