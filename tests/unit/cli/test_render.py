from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.cli.app import run
from kingtide.cli.failure import ExitCode


@pytest.fixture
def toolbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in {
        "templates/1.tpl": "name: {{ .clusterName }}\nmax: {{ .max }}\n",
        "templates/2.tpl": 'types:\n  {{ include "types.yaml" . | indent 2 }}\n',
        "snippets/deep/types.yaml": "- b\n- {{ .zone }}a",
        "vars/common.yaml": "max: 3\nzone: x\n",
        "own.yaml": "zone: q\nclusterName: own\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


ALL = ("--values", "vars", "--snippets", "snippets", "--template", "templates")


def test_everything_is_rendered_to_stdout(
    toolbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["render", *ALL, "--values", "own.yaml"]) == ExitCode.YES
    assert capsys.readouterr().out == "name: own\nmax: 3\n---\ntypes:\n  - b\n  - qa\n"


def test_the_name_is_the_clusters_where_the_values_have_none(
    toolbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["render", *ALL, "--name", "given"]) == ExitCode.YES
    assert capsys.readouterr().out.startswith("name: given\n")
    assert run(["render", *ALL, "--name", "given", "--values", "own.yaml"]) == ExitCode.YES
    assert capsys.readouterr().out.startswith("name: own\n")
    assert run(["render", *ALL]) == ExitCode.YES
    assert capsys.readouterr().out.startswith("name: \n")


def test_a_file_is_written_as_a_whole(toolbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = ["render", *ALL, "--set", "max=5", "--set-string", "zone=1", "--format-yaml"]
    assert run([*line, "--out", "out/x.yaml"]) == ExitCode.YES
    assert capsys.readouterr().out == ""
    assert (toolbox / "out" / "x.yaml").read_text() == (
        "max: 5\nname: null\n---\ntypes:\n- b\n- 1a\n"
    )


def test_one_value_is_printed(toolbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["render", *ALL, "--config-value", "max"]) == ExitCode.YES
    assert run(["render", "--values", "vars", "--config-value", "none"]) == ExitCode.YES
    assert capsys.readouterr().out == "3\nnull\n"


@pytest.mark.parametrize("option", ["--fail-on-missing=false", "--no-fail-on-missing"])
def test_missing_values_may_be_allowed(
    option: str, toolbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (toolbox / "t.tpl").write_text("{{ .none }}")
    assert run(["render", "--template", "t.tpl", option]) == ExitCode.YES
    assert capsys.readouterr().out == "<no value>"


def test_mistakes_end_with_bad_input_and_nothing_is_written(
    toolbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (toolbox / "templates" / "3.tpl").write_text('a\n{{ env "HOME" }} {{ now }}\n')
    assert run(["render", *ALL, "--out", "x.yaml"]) == ExitCode.BAD_INPUT
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "error: 2 mistakes, nothing was rendered"
    assert told[1].startswith("  templates/3.tpl:2:4: env reads the environment")
    assert told[2].startswith("  templates/3.tpl:2:21: now reads the clock")
    assert not (toolbox / "x.yaml").exists()


def test_a_command_without_a_template_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["render"]) == ExitCode.BAD_INPUT
    assert "name one with --template FILE" in capsys.readouterr().err


def test_a_snippet_that_replaces_another_is_told_on_stderr(
    toolbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (toolbox / "snippets" / "types.yaml").write_text("- z")
    assert run(["render", *ALL]) == ExitCode.YES
    printed = capsys.readouterr()
    assert printed.err == (
        "note: snippets/types.yaml replaces snippets/deep/types.yaml: both are 'types.yaml'\n"
    )
    assert printed.out.endswith("  - z\n")
