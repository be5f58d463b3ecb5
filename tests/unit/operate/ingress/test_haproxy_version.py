from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.operate.ingress.haproxy_version import NoHaproxy, is_tested, version_of


def saying(folder: Path, text: str) -> str:
    """Return a command that says a text of itself."""
    command = folder / "haproxy"
    command.write_text(f"#!/bin/sh\necho '{text}'\n")
    command.chmod(0o755)
    return str(command)


@pytest.mark.parametrize(
    ("said", "version", "tested"),
    [
        pytest.param("HAProxy version 2.6.12-1+deb12u4 2026/01/01", "2.6.12-1+deb12u4", True),
        pytest.param("HAProxy version 2.8.3 2023/09/07", "2.8.3", False),
        pytest.param("HAProxy version 3.2-dev1 2025/01/01", "3.2-dev1", False),
        pytest.param("HAProxy version 10.0.0", "10.0.0", False),
    ],
)
def test_a_version_is_read_and_used(
    tmp_path: Path, said: str, version: str, *, tested: bool
) -> None:
    assert version_of(saying(tmp_path, said)) == version
    assert is_tested(version) is tested


@pytest.mark.parametrize(
    ("said", "why"),
    [
        pytest.param("HAProxy version 2.4.22-f8e3218 2023/02/14", "2.6 is the oldest", id="old"),
        pytest.param("HAProxy version 1.9.0", "2.6 is the oldest", id="ancient"),
        pytest.param("nginx version: nginx/1.22", "is no HAProxy", id="another program"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason(
    tmp_path: Path, said: str, why: str
) -> None:
    with pytest.raises(NoHaproxy, match=why):
        version_of(saying(tmp_path, said))
