from __future__ import annotations

import os
import subprocess
from pathlib import Path, PurePosixPath

import pytest

from kingtide.files.git_revision import NoRevision, is_in_git, read_revision


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", *who, "-C", str(folder), *arguments],
        check=True,
        capture_output=True,
        env=environment,
    )
    return done.stdout.decode().strip()


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """A fleet's folder below the top of a working tree, with one commit."""
    folder = tmp_path / "infra" / "fleet"
    (folder / "clusters").mkdir(parents=True)
    (folder / "manifests" / "prod").mkdir(parents=True)
    (folder / "fleet.yaml").write_text("first")
    (folder / "clusters" / "prod.yaml").write_text("a\n\nb")
    (folder / "manifests" / "prod" / "api.yaml").write_text("kind: Deployment")
    (folder / "manifests" / "all.yaml").write_text("")
    (folder / "README.md").write_text("not the fleet's")
    (folder / ".gitattributes").write_text("fleet.yaml export-ignore\n")
    (tmp_path / "fleet.yaml").write_text("another")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    return folder


def test_a_folder_is_read_as_it_was_committed(fleet: Path) -> None:
    (fleet / "fleet.yaml").write_text("second")
    found = read_revision(fleet, "HEAD")
    assert found.commit == git(fleet, "rev-parse", "HEAD")[:12]
    assert found.files == {
        PurePosixPath("fleet.yaml"): b"first",
        PurePosixPath("clusters/prod.yaml"): b"a\n\nb",
        PurePosixPath("manifests/all.yaml"): b"",
        PurePosixPath("manifests/prod/api.yaml"): b"kind: Deployment",
    }
    assert (fleet / "fleet.yaml").read_text() == "second"


def test_an_earlier_revision_is_another_folder(fleet: Path) -> None:
    (fleet / "clusters" / "prod.yaml").unlink()
    git(fleet, "commit", "-q", "-a", "-m", "without prod")
    path = PurePosixPath("clusters/prod.yaml")
    assert path in read_revision(fleet, "main~1").files
    assert path not in read_revision(fleet, "main").files


@pytest.mark.parametrize("revision", ["nowhere", "", "--upload-pack=x", "-h", "HEAD:infra"])
def test_what_is_no_revision_is_told(fleet: Path, revision: str) -> None:
    with pytest.raises(NoRevision, match="revision"):
        read_revision(fleet, revision)


def test_a_folder_outside_of_git_is_told(tmp_path: Path) -> None:
    assert not is_in_git(tmp_path)
    with pytest.raises(NoRevision):
        read_revision(tmp_path, "HEAD")


def test_variables_of_another_repository_lead_nowhere(
    fleet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(fleet / "nowhere"))
    assert is_in_git(fleet)
