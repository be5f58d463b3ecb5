from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2
import msgspec

from kingtide.rehearsal.prepare import prepare
from kingtide.twin.apiserver.api import Api
from kingtide.twin.apiserver.auditing import Audit
from kingtide.twin.world import World
from tests.small_rehearsal import write_small

TOKEN = "a-token-of-a-test"
NODES = "/api/v1/nodes"
SECRETS = "/api/v1/namespaces/default/secrets"


def asked(folder: Path, *requests: tuple[str, str, Any]) -> tuple[bytes, list[Any]]:
    import asyncio

    async def play() -> None:
        transport = httpx2.ASGITransport(app=api)
        headers = {"Authorization": f"Bearer {TOKEN}", "User-Agent": "kingtide/9 (one)"}
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://twin", headers=headers
        ) as client:
            for method, path, body in requests:
                await client.request(method, path, json=body)

    world = World(prepare(write_small(folder)).definition)
    file = folder / "audit.jsonl"
    audit = Audit(file)
    api = Api(world, TOKEN, audit)
    asyncio.run(play())
    audit.close()
    text = file.read_bytes()
    return text, [msgspec.json.decode(line) for line in text.splitlines()]


def test_a_write_is_told_with_who_what_and_the_answer_and_a_read_is_not(tmp_path: Path) -> None:
    body = {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": "kingtide"},
        "spec": {"holderIdentity": "one"},
    }
    leases = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases"
    _, lines = asked(tmp_path, ("GET", NODES, None), ("POST", leases, body), ("POST", leases, body))
    assert [it["responseStatus"]["code"] for it in lines] == [201, 409]
    first, second = lines
    assert first["verb"] == "create"
    assert first["userAgent"] == "kingtide/9 (one)"
    assert first["objectRef"] == {"namespace": "kube-system", "resource": "leases"}
    assert first["requestObject"]["spec"] == {"holderIdentity": "one"}
    assert second["responseStatus"]["reason"] == "AlreadyExists"


def test_neither_tokens_nor_what_a_secret_holds_are_ever_written(tmp_path: Path) -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "a"},
        "stringData": {"password": "hunter2"},
    }
    text, lines = asked(tmp_path, ("POST", SECRETS, secret))
    assert len(lines) == 1
    assert lines[0]["objectRef"]["resource"] == "secrets"
    assert b"hunter2" not in text
    assert TOKEN.encode() not in text


def test_a_file_at_its_bound_is_put_aside(tmp_path: Path) -> None:
    audit = Audit(tmp_path / "a.jsonl", max_bytes=10)
    for _ in range(3):
        audit.aws(0, "sqs", "DeleteMessage", "kingtide", {}, {}, "")
    audit.close()
    assert len((tmp_path / "a.jsonl").read_bytes().splitlines()) == 1
    assert len((tmp_path / "a.jsonl.1").read_bytes().splitlines()) == 1
