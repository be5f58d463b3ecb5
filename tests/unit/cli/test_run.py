from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kingtide.cli.app import run
from kingtide.cli.failure import ExitCode

FLEET = Path(__file__).parents[3] / "examples" / "prime-time" / "fleet"
KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: it
clusters: [{{name: it, cluster: {{server: "{}"}}}}]
contexts: [{{name: it, context: {{cluster: it, user: it}}}}]
users: [{{name: it, user: {{token: x}}}}]
"""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--all", "--cluster", "prd"], "did you mean 'prod'?"),
        (["--cluster", "prod"], "no controller is named"),
        (["node-autoscalin", "--cluster", "prod"], "did you mean 'node-autoscaling'?"),
        (["prescaling", "--cluster", "prod"], "prod does not ask for prescaling"),
        (["--all", "--cluster", "prod", "--clock", "sun"], "--clock"),
        (["--all", "overprovisioning", "--cluster", "prod"], "--all and overprovisioning are two"),
        (["--all", "--cluster", "prod", "--webhook", "1"], "--webhook: only admission has a"),
        (["--all", "--cluster", "prod", "--webhook-url", "https://x"], "--webhook-url: only"),
        (["--all", "--cluster", "prod", "--once", "--listen", "0"], "--listen: with --once"),
        (["--all", "--cluster", "prod", "--drain-seconds", "5"], "--drain-seconds: only ingress"),
        (["ingress", "--cluster", "prod", "--webhook", "1"], "--webhook: only admission has a"),
        (["--all", "--cluster", "prod", "--aws-endpoint", "aws"], "--aws-endpoint: 'aws' is no"),
    ],
    ids=[
        "no such cluster",
        "none named",
        "misspelt",
        "not asked for",
        "clock",
        "all and one",
        "webhook without admission",
        "its address without admission",
        "served by one pass",
        "drain without ingress",
        "webhook of ingress",
        "endpoint",
    ],
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


@pytest.mark.parametrize(
    "option",
    [
        ("--once",),
        ("--clock", "server"),
        ("--queue", "interruptions"),
        ("--aws-endpoint", "http://127.0.0.1:1"),
        ("--out", "journal"),
        ("overprovisioning",),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("alone", ["admission", "ingress"])
def test_what_a_process_that_only_serves_would_not_heed_is_refused(
    option: tuple[str, ...], alone: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["run", alone, *option, "--cluster", "prod", "--fleet", str(FLEET)]
    assert run(words) == ExitCode.BAD_INPUT
    assert f"{option[0]}: {alone} is a process of its own" in capsys.readouterr().err


def test_a_webhook_has_to_listen_somewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet = tmp_path / "fleet"
    shutil.copytree(FLEET, fleet)
    cluster = fleet / "clusters" / "prod.yaml"
    cluster.write_text(cluster.read_text() + "  admission: {}\n")
    words = ["run", "admission", "--cluster", "prod", "--fleet", str(fleet)]
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(KUBECONFIG.format("https://127.0.0.1:1"))
    assert run([*words, "--kubeconfig", str(kubeconfig), "--webhook", "none"]) == 2
    assert "--webhook: 'none' is no address" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kubeconfig", "told"),
    [
        (KUBECONFIG.format("nonsense"), "server is no https address"),
        ("apiVersion: v1\nkind: Config\n", "is none that kubectl would take"),
    ],
    ids=["no address", "nothing in it"],
)
@pytest.mark.parametrize("command", [("run", "--all"), ("shadow",)], ids=" ".join)
def test_a_kubeconfig_that_leads_nowhere_is_bad_input_and_nothing_is_written(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    command: tuple[str, ...],
    kubeconfig: str,
    told: str,
) -> None:
    (tmp_path / "kubeconfig").write_text(kubeconfig)
    words = [*command, "--cluster", "prod", "--fleet", str(FLEET), "--out", str(tmp_path / "out")]
    assert run([*words, "--kubeconfig", str(tmp_path / "kubeconfig")]) == ExitCode.BAD_INPUT
    assert told in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
