"""examples/fleet is what the documentation says it is: it compiles, checks clean and rehearses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from kingtide.cli.app import run
from kingtide.cli.failure import ExitCode
from kingtide.compile.plan.encode import decode_plan
from kingtide.files.fleet_folder import read_fleet_folder

FLEET = Path(__file__).resolve().parents[3] / "examples" / "fleet"
CLUSTERS = ["prod-dublin", "prod-frankfurt", "staging-paris"]


def test_it_has_what_a_fleet_is_about() -> None:
    fleet = read_fleet_folder(FLEET)
    specs = {name: it.spec for name, it in fleet.clusters.items()}
    assert sorted(specs) == CLUSTERS
    assert [it.stage for _, it in sorted(specs.items())] == ["canary", "prod", "staging"]
    assert specs["prod-dublin"].node_groups["api"].dedicated
    assert all(it.node_groups["workers"].on_demand_fallback for it in specs.values())
    assert all(it.overprovisioning["workers"].ladder for it in specs.values())
    assert specs["staging-paris"].downscale is not None


def test_it_checks_clean(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(FLEET)]) == ExitCode.YES
    assert capsys.readouterr().out.startswith("0 errors, 0 warnings (3 clusters")


def test_it_plans(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Against what it was compiled to, against nothing, and with a change in it."""
    rendered, changed = tmp_path / "rendered", tmp_path / "fleet"
    assert run(["compile", str(FLEET), "--out", str(rendered)]) == ExitCode.YES
    plan = ["plan", "--against", str(rendered), "--exit-code", "--fleet"]
    capsys.readouterr()
    assert run([*plan, str(FLEET)]) == ExitCode.YES
    # The order of promotion, not the alphabet's.
    assert "unchanged: staging-paris, prod-dublin, prod-frankfurt" in capsys.readouterr().out

    shutil.copytree(FLEET, changed)
    fleet = changed / "fleet.yaml"
    fleet.write_text(fleet.read_text().replace("1.35.7", "1.36.1"))
    out = tmp_path / "next.plan.json"
    assert run([*plan, str(changed), "--out", str(out), "prod-dublin"]) == ExitCode.CHANGES
    said = capsys.readouterr().out
    assert "spot-nodes-api-8x: rolls, 2 / 6 / 60" in said
    assert "because of Cluster spec.kubernetesVersion" in said
    made = decode_plan(out.read_bytes())
    assert [it.name for it in made.clusters] == ["prod-dublin"]

    assert run(["plan", "--fleet", str(changed)]) == ExitCode.YES  # it is in no git: all are new
    assert "prod-frankfurt (prod-frankfurt.k8s.example.com) is made" in capsys.readouterr().out


FLEETS = sorted(path.parent for path in FLEET.parents[0].glob("*/fleet/fleet.yaml"))


@pytest.mark.parametrize("folder", FLEETS, ids=lambda path: path.parent.name)
def test_every_fleet_of_the_examples_is_without_errors(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = []
    if folder.parent.name == "article":
        named = ["--cluster", "prod", "--cluster", "dedicated"]  # `dozen` is what went wrong
    assert run(["check", str(folder), "--today", "2026-11-22", *named]) == ExitCode.YES
    assert ": error " not in capsys.readouterr().out


def test_it_compiles(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compile", str(FLEET), "--out", str(tmp_path)]) == ExitCode.YES
    assert run(["compile", str(FLEET), "--out", str(tmp_path), "--check"]) == ExitCode.YES
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == CLUSTERS
    kops = (tmp_path / "prod-dublin" / "kops.yaml").read_text()
    assert "spot-nodes-api-8x" in kops
    assert "on-demand-api-8x" in kops


@pytest.mark.parametrize("cluster", ["prod-dublin", "prod-frankfurt"])
def test_it_rehearses_on_both_production_clusters(
    tmp_path: Path, cluster: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["rehearse", str(FLEET), "--cluster", cluster, "--json", "--out", str(tmp_path)]
    assert run(arguments) == ExitCode.YES
    found = json.loads(capsys.readouterr().out)
    assert found["name"] == "kick-off"


def test_what_happens_in_its_evening_happens(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["rehearse", str(FLEET), "--quiet", "--out", str(tmp_path)]) == ExitCode.YES
    journal = (tmp_path / "decisions.jsonl").read_text()
    controllers = {json.loads(line)["controller"] for line in journal.splitlines()}
    assert {
        "node_autoscaling",
        "overprovisioning",
        "prescaling",
        "spot_interruption",
    } <= controllers


def test_its_timetable_takes_staging_down_at_night(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["preview", str(FLEET), "--cluster", "staging-paris", "--from", "2026-03-23"]
    assert run(["downscaling", *arguments, "--week"]) == ExitCode.YES
    assert "07:30" in capsys.readouterr().out
