from __future__ import annotations

import json
from pathlib import Path

import pytest

from kingtide.cli.app import run
from kingtide.cli.failure import ExitCode
from tests.unit.compile.fleets import CLUSTER, FLEET, cluster_with


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A fleet's folder with one cluster."""
    write(tmp_path, "fleet.yaml", "Fleet", "acme", FLEET)
    write(tmp_path, "clusters/small.yaml", "Cluster", "small", CLUSTER)
    return tmp_path


def write(folder: Path, path: str, kind: str, name: str, spec: object) -> None:
    document = {
        "apiVersion": "fleet.kingtide.dev/v1alpha1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": spec,
    }
    (folder / path).parent.mkdir(exist_ok=True)
    (folder / path).write_text(json.dumps(document, indent=1))


def below(folder: Path) -> list[str]:
    return sorted(str(it.relative_to(folder)) for it in folder.rglob("*") if it.is_file())


def test_a_fleet_is_written_and_then_up_to_date(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["compile", str(folder), "--check"]) == ExitCode.NO
    assert not (folder / "rendered").exists()
    assert f"missing  {folder}/rendered/small/kops.yaml" in capsys.readouterr().out
    assert run(["compile", str(folder)]) == ExitCode.YES
    assert below(folder / "rendered") == ["small/kops.yaml", "small/objects.yaml"]
    assert run(["compile", str(folder), "--check"]) == ExitCode.YES
    assert "2 of 2 files up to date" in capsys.readouterr().out


def test_a_change_of_the_fleet_or_by_hand_is_seen(folder: Path) -> None:
    assert run(["compile", str(folder)]) == ExitCode.YES
    kops = folder / "rendered/small/kops.yaml"
    written = kops.read_bytes()
    kops.write_bytes(written + b"# by hand\n")
    assert run(["compile", str(folder), "--check"]) == ExitCode.NO
    assert run(["compile", str(folder)]) == ExitCode.YES
    assert kops.read_bytes() == written


def test_files_of_a_cluster_that_is_gone_are_removed_and_others_kept(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder, "clusters/other.yaml", "Cluster", "other", cluster_with(region="eu-west-1"))
    assert run(["compile", str(folder)]) == ExitCode.YES
    (folder / "rendered/other/notes.yaml").write_text("mine: 1\n")
    (folder / "clusters/other.yaml").unlink()
    assert run(["compile", str(folder), "--cluster", "small", "--check"]) == ExitCode.YES
    assert run(["compile", str(folder), "--check"]) == ExitCode.NO
    assert f"stale    {folder}/rendered/other/kops.yaml" in capsys.readouterr().out
    assert run(["compile", str(folder)]) == ExitCode.YES
    assert below(folder / "rendered") == [
        "other/notes.yaml",
        "small/kops.yaml",
        "small/objects.yaml",
    ]


def test_a_mistake_leaves_everything_as_it_was(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder, "clusters/small.yaml", "Cluster", "small", cluster_with(network={}))
    assert run(["compile", str(folder)]) == ExitCode.BAD_INPUT
    assert not (folder / "rendered").exists()
    assert "spec.network.cidr: is missing" in capsys.readouterr().err


def test_an_unknown_cluster_is_refused_with_the_nearest_name(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["compile", str(folder), "--cluster", "smal"]) == ExitCode.BAD_INPUT
    assert "did you mean 'small'?" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "rendered").write_text("a file")
    assert run(["compile", str(folder)]) == ExitCode.RUN_FAILED
    assert "rendered" in capsys.readouterr().err
