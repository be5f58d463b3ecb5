from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from kingtide.cli.app import run
from kingtide.cli.failure import ExitCode
from kingtide.cli.up_settings import set_otherwise
from kingtide.rehearsal.held import held
from kingtide.rehearsal.prepare import prepare
from kingtide.rehearsal.summary import decode_summary
from kingtide.roster.journal import decode_journal
from tests.small_rehearsal import BASE, write_small

KINGTIDE = Path(sys.executable).with_name("kingtide")
KUBECTL = Path(sys.executable).with_name("kubectl")


@contextmanager
def started(folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Start `kingtide up` in a folder; it has said what to try when this yields."""
    command = [str(KINGTIDE), "up", str(write_small(folder)), "--out", "report", *options]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if "Ctrl-C" in line or line.startswith("kingtide.kubeconfig"):
                    break
            yield process
        finally:
            process.kill()


def kubectl(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        [
            KUBECTL,
            "--kubeconfig",
            folder / "kingtide.kubeconfig",
            "--cache-dir",
            folder,
            *arguments,
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM])
def test_an_evening_is_served_until_a_signal_and_leaves_a_report(
    tmp_path: Path, ended_by: signal.Signals
) -> None:
    with started(tmp_path, "--demo-peak", "--speed", "200", "--quiet") as process:
        kubeconfig = tmp_path / "kingtide.kubeconfig"
        assert kubeconfig.stat().st_mode & 0o777 == 0o600
        while "Rescale" not in kubectl(tmp_path, "get", "events", "-A"):
            assert process.poll() is None
        process.send_signal(ended_by)
        assert process.wait(60) == ExitCode.YES
    assert not kubeconfig.exists()
    summary = decode_summary((tmp_path / "report" / "summary.json").read_bytes())
    assert not summary.partial
    assert (tmp_path / "report" / "report.html").is_file()


def test_without_an_evening_and_controllers_nothing_grows(tmp_path: Path) -> None:
    with started(tmp_path, "--controllers", "none", "--speed", "500", "--quiet") as process:
        at = json.loads(kubectl(tmp_path, "get", "--raw", "/api/v1/nodes"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == ExitCode.YES
    assert len(at["items"]) == 3
    decided = decode_journal((tmp_path / "report" / "decisions.jsonl").read_bytes())
    handed_over_ms = prepare(write_small(tmp_path)).definition.start_ms
    assert {entry.at_ms for entry in decided} <= {handed_over_ms}


def test_what_is_served_to_nobody_else_is_the_rehearsal(tmp_path: Path) -> None:
    """Being watched changes nothing: the same decisions at the same instants, the same figures."""
    scenario = str(write_small(tmp_path))
    assert run(["rehearse", scenario, "--out", str(tmp_path / "rehearsed"), "--quiet"]) in (0, 1)
    options = ("--demo-peak", "--until-end", "--speed", "300", "--quiet")
    with started(tmp_path, *options) as process:
        while process.poll() is None:
            for kind in ("nodes", "pods", "events"):
                seen_if_there(tmp_path, "get", kind, "-A")
        assert process.returncode == ExitCode.YES
    for file in ("decisions.jsonl", "series.csv", "summary.json"):
        served, rehearsed = (tmp_path / it / file for it in ("report", "rehearsed"))
        assert served.read_text() == rehearsed.read_text(), file


@pytest.mark.parametrize(
    ("kept", "otherwise"),
    [
        pytest.param((), ("node_autoscaling",), id="handed-over"),
        pytest.param(("nodeAutoscaling",), (), id="kept"),
    ],
)
def test_what_others_cannot_know_of_the_scenario_is_told(
    tmp_path: Path, kept: tuple[str, ...], otherwise: tuple[str, ...]
) -> None:
    assert set_otherwise(prepare(write_small(tmp_path)), kept) == otherwise


def test_files_that_say_what_the_scenario_says_need_no_note(tmp_path: Path) -> None:
    base = BASE.replace("autoscaler: {", "autoscaler: {scaleDown: {unneededTime: 5m}, ")
    assert set_otherwise(prepare(write_small(tmp_path, base=base)), ()) == ()


def test_time_stands_still_until_somebody_holds_the_lease(tmp_path: Path) -> None:
    options = ("--controllers", "none", "--wait-for-lease", "jobs/mine", "--speed", "100")
    with started(tmp_path, *options, "--quiet") as process:
        at = [server_time(tmp_path) for _ in range(3)]
        assert at[0] == at[2]
        file = tmp_path / "lease.json"
        lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease"}
        spec = {"metadata": {"name": "mine", "namespace": "jobs"}, "spec": {"holderIdentity": "me"}}
        file.write_text(json.dumps(lease | spec))
        kubectl(tmp_path, "create", "-f", str(file))
        while server_time(tmp_path) == at[0]:
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == ExitCode.YES


def server_time(folder: Path) -> str:
    """Return the creation time of what is only now made, in the cluster's time."""
    found = kubectl(folder, "create", "namespace", "now", "--dry-run=server", "-o", "json")
    return str(json.loads(found)["metadata"]["creationTimestamp"])


def seen_if_there(folder: Path, *arguments: str) -> None:
    """Ask the server, which may have ended by now."""
    with suppress(subprocess.CalledProcessError):
        kubectl(folder, *arguments)


def test_held_load_is_that_of_the_start_and_nothing_happens_to_it(tmp_path: Path) -> None:
    definition = prepare(write_small(tmp_path)).definition
    found = held(definition)
    assert [it.demand for it in found.applications if it.demand] == [
        (definition.applications[0].demand[0],)
    ]
    assert (definition.outages != (), found.outages) == (True, ())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--controllers", "node-autoscaler"], "'node-autoscaler' does not run"),
        (["--wait-for-lease", "kingtide"], "--wait-for-lease: 'kingtide' names no Lease"),
        (["--speed", "0"], "--speed: speed must be more than 0"),
        (["--speed", "nan"], "--speed: speed must be more than 0"),
        (["--port", "65536"], "--port: 65536 is no port"),
        (["--cluster", "none"], "1 mistake, nothing was started"),
    ],
)
def test_bad_input_starts_nothing(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["up", str(write_small(tmp_path)), *options]) == ExitCode.BAD_INPUT
    assert message in capsys.readouterr().err
    assert not (tmp_path / "kingtide.kubeconfig").exists()


def test_a_port_that_is_taken_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert run(["up", str(write_small(tmp_path)), "--port", port]) == ExitCode.RUN_FAILED
    assert "cannot be listened on (Address already in use)" in capsys.readouterr().err
