from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from kingtide.cli.app import run
from kingtide.cli.failure import ExitCode
from kingtide.compile.plan.encode import decode_plan
from tests.unit.cli.test_compile import write
from tests.unit.compile.fleets import CLUSTER, FLEET
from tests.unit.files.test_git_revision import git

GROUPS = {
    "workers": {
        "spot": {"sizes": {"4x": {"instances": ["m5.4xlarge"], "min": 1, "max": 9, "typical": 4}}},
        "onDemandFallback": {"sizes": {"4x": {"max": 9}}},
    }
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return fleet(tmp_path / "fleet")


def fleet(folder: Path, **spec: Any) -> Path:
    folder.mkdir(exist_ok=True)
    write(folder, "fleet.yaml", "Fleet", "acme", FLEET)
    write(
        folder, "clusters/small.yaml", "Cluster", "small", {**CLUSTER, "nodeGroups": GROUPS, **spec}
    )
    return folder


def planned(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["plan", *arguments]) == ExitCode.YES
    return capsys.readouterr().out


def test_outside_of_git_everything_is_new_and_that_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = planned(capsys, "--fleet", str(folder))
    assert told.startswith(f"from nothing (no git) to {folder}\n")
    assert "small (small." in told
    assert "is made" in told


def test_without_a_word_the_last_commit_is_what_there_is(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    commit = git(folder, "rev-parse", "HEAD")[:12]
    assert "unchanged: small" in planned(capsys, "--fleet", str(folder))
    fleet(folder, image="new")
    told = planned(capsys, "--fleet", str(folder))
    assert f"from git {commit} to {folder}" in told
    assert "spot-nodes-workers-4x: rolls, 1 / 4 / 9, 1 more at a time" in told
    assert planned(capsys, "--fleet", str(folder), "--against", "main") == told
    assert planned(capsys, "--fleet", str(folder), "--against", "git:main") == told


def test_a_compiled_folder_is_what_there_is(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["compile", str(folder), "--out", str(tmp_path / "out")]) == ExitCode.YES
    capsys.readouterr()
    against = ("--fleet", str(folder), "--against", str(tmp_path / "out"))
    assert "unchanged: small" in planned(capsys, *against)
    fleet(folder, image="new")
    assert "spot-nodes-workers-4x: rolls, 1 / 4 / 9" in planned(capsys, *against)


def test_4_tells_of_changes_where_it_is_asked_for(folder: Path, tmp_path: Path) -> None:
    other = fleet(tmp_path / "other", image="new")
    line = ["plan", "--fleet", str(folder), "--exit-code"]
    assert run([*line, "--against", str(folder)]) == ExitCode.YES
    assert run([*line, "--against", str(other)]) == ExitCode.CHANGES


def test_a_plan_is_written_as_it_is_printed_for_programs(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other, out = fleet(tmp_path / "other", image="new"), tmp_path / "x.plan.json"
    line = ("--fleet", str(folder), "--against", str(other), "--out", str(out), "--json")
    printed = planned(capsys, *line)
    assert printed.encode() == out.read_bytes()
    assert [it.name for it in decode_plan(out.read_bytes()).clusters] == ["small"]


def test_a_merge_request_gets_a_table_and_what_is_below_it(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = fleet(tmp_path / "other", image="new")
    told = planned(
        capsys, "small", "--fleet", str(folder), "--against", str(other), "--format", "markdown"
    )
    table = [line for line in told.splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in table}) == 1
    assert table[2].startswith("| small | changes | 2 / 5 / 19 |")
    assert "- `spot-nodes-workers-4x` rolls, 1 / 4 / 9" in told
    assert told.count("```") % 2 == 0


def test_budgets_of_the_manifests_beside_the_fleet_are_asked(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = fleet(tmp_path / "other", image="new")
    (folder / "manifests" / "small").mkdir(parents=True)
    labels = {"app": "api"}
    pods = {"metadata": {"labels": labels}, "spec": {}}
    objects = [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "api", "namespace": "shop"},
            "spec": {"replicas": 2, "selector": {"matchLabels": labels}, "template": pods},
        },
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": "api", "namespace": "shop"},
            "spec": {"minAvailable": 2, "selector": {"matchLabels": labels}},
        },
    ]
    text = "---\n".join(f"{json.dumps(it)}\n" for it in objects)
    (folder / "manifests" / "small" / "api.yaml").write_text(text)
    told = planned(capsys, "--fleet", str(folder), "--against", str(other))
    assert "Deployment shop/api (2 replicas) on" in told
    assert "needs 2 healthy pods and has 2 currently" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(("smal",), "there is no cluster 'smal'", id="a cluster"),
        pytest.param(("--against", "nowhere"), "--against cannot be read", id="a revision"),
        pytest.param(("--against", ""), "--against names nothing", id="no folder"),
        pytest.param(("--out", "{empty}"), "is a folder", id="a folder for the plan"),
        pytest.param(("--against", "{empty}"), "holds neither a fleet.yaml", id="a folder"),
        pytest.param(("--fleet", "{empty}"), "holds no fleet.yaml", id="no fleet"),
        pytest.param(("--seed", "3"), "--seed is of a rehearsal", id="a seed of nothing"),
    ],
)
def test_what_cannot_be_planned_is_told(
    folder: Path,
    tmp_path: Path,
    arguments: tuple[str, ...],
    told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "empty").mkdir()
    given = [it.format(empty=tmp_path / "empty") for it in arguments]
    fleets = [] if "--fleet" in given else ["--fleet", str(folder)]
    assert run(["plan", *given, *fleets]) == ExitCode.BAD_INPUT
    assert told in capsys.readouterr().err


def test_mistakes_of_an_earlier_revision_are_told_with_their_place(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet(folder, imagee="new")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    fleet(folder)
    assert run(["plan", "--fleet", str(folder)]) == ExitCode.BAD_INPUT
    told = capsys.readouterr().err
    assert "1 mistake at git" in told
    assert ":clusters/small.yaml:" in told


def test_clusters_that_cannot_be_asked_are_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["plan", "--fleet", str(folder), "--against", "live", "--kops", "no-such-kops"]
    assert run(line) == ExitCode.RUN_FAILED
    assert "there is no no-such-kops" in capsys.readouterr().err


def test_help_is_there_without_git_or_kops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    assert run(["plan", "--help"]) == ExitCode.YES
    assert run(["apply", "--help"]) == ExitCode.YES


@pytest.mark.parametrize("name", ["kops.yaml", "objects.yaml"])
def test_half_of_a_compiled_folder_is_no_cluster_that_is_not_there(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    rendered = tmp_path / "rendered"
    assert run(["compile", str(folder), "--out", str(rendered)]) == ExitCode.YES
    plan = ["plan", "--fleet", str(folder), "--against", str(rendered)]
    file = rendered / "small" / name
    file.write_bytes(b"a: b\nc: \xff\n")
    assert run(plan) == ExitCode.BAD_INPUT
    assert f"{file}:2:1: is not UTF-8 text" in capsys.readouterr().err
    file.unlink()
    assert run(plan) == ExitCode.BAD_INPUT
    assert f"{file}: does not exist" in capsys.readouterr().err
