"""`kingtide run` as a process of its own: how it ends, and that its secrets stay its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kingtide.twin.apiserver.aws.signature import ACCESS_KEY_ID
from tests.running_process import SECONDS, Site, site
from tests.served_world import TOKEN

KINGTIDE = [sys.executable, "-c", "from kingtide.cli import main; main()"]
SECRET = "a-secret-that-nobody-may-read"
EXEC = """\
apiVersion: v1
kind: Config
current-context: it
clusters: [{{name: it, cluster: {{server: "{server}", insecure-skip-tls-verify: true}}}}]
contexts: [{{name: it, context: {{cluster: it, user: it}}}}]
users:
- name: it
  user: {user}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("site")) as found:
        yield found


def command(place: Site, folder: Path, *more: str, kubeconfig: Path | None = None) -> list[str]:
    found = [*KINGTIDE, "run", "--all", "--cluster", "prod", "--fleet", str(place.fleet)]
    found += ["--kubeconfig", str(kubeconfig or place.kubeconfig), "--aws-endpoint", place.aws.url]
    return [*found, "--out", str(folder), "--json", *more]


def environment(secret: str = TOKEN) -> dict[str, str]:
    keys = {"AWS_ACCESS_KEY_ID": ACCESS_KEY_ID, "AWS_SECRET_ACCESS_KEY": secret}
    return {**os.environ, **keys}


def finished(arguments: list[str], secret: str = TOKEN) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        arguments,
        env=environment(secret),
        timeout=SECONDS,
        capture_output=True,
        text=True,
        check=False,
    )


def everything_told(folder: Path, done: subprocess.CompletedProcess[str]) -> str:
    files = [it.read_text() for it in folder.rglob("*") if it.is_file()]
    return "".join([done.stdout, done.stderr, *files])


def test_a_signal_ends_it_after_its_pass_and_gives_the_lease_back(
    place: Site, tmp_path: Path
) -> None:
    with subprocess.Popen(
        command(place, tmp_path / "journal", "--listen", "0"),
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        told = wait_for("first pass after", process)
        process.send_signal(signal.SIGTERM)
        told += process.stderr.read()
        assert process.wait(SECONDS) == 0
    assert "ends after this pass" in told
    path = "/apis/coordination.k8s.io/v1/namespaces/kingtide-system/leases/kingtide"
    with place.served.client() as client:
        assert client.get(path).json()["spec"]["holderIdentity"] == ""


def wait_for(text: str, process: subprocess.Popen[str]) -> str:
    """Read the log up to a line; the process ending ends it too."""
    assert process.stderr is not None
    told, ends = "", time.monotonic() + SECONDS
    while text not in told:
        line = process.stderr.readline()
        assert line, told
        assert time.monotonic() < ends, told
        told += line
    return told


def test_a_token_that_is_not_taken_ends_it_at_once_and_is_not_told(
    place: Site, tmp_path: Path
) -> None:
    config = tmp_path / "kubeconfig"
    config.write_text(EXEC.format(server=place.served.server.url, user=f"{{token: {SECRET}}}"))
    done = finished(command(place, tmp_path / "journal", kubeconfig=config))
    assert done.returncode == 2, done.stderr
    assert "401" in done.stderr
    assert SECRET not in everything_told(tmp_path / "journal", done)


@pytest.mark.parametrize(
    "script",
    [f"echo {SECRET}; echo {SECRET} >&2", f"echo {SECRET}; echo {SECRET} >&2; exit 1"],
    ids=["prints no credential", "fails"],
)
def test_what_an_exec_command_prints_is_not_told(place: Site, tmp_path: Path, script: str) -> None:
    plugin = tmp_path / "plugin"
    plugin.write_text(f"#!/bin/sh\n{script}\n")
    plugin.chmod(0o755)
    user = f"{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: {plugin}}}}}"
    config = tmp_path / "kubeconfig"
    config.write_text(EXEC.format(server=place.served.server.url, user=user))
    done = finished(command(place, tmp_path / "journal", kubeconfig=config))
    assert done.returncode == 2, done.stderr
    assert "plugin" in done.stderr
    assert SECRET not in everything_told(tmp_path / "journal", done)


def test_keys_that_aws_does_not_take_are_told_without_them(place: Site, tmp_path: Path) -> None:
    with subprocess.Popen(
        command(place, tmp_path / "journal"),
        env=environment(SECRET),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        told = wait_for("autoScalingGroups has not been listed", process)
        if '"part": "autoScalingGroups"' not in told:
            told += wait_for('"part": "autoScalingGroups"', process)
        process.send_signal(signal.SIGINT)
        told += process.stderr.read()
        assert process.wait(SECONDS) == 0
    assert "SignatureDoesNotMatch" in told
    assert SECRET not in told
    assert TOKEN not in told
    assert SECRET not in (tmp_path / "journal" / "decisions.jsonl").read_text()


def test_a_cluster_that_does_not_answer_is_a_failure_while_running(
    place: Site, tmp_path: Path
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # taken, and never listened on
        config = tmp_path / "kubeconfig"
        server = f"https://127.0.0.1:{nobody.getsockname()[1]}"
        config.write_text(EXEC.format(server=server, user="{token: x}"))
        done = finished(command(place, tmp_path / "journal", kubeconfig=config))
    assert done.returncode == 3
    assert f"{server} does not answer" in done.stderr


def test_an_address_that_is_taken_is_told_before_anything_is_done(
    place: Site, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = finished(command(place, tmp_path / "journal", "--listen", port))
    assert done.returncode == 3
    assert "cannot be listened on" in done.stderr
    assert not (tmp_path / "journal").exists()
