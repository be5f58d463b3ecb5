from __future__ import annotations

import os
from pathlib import Path

import pytest

from kingtide.files.fleet_folder import read_fleet_folder
from kingtide.files.manifest_files import fleet_manifests
from kingtide.files.starting import start_fleet, starter_files
from kingtide.fleet.documents.mistakes import Findings, Mistakes


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    start_fleet(tmp_path / "fleet", starter_files("small", "eu-west-1"))
    return tmp_path / "fleet"


def _link_to_nothing(path: Path) -> None:
    path.symlink_to(path.parent / "nothing")


def _link_to_itself(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (_link_to_nothing, "is a link to what is no file; let it lead to a file"),
        (_link_to_itself, "is a link to what is no file; let it lead to a file"),
        (os.mkfifo, "is no file; write a file in its place"),
        (Path.mkdir, "is a folder; give it another name"),
    ],
)
@pytest.mark.parametrize("name", ["clusters/prod.yaml", "snippets/instance-types/4x-cpu16.yaml"])
def test_what_is_named_as_a_document_and_is_no_file_is_told(
    fleet: Path, name: str, make: object, told: str
) -> None:
    path = fleet / name
    path.unlink()
    assert callable(make)
    make(path)
    with pytest.raises(Mistakes) as raised:
        read_fleet_folder(fleet)
    assert f"{path}: {told}" in str(raised.value)


def test_a_document_with_the_other_ending_is_not_overlooked(fleet: Path) -> None:
    other = (fleet / "clusters/prod.yaml").rename(fleet / "clusters/prod.yml")
    with pytest.raises(Mistakes) as raised:
        read_fleet_folder(fleet)
    assert str(raised.value) == f"{other}: is not read; name it prod.yaml"


def test_a_manifest_that_leads_nowhere_is_told(fleet: Path) -> None:
    path = fleet / "manifests/web.yaml"
    path.unlink()
    path.symlink_to("nowhere")
    findings = Findings()
    assert fleet_manifests(fleet, findings) == ()
    assert str(findings.as_error()).startswith(f"{path}: is a link to what is no file")
