"""How tests start a real control plane: what is asked of it, and what a failure tells."""

from __future__ import annotations

import asyncio
import socket
import stat
import sys
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from kingtide.live.kubernetes.connection import cluster_connection
from kingtide.twin.apiserver.certificate import make_certificate
from tests.control_plane import (
    NotStarted,
    api_server_command,
    control_plane,
    etcd_command,
    missing_programs,
    running,
    wait_until,
    write_secrets,
)
from tests.free_ports import COUNT, FIRST, LOOPBACK, free_port


def program(file: Path, *lines: str) -> None:
    """Write a program that stands where a real one would."""
    file.write_text("\n".join((f"#!{sys.executable}", *lines)) + "\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


def test_a_folder_tells_which_programs_it_lacks(tmp_path: Path) -> None:
    assert missing_programs(tmp_path) == ["kube-apiserver", "etcd"]
    program(tmp_path / "etcd")
    assert missing_programs(tmp_path) == ["kube-apiserver"]


def test_nothing_listens_outside_loopback(tmp_path: Path) -> None:
    etcd = etcd_command(tmp_path, tmp_path, 1111, 2222)
    urls = [it.rpartition("=")[2] for it in etcd if "-urls=" in it]
    assert urls == ["http://127.0.0.1:1111"] * 2 + ["http://127.0.0.1:2222"] * 2
    server = api_server_command(tmp_path, tmp_path, 3333, 1111)
    assert {"--bind-address=127.0.0.1", "--secure-port=3333"} < {*server}
    assert "--etcd-servers=http://127.0.0.1:1111" in server


def test_each_flag_stands_once_and_names_a_file_that_is_written(tmp_path: Path) -> None:
    write_secrets(tmp_path, make_certificate((LOOPBACK,)), "a-token")
    command = api_server_command(Path("/opt"), tmp_path, 3333, 1111)
    flags = [it.partition("=")[0] for it in command]
    assert len({*flags}) == len(flags)
    files = [Path(text) for it in command if (text := it.rpartition("=")[2]).startswith("/")]
    named = {it.name for it in files if it != Path("/opt/kube-apiserver")}
    assert named == {"chain.pem", "key.pem", "tokens.csv", "service-accounts.pem"}
    assert all((tmp_path / name).is_file() for name in named)
    for name in ("key.pem", "service-accounts.pem"):
        load_pem_private_key((tmp_path / name).read_bytes(), None)
    assert (tmp_path / "tokens.csv").read_text() == 'a-token,tests,tests,"system:masters"\n'


def test_a_program_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    program(tmp_path / "etcd", "raise SystemExit('no such flag')")
    program(tmp_path / "kube-apiserver")
    with pytest.raises(NotStarted, match="etcd ended with 1:\nno such flag"):  # noqa: SIM117 (two contexts, two lines)
        with control_plane(tmp_path, tmp_path):
            pytest.fail("it runs")


def test_a_program_that_does_not_answer_is_ended(tmp_path: Path) -> None:
    program(tmp_path / "silent", "import time", "time.sleep(60)")
    log = tmp_path / "silent.log"
    with running([str(tmp_path / "silent")], log) as it:
        with pytest.raises(NotStarted, match=r"silent did not answer within 0\.2 s"):
            wait_until(it, lambda: False, log, seconds=0.2)
        assert it.poll() is None
    assert it.returncode < 0


def test_both_are_asked_over_their_ports_and_a_kubeconfig_is_written(tmp_path: Path) -> None:
    """The two programs here only answer; what they answer with is the real ones' protocol."""
    answer = "import http.server, os, ssl, sys"
    handler = (
        "class Ok(http.server.BaseHTTPRequestHandler):\n"
        "    def do_GET(self):\n"
        "        self.send_response(200); self.end_headers()\n"
        "    def log_message(self, *a): pass\n"
        "flags = dict(it[2:].split('=', 1) for it in sys.argv[1:])"
    )
    etcd = "port = int(flags['listen-client-urls'].rpartition(':')[2])"
    serve = "server = http.server.HTTPServer(('127.0.0.1', port), Ok)"
    api = (
        "port = int(flags['secure-port'])",
        serve,
        "context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)",
        "context.load_cert_chain(flags['tls-cert-file'], flags['tls-private-key-file'])",
        "server.socket = context.wrap_socket(server.socket, server_side=True)",
        "server.serve_forever()",
    )
    program(tmp_path / "etcd", answer, handler, etcd, serve, "server.serve_forever()")
    program(tmp_path / "kube-apiserver", answer, handler, *api)

    async def asked(kubeconfig: Path) -> int:
        async with cluster_connection(kubeconfig) as client:
            return (await client.get("/version")).status_code

    with control_plane(tmp_path, tmp_path) as kubeconfig:
        assert asyncio.run(asked(kubeconfig)) == 200
    with pytest.raises(httpx2.ConnectError):
        asyncio.run(asked(kubeconfig))


def test_free_ports_are_all_different_and_of_none_that_a_client_gets_by_itself() -> None:
    with socket.create_server((LOOPBACK, free_port())):
        ports = [free_port() for _ in range(50)]
    assert len({*ports}) == 50
    with ExitStack() as clients:
        server = clients.enter_context(socket.create_server((LOOPBACK, 0)))
        for _ in range(50):
            client = clients.enter_context(socket.create_connection(server.getsockname()))
            assert client.getsockname()[1] >= FIRST + COUNT
