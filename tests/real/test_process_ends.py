"""`kingtide run` as a process of its own: how it ends, and that its secrets stay its own."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kingtide.cli.app import run
from kingtide.twin.apiserver.aws.signature import ACCESS_KEY_ID
from tests.running_process import SECONDS, Running, Site, running, site, until
from tests.served_world import TOKEN

KINGTIDE = [sys.executable, "-c", "from kingtide.cli import main; main()"]
SECRET = "a-secret-that-nobody-may-read"
CONFIG = """\
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


Capture = pytest.CaptureFixture[str]


def told_of(place: Site, folder: Path, capsys: Capture, config: str, *more: str) -> tuple[int, str]:
    """Run the command in this process with a kubeconfig; return its code and all that it told."""
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(config)
    code = run(command(place, folder / "journal", *more, kubeconfig=kubeconfig)[len(KINGTIDE) :])
    shown = capsys.readouterr()
    files = [it.read_text() for it in (folder / "journal").rglob("*") if it.is_file()]
    return code, "".join([shown.out, shown.err, *files])


def test_a_signal_ends_it_after_its_pass_and_gives_the_lease_back(
    place: Site, tmp_path: Path
) -> None:
    with subprocess.Popen(
        command(place, tmp_path / "journal", "--listen", "0"),
        env={**os.environ, **place.aws.environment()},
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


def test_a_second_signal_ends_it_at_once(place: Site, tmp_path: Path) -> None:
    """The first one waits for what is under way: here a command that gives no token."""
    plugin = tmp_path / "plugin"
    plugin.write_text("#!/bin/sh\nexec sleep 20\n")
    plugin.chmod(0o755)
    user = f"{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: {plugin}}}}}"
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(config(place, user))
    line = command(place, tmp_path / "journal", kubeconfig=kubeconfig)
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True) as process:
        wait_for("started", process)
        process.send_signal(signal.SIGTERM)
        wait_for("a second signal ends at once", process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == -signal.SIGTERM


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


def config(place: Site, user: str, server: str = "") -> str:
    return CONFIG.format(server=server or place.served.server.url, user=user)


def test_a_token_that_is_not_taken_ends_it_at_once_and_is_not_told(
    place: Site, tmp_path: Path, capsys: Capture
) -> None:
    code, told = told_of(place, tmp_path, capsys, config(place, f"{{token: {SECRET}}}"))
    assert (code, "401" in told) == (2, True)
    assert SECRET not in told


def test_a_webhook_whose_token_is_not_taken_ends_at_once(
    place: Site, tmp_path: Path, capsys: Capture
) -> None:
    shutil.copytree(place.fleet, tmp_path / "fleet")
    cluster = tmp_path / "fleet" / "clusters" / "prod.yaml"
    cluster.write_text(cluster.read_text() + "  admission: {}\n")
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(config(place, f"{{token: {SECRET}}}"))
    line = ["run", "admission", "--cluster", "prod", "--fleet", str(tmp_path / "fleet")]
    assert run([*line, "--kubeconfig", str(kubeconfig), "--webhook", "0"]) == 2
    told = capsys.readouterr().err
    assert "the cluster does not take the credentials (401" in told
    assert SECRET not in told


@pytest.mark.parametrize(
    "script",
    [f"echo {SECRET}; echo {SECRET} >&2", f"echo {SECRET}; echo {SECRET} >&2; exit 1"],
    ids=["prints no credential", "fails"],
)
def test_what_an_exec_command_prints_is_not_told(
    place: Site, tmp_path: Path, capsys: Capture, script: str
) -> None:
    plugin = tmp_path / "plugin"
    plugin.write_text(f"#!/bin/sh\n{script}\n")
    plugin.chmod(0o755)
    user = f"{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: {plugin}}}}}"
    code, told = told_of(place, tmp_path, capsys, config(place, user))
    assert (code, "plugin" in told) == (2, True)
    assert SECRET not in told


def test_keys_that_aws_does_not_take_are_told_without_them(
    place: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)

    async def scene() -> None:
        async with running(place, place.chosen()) as process:
            await until(lambda: "SignatureDoesNotMatch" in process.log_text)
            shown = (await process.get("/metrics")).text
            # Before the cluster's kinds are listed, it names one of those.
            told = "autoScalingGroups has not been listed"
            await until(lambda: _is_told(process, told))
        journal = "".join(map(str, process.entries()))
        for secret in (SECRET, TOKEN):
            assert secret not in process.log_text + shown + journal

    asyncio.run(scene())


async def _is_told(process: Running, text: str) -> bool:
    return text in (await process.get("/readyz")).text


def test_a_cluster_that_does_not_answer_is_a_failure_while_running(
    place: Site, tmp_path: Path, capsys: Capture
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # taken, and never listened on
        server = f"https://127.0.0.1:{nobody.getsockname()[1]}"
        code, told = told_of(place, tmp_path, capsys, config(place, "{token: x}", server))
    assert (code, f"{server} does not answer" in told) == (3, True)


def test_an_address_that_is_taken_is_told_before_anything_is_done(
    place: Site, tmp_path: Path, capsys: Capture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        found = told_of(place, tmp_path, capsys, config(place, "{}"), "--listen", port)
    assert (found[0], "cannot be listened on" in found[1]) == (3, True)
    assert not (tmp_path / "journal").exists()
