from __future__ import annotations

import json
from pathlib import Path

import pytest

from kingtide.check.registry import RULES
from kingtide.check.rule import Example
from kingtide.cli.app import run
from kingtide.cli.failure import ExitCode
from tests.unit.check.example_fleet import API, example_files

ONE_ZONE = "nodeGroups: {workers: {zones: [a]}}"


def write(folder: Path, example: Example) -> str:
    for path, text in example_files(example).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return str(folder)


def cluster(name: str, waiver: str = "") -> dict[str, str]:
    head = f"{API}\nkind: Cluster\nmetadata: {{name: {name}, waivers: [{waiver}]}}\n"
    return {f"clusters/{name}.yaml": f"{head}spec: {{class: base}}\n"}


def test_a_good_fleet_ends_with_yes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", write(tmp_path, Example())]) == ExitCode.YES
    assert capsys.readouterr().out.startswith("0 errors, 0 warnings (1 cluster, ")


def test_the_current_folder_is_checked_when_none_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, Example(spec=ONE_ZONE))
    monkeypatch.chdir(tmp_path)
    assert run(["check"]) == ExitCode.NO
    assert capsys.readouterr().out.startswith("clusters/prod.yaml:6:33: error KT207: ")


def test_warnings_end_with_no_when_strict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    waiver = "{check: KT207, until: 2099-12-31, reason: why}"
    folder = write(tmp_path, Example(files=cluster("prod", waiver)))
    assert run(["check", folder]) == ExitCode.YES
    assert "warning KT111" in capsys.readouterr().out
    assert run(["check", folder, "--strict"]) == ExitCode.NO
    assert run(["check", folder, "--strict", "--ignore", "KT11"]) == ExitCode.YES
    assert run(["check", folder, "--today", "2100-01-01"]) == ExitCode.NO


def test_mistakes_of_every_file_are_findings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = {"stages/prod.yaml": "{", "manifests/x.yaml": "a: [", "classes/other.yaml": "a: 1"}
    folder = write(tmp_path, Example(spec="zonse: [a]", files=broken))
    assert run(["check", folder, "--json"]) == ExitCode.NO
    found = json.loads(capsys.readouterr().out)
    named = {(Path(it["file"]).name, it["code"]) for it in found["findings"]}
    assert {("prod.yaml", "KT101"), ("prod.yaml", "KT103"), ("x.yaml", "KT101")} <= named
    assert ("other.yaml", "KT104") in named


def test_one_cluster_can_be_asked_about(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write(tmp_path, Example(spec=ONE_ZONE, files=cluster("other")))
    assert run(["check", folder, "--cluster", "other"]) == ExitCode.YES
    assert run(["check", folder, "--cluster", "prod"]) == ExitCode.NO
    capsys.readouterr()
    assert run(["check", folder, "--cluster", "prd"]) == ExitCode.BAD_INPUT
    assert "has no cluster 'prd'\nhint: did you mean 'prod'?" in capsys.readouterr().err


def test_mistakes_of_other_clusters_are_theirs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = cluster("other")
    other["clusters/other.yaml"] += "  zonse: [a]\n"
    other["clusters/other.yaml"] = other["clusters/other.yaml"].replace(
        "spec: {class: base}", "spec:\n  class: base"
    )
    folder = write(tmp_path, Example(files=other))
    assert run(["check", folder]) == ExitCode.NO
    assert run(["check", folder, "--cluster", "other"]) == ExitCode.NO
    capsys.readouterr()
    assert run(["check", folder, "--cluster", "prod"]) == ExitCode.YES
    assert capsys.readouterr().out.startswith("0 errors, 0 warnings (1 cluster, ")


def test_manifests_that_are_named_are_read_as_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(tmp_path / "fleet", Example())
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "x.yaml").write_text("metadata: {name: x}\n")
    assert run(["check", folder, "--manifests", str(tmp_path / "more")]) == ExitCode.NO
    assert "more/x.yaml:1:1: error KT104: kind: is missing" in capsys.readouterr().out
    assert run(["check", folder, "--manifests", str(tmp_path / "none")]) == ExitCode.BAD_INPUT


def test_manifests_of_one_cluster_are_not_anothers(tmp_path: Path) -> None:
    from kingtide.cli.check import _read

    named = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"
    files = {"manifests/all.yaml": named, "manifests/prod/one.yaml": named}
    fleet = _read(Path(write(tmp_path, Example(files={**files, **cluster("other")}))), (), ())
    assert {it.name: len(it.manifests) for it in fleet.clusters} == {"other": 1, "prod": 2}


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--select", "KT999"], "error: no check's code begins with 'KT999'\nhint: "),
        (["--today", "tomorrow"], "error: --today: 'tomorrow' is not a date\nhint: write"),
        (["--explain", "KT2077"], "error: there is no check 'KT2077'\nhint: did you mean 'KT207'?"),
    ],
    ids=["selection", "date", "explained"],
)
def test_what_is_typed_wrong_is_told(
    arguments: list[str], error: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", write(tmp_path, Example()), *arguments]) == ExitCode.BAD_INPUT
    assert capsys.readouterr().err.startswith(error)


def test_a_folder_without_a_fleet_is_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", str(tmp_path)]) == ExitCode.BAD_INPUT
    assert "holds no fleet.yaml\nhint: name the folder of a fleet" in capsys.readouterr().err


def test_a_rule_is_explained_in_any_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--explain", "kt207"]) == ExitCode.YES
    assert capsys.readouterr().out.startswith("KT207 (error): Nodes in a single zone\n")


@pytest.mark.parametrize("form", ["json", "sarif", "github", "text"])
def test_every_form_is_printed(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", write(tmp_path, Example(spec=ONE_ZONE)), "--format", form]) == ExitCode.NO
    printed = capsys.readouterr().out
    assert "KT207" in printed
    if form in ("json", "sarif"):
        json.loads(printed)


def test_generated_documents_are_held_against_kops_own_schema(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = next(it for it in RULES if it.code == "KT603")
    folder = write(tmp_path / "fleet", rule.failing)
    crds = tmp_path / "crds"
    crds.mkdir()
    for kind, text in rule.failing.crds.items():
        (crds / f"{kind}.yaml").write_text(text, encoding="utf-8")
    assert run(["check", folder]) == ExitCode.YES
    assert "warning KT602" in capsys.readouterr().out
    assert run(["check", folder, "--kops-crds", str(crds)]) == ExitCode.NO
    told = capsys.readouterr().out
    assert "error KT603" in told
    assert "KT602" not in told
    assert run(["check", folder, "--kops-crds", str(tmp_path)]) == ExitCode.BAD_INPUT
    assert "error: --kops-crds cannot be read" in capsys.readouterr().err
