"""`kingtide admission review`, as typed."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from kingtide.cli import examples
from kingtide.cli.app import run
from kingtide.cli.failure import ExitCode
from tests.unit.cli.test_examples import words

ROOT = Path(__file__).parents[3]
WRONG, RIGHT = (str(ROOT / "examples" / "admission" / it) for it in ("wrong.yaml", "right.yaml"))
REVIEW = ("admission", "review")
PROD = ("--fleet", str(ROOT / "examples" / "fleet"), "--cluster", "prod-dublin")


def test_what_is_refused_is_told_with_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*REVIEW, WRONG]) == ExitCode.NO
    shown = capsys.readouterr()
    printed = shown.out.splitlines()
    assert shown.err == ""
    assert printed[0] == (
        f"{WRONG}:14:22: refused: DaemonSet monitoring/node-agent: daemonSets:"
        " spec.template.spec.containers[0].resources.limits.cpu is missing, and container agent"
        " requests 100m; write limits.cpu: 100m"
    )
    assert printed[-1] == "2 objects: 2 refused, 0 changed"


def test_a_clusters_settings_groups_and_namespaces_count(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run([*REVIEW, RIGHT, *PROD]) == ExitCode.YES
    shown = capsys.readouterr()
    printed = shown.out
    # The example's cluster asks for no admission: its rules would not hold there.
    assert "note: the cluster does not ask for admission" in shown.err
    assert "+        kingtide.dev/node-group: api\n" in printed
    assert "+      priorityClassName: high\n" in printed
    # The fleet's Policy has limits copied from requests.
    assert run([*REVIEW, WRONG, *PROD]) == ExitCode.NO
    assert "2 objects: 1 refused, 1 changed" in capsys.readouterr().out


def test_json_has_the_changes_as_a_patch(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    piped = io.TextIOWrapper(io.BytesIO(Path(RIGHT).read_bytes()))
    monkeypatch.setattr(sys, "stdin", piped)
    assert run([*REVIEW, "-", "--json"]) == ExitCode.YES
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["file"], found["kind"], found["allowed"]) == ("<stdin>", "Deployment", True)
    (change,) = found["changes"]
    assert (change["op"], change["path"]) == ("add", "/spec/template/spec/dnsConfig/options")


def test_a_folder_is_read_whole_and_its_namespaces_count(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "a.yaml").write_text(
        Path(RIGHT).read_text().replace("namespace: api", "namespace: b")
    )
    (tmp_path / "z.yaml").write_text(
        "apiVersion: v1\nkind: Namespace\nmetadata:\n"
        "  name: b\n  labels: {kingtide.dev/node-group: admin}\n"
    )
    assert run([*REVIEW, str(tmp_path), *PROD]) == ExitCode.YES
    assert "+        kingtide.dev/node-group: admin\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nowhere.yaml",), "does not exist"),
        ((WRONG, "--cloister", "prod-dublin"), "unknown option: --cloister"),
        ((WRONG, "--cluster", "prod-dublin"), "--cluster is of a fleet"),
        ((WRONG, *PROD[:2]), "has several clusters"),
        ((WRONG, *PROD[:3], "prod-dubln"), "did you mean 'prod-dublin'"),
    ],
)
def test_what_cannot_be_read_is_bad_input(
    arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*REVIEW, *arguments]) == ExitCode.BAD_INPUT
    assert told in capsys.readouterr().err


def test_the_examples_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    for example in examples.ADMISSION:
        expected = ExitCode.NO if "wrong" in example.command else ExitCode.YES
        assert run(words(example)) == expected, example
        assert capsys.readouterr().out
