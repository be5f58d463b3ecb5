from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import httpx2
import pytest
from lightkube.config.models import NameValue, UserExec

from kingtide.live.kubernetes.exec_credentials import VERSIONS, ExecAuth
from kingtide.live.kubernetes.failures import NotConnectable

COUNTING = """
import json, os, pathlib
count = pathlib.Path(os.environ["COUNT"])
number = int(count.read_text() or 0) + 1
count.write_text(str(number))
asked = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
status = {"token": f"secret-{number}", "expirationTimestamp": "2026-11-22T12:00:00Z"}
print(json.dumps({"apiVersion": asked["apiVersion"], "kind": "ExecCredential", "status": status}))
"""
NOON_MS = 1_795_348_800_000


def command(tmp_path: Path, code: str, version: str = VERSIONS[0]) -> UserExec:
    count = tmp_path / "count"
    count.touch()
    environment = [NameValue(name="COUNT", value=str(count))]
    return UserExec(apiVersion=version, command=sys.executable, args=["-c", code], env=environment)


def asked(auth: ExecAuth, *answers: int) -> list[str]:
    """Return the credentials of as many requests as the answers need, one after the other."""
    sent: list[str] = []
    left = list(answers)

    def answer(request: httpx2.Request) -> httpx2.Response:
        sent.append(request.headers["Authorization"])
        return httpx2.Response(left.pop(0))

    async def run() -> None:
        transport = httpx2.MockTransport(answer)
        async with httpx2.AsyncClient(transport=transport, auth=auth) as client:
            while left:
                await client.get("http://api/")

    asyncio.run(run())
    return sent


@pytest.mark.parametrize("version", VERSIONS)
def test_a_token_is_asked_for_once_and_used_while_it_is_good(tmp_path: Path, version: str) -> None:
    auth = ExecAuth(command(tmp_path, COUNTING, version), lambda: NOON_MS - 3_600_000)
    assert asked(auth, 200, 200) == ["Bearer secret-1", "Bearer secret-1"]


def test_a_token_that_ends_soon_is_renewed(tmp_path: Path) -> None:
    auth = ExecAuth(command(tmp_path, COUNTING), lambda: NOON_MS - 59_000)
    assert asked(auth, 200, 200) == ["Bearer secret-1", "Bearer secret-2"]


def test_a_refused_token_is_asked_for_again_once(tmp_path: Path) -> None:
    auth = ExecAuth(command(tmp_path, COUNTING), lambda: 0)
    assert asked(auth, 401, 401) == ["Bearer secret-1", "Bearer secret-2"]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("print('hunter2')", "printed no ExecCredential"),
        ("raise SystemExit('hunter2')", "ended with 1"),
        ('print(\'{"apiVersion": "hunter2"}\')', "printed no token"),
    ],
    ids=["no JSON", "fails", "no token"],
)
def test_what_a_command_prints_is_never_told(tmp_path: Path, code: str, told: str) -> None:
    with pytest.raises(NotConnectable) as caught:
        asked(ExecAuth(command(tmp_path, code)), 200)
    assert told in str(caught.value)
    assert "hunter2" not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_a_command_that_is_not_there_is_told(tmp_path: Path) -> None:
    missing = UserExec(apiVersion=VERSIONS[0], command=str(tmp_path / "aws"))
    with pytest.raises(NotConnectable, match="cannot be run"):
        asked(ExecAuth(missing), 200)


def test_a_version_that_is_not_known_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotConnectable, match="v1alpha1"):
        ExecAuth(command(tmp_path, COUNTING, "client.authentication.k8s.io/v1alpha1"))
