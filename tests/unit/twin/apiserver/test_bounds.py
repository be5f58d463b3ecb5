"""What is too much, too long or broken is told so, and the server goes on."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx2
import pytest

from kingtide.twin.apiserver.connections import MAX_HEAD_BYTES
from kingtide.twin.apiserver.watching import MAX_WATCHES
from kingtide.twin.apiserver.writing.options import MAX_BODY_BYTES
from kingtide.twin.apiserver.writing.patching import MAX_OPERATIONS
from tests.served_world import TOKEN, ServedWorld, served_world

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
JSON_PATCH = {"Content-Type": "application/json-patch+json"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedWorld]:
    with served_world(tmp_path_factory.mktemp("served")) as found:
        yield found


@pytest.fixture
def client(served: ServedWorld) -> Iterator[httpx2.Client]:
    with served.client() as found:
        yield found


def config_map(name: str, data: str = "") -> dict[str, Any]:
    head = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}
    return head | {"data": {"all": data}}


@pytest.mark.parametrize("is_told", [True, False], ids=["with its length", "in chunks"])
def test_a_body_of_more_than_three_mebibytes_is_not_read(
    client: httpx2.Client, *, is_told: bool
) -> None:
    written = b'{"data": "' + b"x" * MAX_BODY_BYTES + b'"}'
    sent: Any = written if is_told else iter([written[: 1 << 20], written[1 << 20 :]])

    refused = client.post(CONFIG_MAPS, content=sent, headers={"Content-Type": "application/json"})

    status = refused.json()
    assert (refused.status_code, status["reason"]) == (413, "RequestEntityTooLarge")
    assert refused.headers["connection"] == "close"


def test_an_object_of_three_megabytes_is_stored_and_told(client: httpx2.Client) -> None:
    made = client.post(CONFIG_MAPS, json=config_map("large", "x" * 3_000_000))
    got = client.get(f"{CONFIG_MAPS}/large").json()
    gone = client.delete(f"{CONFIG_MAPS}/large")

    assert (made.status_code, gone.status_code) == (201, 200)
    assert len(got["data"]["all"]) == 3_000_000


def test_a_json_patch_of_too_many_operations_is_refused(client: httpx2.Client) -> None:
    client.post(CONFIG_MAPS, json=config_map("patched"))
    operation = {"op": "test", "path": "/data/all", "value": ""}
    codes = [
        client.patch(
            f"{CONFIG_MAPS}/patched", json=[operation] * count, headers=JSON_PATCH
        ).status_code
        for count in (MAX_OPERATIONS, MAX_OPERATIONS + 1)
    ]
    assert codes == [200, 413]


def test_a_selector_of_a_thousand_values_selects(client: httpx2.Client) -> None:
    names = ",".join(f"name-{number}" for number in range(1_000))
    found = client.get("/api/v1/pods", params={"labelSelector": f"app in (web,{names})"})

    assert {it["metadata"]["labels"]["app"] for it in found.json()["items"]} == {"web"}


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (b"GET /api/v1/pods?labelSelector=app%3D" + b"x" * 60_000 + b" HTTP/1.1\r\n", b"414"),
        (b"GET /api/v1/pods?labelSelector=app%3D" + b"x" * MAX_HEAD_BYTES, b"400"),
        (b"GET /readyz HTTP/1.1\r\nX-Long: " + b"x" * MAX_HEAD_BYTES, b"400"),
        (b"GET /readyz HTTP/1.1\r\n" + b"X-Many: x\r\n" * (MAX_HEAD_BYTES // 11), b"400"),
    ],
    ids=["a long selector", "an endless one", "an endless header", "headers without end"],
)
def test_the_head_of_a_request_has_an_end(served: ServedWorld, head: bytes, code: bytes) -> None:
    context = ssl.create_default_context(cadata=served.server.authority.decode())
    address = ("127.0.0.1", served.server.port)
    end = b"Host: x\r\nAuthorization: Bearer " + TOKEN.encode() + b"\r\n\r\n"
    with (
        socket.create_connection(address, timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as sending,
    ):
        with suppress(OSError):  # it is closed before all is sent
            sending.sendall(head + end)
        answered = sending.recv(100)

    assert answered.split()[1] == code
    with served.client() as client:
        assert client.get("/readyz").status_code == 200


def test_a_watch_more_than_there_may_be_is_told_to_come_again(served: ServedWorld) -> None:
    api, path = served.server.api, "/api/v1/nodes"
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"watch=true&resourceVersion=%d" % served.world.store.revision,
        "headers": [(b"authorization", served.authorization["Authorization"].encode())],
    }
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.sleep(60)  # a client that stays

    async def send(message: Any) -> None:
        sent.append(message)

    async def fill() -> int:
        watches = [asyncio.create_task(api(dict(scope), receive, send)) for _ in range(MAX_WATCHES)]
        while api.watches.open < MAX_WATCHES:
            await asyncio.sleep(0)
        sent.clear()
        await api(dict(scope), receive, send)
        for it in watches:
            it.cancel()
        await asyncio.gather(*watches, return_exceptions=True)
        return api.watches.open

    left = asyncio.run_coroutine_threadsafe(fill(), served.loop).result(30)

    assert sent[0]["status"] == 429
    assert (b"retry-after", b"1") in sent[0]["headers"]
    assert left == 0


def test_a_defect_is_a_status_without_its_insides_and_the_server_goes_on(
    served: ServedWorld,
) -> None:
    objects = served.server.api.objects
    secrets = objects.table(next(it for it in objects.resources if it.kind == "Secret"))
    broken: Any = object()
    served.call(lambda: secrets.entries.update({("default", "hidden"): broken}))
    with served.client() as client:
        answer = client.get("/api/v1/namespaces/default/secrets/hidden")
    served.call(lambda: secrets.entries.pop(("default", "hidden")))
    with served.client() as client:
        ready = client.get("/readyz")

    status = answer.json()
    assert (answer.status_code, status["kind"], status["reason"]) == (
        500,
        "Status",
        "InternalError",
    )
    assert "Traceback" not in answer.text
    assert "0x" not in answer.text
    assert ready.status_code == 200
