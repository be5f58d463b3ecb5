from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.cli.app import run
from kingtide.cli.failure import ExitCode

FLEET = Path(__file__).parents[3] / "examples" / "prime-time" / "fleet"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--all", "--cluster", "prd"], "did you mean 'prod'?"),
        (["--cluster", "prod"], "no controller is named"),
        (["node-autoscalin", "--cluster", "prod"], "did you mean 'node_autoscaling'?"),
        (["prescaling", "--cluster", "prod"], "prod does not ask for prescaling"),
        (["--all", "--cluster", "prod", "--clock", "sun"], "--clock"),
    ],
    ids=["no such cluster", "none named", "misspelt", "not asked for", "clock"],
)
def test_what_cannot_be_run_is_told_before_anything_is_reached(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["run", *words, "--fleet", str(FLEET)]) == ExitCode.BAD_INPUT
    assert told in capsys.readouterr().err


def test_no_cluster_to_reach_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", "--all", "--cluster", "prod", "--fleet", str(FLEET)]
    absent = ["--kubeconfig", str(tmp_path / "absent"), "--out", str(tmp_path)]
    assert run([*words, *absent]) == ExitCode.BAD_INPUT
    assert "not found" in capsys.readouterr().err
