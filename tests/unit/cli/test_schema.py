from __future__ import annotations

import json
from pathlib import Path

import pytest

from kingtide.cli.app import run
from kingtide.cli.failure import ExitCode
from kingtide.cli.schema import KINDS


def test_a_kinds_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "Stage"]) == ExitCode.YES
    found = json.loads(capsys.readouterr().out)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert found["title"] == "Stage"
    assert found["properties"]["kind"]["const"] == "Stage"


def test_all_schemas_are_written_into_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["schema", "--out", str(tmp_path / "new")]) == ExitCode.YES
    written = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert written == sorted(f"{name}.schema.json" for name in (*KINDS, "InstanceTypes"))
    assert capsys.readouterr().out.count("\n") == len(written)
    again = {path: path.read_bytes() for path in (tmp_path / "new").iterdir()}
    assert run(["schema", "--out", str(tmp_path / "new")]) == ExitCode.YES
    assert {path: path.read_bytes() for path in (tmp_path / "new").iterdir()} == again


def test_without_a_kind_their_names_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema"]) == ExitCode.YES
    assert "Cluster        clusters/*.yaml\n" in capsys.readouterr().out


def test_an_unknown_kind_is_told_with_the_one_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "Custer"]) == ExitCode.BAD_INPUT
    assert "hint: did you mean 'Cluster'?" in capsys.readouterr().err
