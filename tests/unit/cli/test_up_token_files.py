from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from kingtide.cli.failure import BadInput
from kingtide.cli.up_token_files import TokenFile
from kingtide.twin.apiserver.kubeconfig import kubeconfig

SOMEBODY = b"""apiVersion: v1
kind: Config
clusters: [{name: prod, cluster: {server: "https://prod.foo.bar"}}]
"""
JSON_OF_SOMEBODY = b'{"apiVersion": "v1", "kind": "Config", "clusters": [], "users": []}'
VARIABLES = b"AWS_ACCESS_KEY_ID=%s\nAWS_SECRET_ACCESS_KEY=x\nAWS_ENDPOINT_URL=http://127.0.0.1:%d\n"
OURS = b"AKIAKINGTIDETWIN0000"


@pytest.mark.parametrize(
    "content",
    [SOMEBODY, JSON_OF_SOMEBODY, VARIABLES % (b"AKIAOTHER", 1), b"\xff\x00", b"[]", b"7"],
    ids=["kubeconfig", "json", "variables", "bytes", "list", "number"],
)
def test_a_file_of_somebody_else_is_refused_and_stays(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config"
    path.write_bytes(content)
    file = TokenFile(path, "--kubeconfig")
    with pytest.raises(BadInput, match="is not of `kingtide up`"):
        file.check()
    file.take_away()
    assert path.read_bytes() == content


def _kubeconfig(port: int) -> bytes:
    return kubeconfig("prod", f"https://127.0.0.1:{port}", b"PEM", "token")


def _variables(port: int) -> bytes:
    return VARIABLES % (OURS, port)


@pytest.mark.parametrize("written", [_kubeconfig, _variables])
def test_what_a_killed_one_left_is_replaced_and_what_runs_is_not(
    tmp_path: Path, written: Callable[[int], bytes]
) -> None:
    path = tmp_path / "file"
    file = TokenFile(path, "--kubeconfig")
    with socket.create_server(("127.0.0.1", 0)) as running:
        path.write_bytes(written(running.getsockname()[1]))
        with pytest.raises(BadInput, match="still runs"):
            file.check()
    file.check()
    file.write(b"mine")
    assert path.stat().st_mode & 0o777 == 0o600
    file.take_away()
    assert not path.exists()


def test_what_another_put_in_its_place_is_left(tmp_path: Path) -> None:
    file = TokenFile(tmp_path / "file", "--kubeconfig")
    file.check()
    file.write(b"mine")
    file.path.write_bytes(b"another's")
    file.take_away()
    assert file.path.read_bytes() == b"another's"
