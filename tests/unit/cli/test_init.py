from __future__ import annotations

import os
from pathlib import Path

import pytest

from kingtide.cli.app import run
from kingtide.cli.failure import ExitCode
from kingtide.files.fleet_folder import read_fleet_folder


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1"])
def test_a_new_fleet_checks_clean_compiles_and_rehearses(
    tmp_path: Path, region: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet = tmp_path / "My Evenings"
    assert run(["init", str(fleet), "--region", region]) == ExitCode.YES
    assert f"kingtide check '{fleet}'" in capsys.readouterr().out
    assert run(["check", str(fleet)]) == ExitCode.YES
    assert capsys.readouterr().out.startswith("0 errors, 0 warnings")
    assert run(["compile", str(fleet), "--out", str(tmp_path / "rendered")]) == ExitCode.YES
    rehearse = ["rehearse", str(fleet), "--quiet", "--out", str(tmp_path / "report")]
    assert run(rehearse) == ExitCode.YES
    found = read_fleet_folder(fleet)
    assert found.fleet is not None
    assert found.fleet.metadata.name == "my-evenings"
    assert found.clusters["prod"].spec.region == region
    assert b"NAME" not in b"".join(tree(fleet).values())


def test_a_folder_with_something_in_it_is_left_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert run(["init", str(tmp_path), "--name", "new"]) == ExitCode.BAD_INPUT
    assert f"error: {tmp_path} is not empty\n" in capsys.readouterr().err
    assert tree(tmp_path) == {"notes.txt": b"mine"}


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "fleet").mkdir()
    assert run(["init", str(tmp_path / "fleet")]) == ExitCode.YES
    assert (tmp_path / "fleet" / "fleet.yaml").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["fleet"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--name", "My Fleet"], "error: --name: 'My Fleet' is not a name\nhint: write up to 63"),
        (["--region", "europe"], "error: --region: 'europe' is not a region\nhint: write for"),
    ],
    ids=["name", "region"],
)
def test_what_no_fleet_can_be_called_is_refused_before_anything_is_written(
    tmp_path: Path, arguments: list[str], error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["init", str(tmp_path / "new"), *arguments]) == ExitCode.BAD_INPUT
    assert error in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    assert run(["init", str(tmp_path / "closed" / "new")]) == ExitCode.RUN_FAILED
    assert list((tmp_path / "closed").iterdir()) == []


def test_a_file_in_the_way_leaves_nothing_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine")
    assert run(["init", str(tmp_path / "file" / "new")]) == ExitCode.RUN_FAILED
    assert "cannot be written" in capsys.readouterr().err
    assert run(["init", str(tmp_path / "file")]) == ExitCode.RUN_FAILED
    assert tree(tmp_path) == {"file": b"mine"}
