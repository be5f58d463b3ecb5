from __future__ import annotations

import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from kingtide.live.haproxy.claim import Taken, check_free, claimed

OTHER = """
import sys
from pathlib import Path
from kingtide.live.haproxy.claim import claimed
with claimed(Path(sys.argv[1])):
    print("has it", flush=True)
    sys.stdin.read()
"""


def test_a_folder_has_one_process_and_another_once_that_was_killed(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "haproxy"
    line = [sys.executable, "-c", OTHER, str(folder)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"has it\n"
        with pytest.raises(Taken, match=str(folder)), claimed(folder):
            pass
        other.kill()
        other.wait()
    with claimed(folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"), claimed(tmp_path / "file" / "haproxy"):
        pass


def test_an_address_is_free_until_somebody_listens_on_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(Taken, match=address):
            check_free([address])
    check_free([address])


def test_a_sharing_listener_is_seen_as_well() -> None:
    with socket.create_server(("0.0.0.0", 0), reuse_port=True) as server:
        port = server.getsockname()[1]
        with pytest.raises(Taken):
            check_free([f"0.0.0.0:{port}"])
