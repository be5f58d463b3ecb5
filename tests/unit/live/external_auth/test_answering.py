"""What a worker says to questions, whatever becomes of them."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address
from pathlib import Path

import msgspec
import pytest

from kingtide.controllers.ingress.external_auth.settings import AuthSettings
from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.live.external_auth.addresses import Addresses, LookUp
from kingtide.live.external_auth.answering import Answering
from kingtide.live.external_auth.asking import Asking
from kingtide.live.external_auth.connections import Connections
from kingtide.live.external_auth.counts import Counts
from kingtide.live.external_auth.frames import Notify
from kingtide.live.external_auth.known_settings import KnownSettings
from kingtide.live.external_auth.typed_data import Value

SETTINGS = AuthSettings("shop", "http", "auth.shop.svc", 80, "/", timeout_ms=50)
REQUEST: dict[str, Value] = {
    "name": SETTINGS.name,
    "method": "GET",
    "path": "/",
    "tls": False,
    "source": ip_address("10.0.0.9"),
    "headers": "host: a.test\r\nauthorization: Bearer secret\r\n\r\n",
}


async def nowhere(_: str) -> tuple[str, ...]:
    raise OSError("no such name")


async def defective(_: str) -> tuple[str, ...]:
    raise ZeroDivisionError("secret")


async def silent(_: str) -> tuple[str, ...]:
    await asyncio.sleep(3_600)
    return ()


@pytest.mark.parametrize(
    ("arguments", "names", "why"),
    [
        pytest.param({}, nowhere, "unreachable", id="no such name"),
        pytest.param({}, silent, "late", id="too late"),
        pytest.param({}, defective, "defect", id="a defect"),
        pytest.param({"name": "0" * 24}, nowhere, "settings", id="unknown settings"),
        pytest.param({"name": "../haproxy"}, nowhere, "settings", id="another file"),
        pytest.param({"name": None}, nowhere, "settings", id="no settings"),
        pytest.param({"headers": "no header\r\n\r\n"}, nowhere, "question", id="no headers"),
        pytest.param({"path": "/a b"}, nowhere, "question", id="no path"),
        pytest.param({"path": "/a\r\nX: y"}, nowhere, "question", id="a path that ends"),
        pytest.param({"method": "GET / HTTP/1.1"}, nowhere, "question", id="no method"),
        pytest.param({"method": None}, nowhere, "question", id="nothing at all"),
    ],
)
def test_whoever_gets_no_answer_is_not_let_in_and_counted(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: dict[str, Value],
    names: LookUp,
    why: str,
) -> None:
    layout = Layout(str(tmp_path))
    (tmp_path / "auth").mkdir()
    Path(layout.auth_settings(SETTINGS.name)).write_bytes(msgspec.json.encode(SETTINGS))
    counts = Counts(1)

    async def ask() -> object:
        asking = Asking(Addresses(names), Connections())
        it = Answering(KnownSettings(layout), asking, counts)
        return await it.answered(Notify(1, 1, "request", {**REQUEST, **arguments}))

    assert asyncio.run(ask()) == {"verdict": "failed"}
    assert f'kingtide_ingress_auth_failures_total{{reason="{why}"}} 1.0' in counts.text().decode()
    assert "secret" not in capsys.readouterr().err
