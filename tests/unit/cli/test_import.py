from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.cli.app import run
from kingtide.cli.failure import ExitCode
from kingtide.compile.compilation import compile_clusters
from kingtide.files.fleet_folder import read_fleet_folder
from kingtide.fleet.expansion import expand_cluster

ROOT = Path(__file__).resolve().parents[3]
TOOLBOX = ROOT / "examples" / "kops-toolbox"
TEMPLATES = (
    "--snippets", str(TOOLBOX / "snippets"), "--template", str(TOOLBOX / "templates"),
    "--values", str(TOOLBOX / "vars" / "common.yaml"),
)  # fmt: skip
CLUSTERS = tuple(
    word
    for name in ("prod-customer", "staging")
    for word in ("--cluster", f"{name}={TOOLBOX / 'vars' / name}.k8s.foo.bar.yaml")
)


def imported(out: Path, *words: str) -> ExitCode:
    return run(["import", "kops", *words, "--out", str(out)])


def test_the_articles_setup_becomes_a_fleet_that_compiles(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(tmp_path / "fleet", *TEMPLATES, *CLUSTERS) == ExitCode.YES
    printed = capsys.readouterr().out
    assert f"written       {tmp_path}/fleet/clusters/prod-customer.yaml\n" in printed
    assert "not imported" not in printed
    fleet = read_fleet_folder(tmp_path / "fleet")
    assert list(fleet.clusters) == ["prod-customer", "staging"]
    assert fleet.instance_lists == {"4x-cpu16": ("c5.4xlarge", "c5d.4xlarge", "c5n.4xlarge")}
    assert [it.metadata.name for it in fleet.stages] == ["prod", "staging"]
    workers = fleet.clusters["prod-customer"].spec.node_groups["workers"]
    assert workers.spot is not None
    size = workers.spot.sizes["4x-32gb"]
    assert (size.min, size.max, size.instances) == (1, 100, "4x-cpu16")
    groups = expand_cluster("c", fleet.clusters["prod-customer"].spec, fleet.instance_lists)
    assert [it.group.name for it in groups] == [
        "spot-nodes-workers-4x-32gb",
        "on-demand-workers-4x-32gb",
    ]
    assert groups[0].group.zones == ("eu-west-3a", "eu-west-3b", "eu-west-3c")
    assert compile_clusters(fleet, fleet.clusters)


def test_a_dry_run_prints_the_files_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "fleet"
    assert imported(out, *TEMPLATES, *CLUSTERS, "--dry-run") == ExitCode.YES
    printed = capsys.readouterr().out
    assert "--- clusters/staging.yaml\n# Imported from the kops cluster staging.k8s" in printed
    assert not out.exists()


def test_files_that_are_there_are_overwritten_by_force_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "fleet"
    (out / "clusters").mkdir(parents=True)
    mine = out / "clusters" / "staging.yaml"
    mine.write_text("mine")
    assert imported(out, *TEMPLATES, *CLUSTERS) == ExitCode.NO
    assert f"  {mine}\n" in capsys.readouterr().err
    assert [it.name for it in out.iterdir()] == ["clusters"]
    assert mine.read_text() == "mine"
    assert imported(out, *TEMPLATES, *CLUSTERS, "--force") == ExitCode.YES
    assert mine.read_text().startswith("# Imported from")


def test_one_cluster_needs_no_name(tmp_path: Path) -> None:
    values = TOOLBOX / "vars" / "staging.k8s.foo.bar.yaml"
    assert imported(tmp_path / "fleet", *TEMPLATES, "--values", str(values)) == ExitCode.YES
    assert list(read_fleet_folder(tmp_path / "fleet").clusters) == ["staging"]


def test_manifests_are_imported_as_templates_are(tmp_path: Path) -> None:
    values = TOOLBOX / "vars" / "staging.k8s.foo.bar.yaml"
    manifest = tmp_path / "staging.yaml"
    line = ["render", *TEMPLATES, "--values", str(values), "--out", str(manifest)]
    assert run(line) == ExitCode.YES
    assert imported(tmp_path / "one", str(manifest)) == ExitCode.YES
    assert imported(tmp_path / "two", *TEMPLATES, "--values", str(values)) == ExitCode.YES
    one, two = (
        {it.relative_to(folder): it.read_text() for it in folder.rglob("*.yaml")}
        for folder in (tmp_path / "one", tmp_path / "two")
    )
    assert one == two


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "error: nothing to import is named"),
        (("m.yaml", "--template", "t"), "error: manifests and templates are two ways"),
        (("none.yaml",), "none.yaml does not exist; name a file or a folder"),
        ((*TEMPLATES, "--cluster", "x"), "error: --cluster x: names no file"),
    ],
)
def test_a_command_line_that_makes_no_sense_is_told(
    words: tuple[str, ...], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(tmp_path / "fleet", *words) == ExitCode.BAD_INPUT
    assert told in capsys.readouterr().err
    assert not (tmp_path / "fleet").exists()


def test_what_a_fleet_has_no_place_for_is_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values = TOOLBOX / "vars" / "staging.k8s.foo.bar.yaml"
    bastion = tmp_path / "bastion.tpl"
    bastion.write_text(
        "---\napiVersion: kops.k8s.io/v1alpha2\nkind: InstanceGroup\nmetadata:\n  name: bastions\n"
        "  labels: {kops.k8s.io/cluster: staging.k8s.foo.bar}\nspec: {role: Bastion}\n"
        "---\nkind: SSHCredential\nmetadata: {name: admin}\n"
    )
    words = (*TEMPLATES, "--values", str(values), "--template", str(bastion))
    assert imported(tmp_path / "fleet", *words) == ExitCode.YES
    assert [it for it in capsys.readouterr().out.splitlines() if it.startswith("not ")] == [
        "not imported: staging: InstanceGroup bastions: a fleet has no machines of role Bastion",
        "not imported: SSHCredential admin",
    ]
    own = (tmp_path / "fleet" / "clusters" / "staging.yaml").read_text()
    assert "# Not imported: InstanceGroup bastions: a fleet has no machines" in own


def test_what_an_earlier_import_left_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(tmp_path, *TEMPLATES, *CLUSTERS)
    one = (*TEMPLATES, *CLUSTERS[:2])
    assert imported(tmp_path, *one, "--force") == ExitCode.YES
    printed = capsys.readouterr().out
    assert f"kept          {tmp_path}/clusters/staging.yaml\n" in printed


def test_checks_of_what_was_imported_are_told_by_their_codes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(tmp_path, *TEMPLATES, *CLUSTERS)
    printed = capsys.readouterr().out
    assert "warning:      KT208 Fewer than ten types for spot (x 2)\n" in printed
    assert "error:" not in printed
    assert "KT302" not in printed  # the order of groups is by the names that kops has
