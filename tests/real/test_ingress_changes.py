"""A running HAProxy is brought from one state to another, and never stops serving."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kingtide.controllers.ingress.desired import Backend, Desired, Server
from kingtide.controllers.ingress.directive import Directive
from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.controllers.ingress.routing.table import Route
from kingtide.live.haproxy.process import ConfigurationRefused
from kingtide.live.haproxy.proxy import Proxy
from kingtide.live.haproxy.runtime import Runtime
from tests.free_ports import free_port
from tests.real import haproxy

pytestmark = haproxy.needs_haproxy


class Serving:
    """A proxy in a folder, with origins that answer with their name."""

    def __init__(self, folder: Path) -> None:
        self.http = free_port()
        self.layout = Layout(
            str(folder), f"127.0.0.1:{self.http}", stats=f"127.0.0.1:{free_port()}"
        )
        self.proxy = self.another()

    def another(self) -> Proxy:
        """Return a proxy of the same folder, as a controller that starts anew has it."""
        assert haproxy.HAPROXY is not None
        return Proxy(haproxy.HAPROXY, self.layout, 2)

    async def ask(self, path: str = "/") -> str:
        """Return what a request is answered with: a body, or the status."""
        status, body = await asyncio.to_thread(haproxy.get, self.http, "h", path)
        return body if status == 200 else str(status)


@asynccontextmanager
async def origins(*names: str) -> AsyncIterator[dict[str, Server]]:
    """Run origins that answer with their name; return them as servers."""

    def answering(name: str) -> Callable[..., Coroutine[Any, Any, None]]:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(name)}\r\nConnection: close\r\n\r\n"
            writer.write((head + name).encode())
            await writer.drain()
            writer.close()

        return answer

    running = {name: await asyncio.start_server(answering(name), "127.0.0.1") for name in names}
    try:
        yield {
            name: Server(name, "127.0.0.1", it.sockets[0].getsockname()[1])
            for name, it in running.items()
        }
    finally:
        for it in running.values():
            it.close()


async def killed(it: Serving) -> None:
    """Kill HAProxy, master and worker."""
    found = await it.proxy.process.workers()
    assert found is not None
    assert found.worker is not None
    for pid in (found.master, found.worker):
        os.kill(pid, signal.SIGKILL)
    while it.proxy.process.is_running:
        await asyncio.sleep(0.01)


def to(*servers: Server, name: str = "web", path: str = "/", **more: Any) -> Desired:
    backend = Backend(name, f"d/{name}", servers, **more)
    return Desired((Route("h", path, "Prefix", name),), {name: backend})


def serving(folder: Path, night: Callable[[Serving], Coroutine[Any, Any, None]]) -> None:
    """Run a test against a proxy, and end the proxy."""

    async def run() -> None:
        it = Serving(folder)
        try:
            await night(it)
        finally:
            await it.proxy.process.end(grace_seconds=1)

    asyncio.run(run())


def test_servers_come_and_go_without_a_reload(short_path: Path) -> None:
    async def night(it: Serving) -> None:
        async with origins("a", "b") as at:
            assert (await it.proxy.bring(to(at["a"]))).is_loaded
            assert await it.ask() == "a"
            brought = await it.proxy.bring(to(at["b"]))
            assert not brought.is_loaded
            assert await it.ask() == "b"
            assert (await it.proxy.bring(to(at["b"]))).changes == 0

    serving(short_path, night)


def test_a_new_path_to_a_known_backend_needs_no_reload(short_path: Path) -> None:
    async def night(it: Serving) -> None:
        async with origins("a") as at:
            await it.proxy.bring(to(at["a"], path="/old"))
            assert await it.ask("/new") == "404"
            assert not (await it.proxy.bring(to(at["a"], path="/new"))).is_loaded
            assert [await it.ask("/new"), await it.ask("/old")] == ["a", "404"]

    serving(short_path, night)


def test_a_new_backend_comes_with_a_reload_and_servers_added_before_stay(short_path: Path) -> None:
    async def night(it: Serving) -> None:
        async with origins("a", "b") as at:
            await it.proxy.bring(to(at["a"]))
            await it.proxy.bring(to(at["b"]))
            one, other = to(at["b"]), to(at["a"], name="api", path="/api")
            both = Desired(one.routes + other.routes, {**one.backends, **other.backends})
            assert (await it.proxy.bring(both)).is_loaded
            assert [await it.ask(), await it.ask("/api")] == ["b", "a"]

    serving(short_path, night)


def test_servers_with_cookies_change_in_their_places(short_path: Path) -> None:
    cookie = (Directive(1, ("cookie", "S", "insert", "nocache", "dynamic")),)

    async def night(it: Serving) -> None:
        async with origins("a", "b", "c") as at:
            slots: dict[str, Any] = {"directives": cookie, "needs_slots": True}
            await it.proxy.bring(to(at["a"], **slots))
            assert not (await it.proxy.bring(to(at["b"], at["c"], **slots))).is_loaded
            assert {await it.ask(), await it.ask()} == {"b", "c"}
            assert (await it.proxy.bring(to(*at.values(), **slots))).is_loaded
            assert {await it.ask() for _ in range(3)} == {"a", "b", "c"}

    serving(short_path, night)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("http-request", "no-such-action"), id="what haproxy -c refuses"),
        pytest.param(("timeout", "server", "soon"), id="a value it cannot read"),
    ],
)
def test_a_backend_that_haproxy_refuses_is_closed_and_stops_nobody_else(
    short_path: Path, words: tuple[str, ...]
) -> None:
    async def night(it: Serving) -> None:
        async with origins("a", "b") as at:
            await it.proxy.bring(to(at["a"]))
            bad, good = to(at["a"], directives=(Directive(1, words),)), to(at["b"], name="new")
            routes = (*bad.routes, Route("h", "/new", "Prefix", "new"))
            both = Desired(routes, {**bad.backends, **good.backends})
            brought = await it.proxy.bring(both)
            assert brought.is_loaded
            assert list(brought.closed) == ["web"]
            assert words[0] in brought.closed["web"]
            assert [await it.ask("/"), await it.ask("/new")] == ["503", "b"]
            assert not (await it.proxy.bring(both)).is_loaded  # it is known, and not tried again
            mended = msgspec.structs.replace(
                both, backends={**to(at["a"]).backends, **good.backends}
            )
            assert not (await it.proxy.bring(mended)).closed
            assert [await it.ask("/"), await it.ask("/new")] == ["a", "b"]

    serving(short_path, night)


def test_a_configuration_that_is_refused_for_nothing_known_is_never_loaded(
    short_path: Path,
) -> None:
    async def night(it: Serving) -> None:
        async with origins("a") as at:
            await it.proxy.bring(to(at["a"]))
            Path(it.layout.folder, "shared.json").unlink()
            before = Path(it.layout.configuration).read_bytes()
            broken = msgspec.structs.replace(
                to(at["a"]), frontend=(Directive(1, ("no-such-thing",)),)
            )
            with pytest.raises(ConfigurationRefused):
                await it.proxy.bring(broken)
            assert Path(it.layout.configuration).read_bytes() == before
            assert await it.ask() == "a"

    serving(short_path, night)


BARRED = Directive(90, ("http-request", "deny", "deny_status", "403", "if", "{", "path", "/x", "}"))
WRONG = Directive(90, ("http-request", "no-such-action"))


@pytest.mark.parametrize("is_another", [False, True], ids=["the same controller", "the next one"])
def test_wrong_lines_for_all_leave_those_of_before_in_force_and_stop_no_change(
    short_path: Path, *, is_another: bool
) -> None:
    async def night(it: Serving) -> None:
        async with origins("a", "b") as at:
            first = msgspec.structs.replace(to(at["a"]), frontend=(BARRED,))
            await it.proxy.bring(first)
            new = to(at["a"]).backends, to(at["b"], name="new").backends
            routes = (*first.routes, Route("h", "/new", "Prefix", "new"))
            wrong = Desired(
                routes,
                {**new[0], **new[1]},
                frontend=(BARRED, WRONG),
                process=(Directive(1, ("no-such-limit", "5")),),
            )
            it.proxy = it.another() if is_another else it.proxy
            brought = await it.proxy.bring(wrong)
            assert brought.is_loaded
            assert sorted(brought.left_out) == ["frontend", "process"]
            assert "no-such-action" in brought.left_out["frontend"]
            assert [await it.ask(path) for path in ("/", "/new", "/x")] == ["a", "b", "403"]
            brought = await it.proxy.bring(wrong)
            assert not brought.is_loaded, "it is known, and not tried again"
            assert sorted(brought.left_out) == ["frontend", "process"]
            brought = await it.proxy.bring(msgspec.structs.replace(wrong, frontend=(), process=()))
            assert (brought.is_loaded, brought.left_out) == (True, {})
            assert await it.ask("/x") == "a"

    serving(short_path, night)


def test_wrong_lines_of_the_frontend_let_nobody_in_where_none_of_before_are_known(
    short_path: Path,
) -> None:
    async def night(it: Serving) -> None:
        async with origins("a") as at:
            wrong = msgspec.structs.replace(to(at["a"]), frontend=(BARRED, WRONG))
            brought = await it.proxy.bring(wrong)
            assert list(brought.left_out) == ["frontend"]
            assert await it.ask() == "503"
            await it.proxy.bring(msgspec.structs.replace(wrong, frontend=(BARRED,)))
            assert [await it.ask(path) for path in ("/", "/x")] == ["a", "403"]

    serving(short_path, night)


def test_endpoints_change_by_their_backends_alone(short_path: Path) -> None:
    async def night(it: Serving) -> None:
        async with origins("a", "b") as at:
            await it.proxy.bring(to(at["a"]))
            brought = await it.proxy.bring_servers(to(at["b"]), ["web", "unknown"])
            assert (brought.is_loaded, brought.waits) == (False, False)
            assert await it.ask() == "b"
            assert (await it.proxy.bring_servers(to(at["b"]), ["web"])).changes == 0
            assert (await it.proxy.bring(to(at["b"]))).changes == 0

    serving(short_path, night)


def test_what_needs_a_reload_waits_until_one_is_allowed_and_endpoints_do_not(
    short_path: Path,
) -> None:
    async def night(it: Serving) -> None:
        async with origins("a", "b") as at:
            await it.proxy.bring(to(at["a"]))
            one, other = to(at["b"]), to(at["a"], name="api", path="/api")
            both = Desired(one.routes + other.routes, {**one.backends, **other.backends})
            brought = await it.proxy.bring(both, may_reload=False)
            assert (brought.is_loaded, brought.waits) == (False, True)
            assert [await it.ask(), await it.ask("/api")] == ["b", "b"]
            assert (await it.proxy.bring(both)).is_loaded
            assert [await it.ask(), await it.ask("/api")] == ["b", "a"]

    serving(short_path, night)


def test_a_proxy_that_died_with_its_controller_serves_again_before_the_cluster_is_known(
    short_path: Path,
) -> None:
    async def night(it: Serving) -> None:
        async with origins("a", "b") as at:
            await it.proxy.bring(to(at["a"]))
            await it.proxy.bring_servers(to(at["b"]), ["web"])
            await it.proxy.keep_files()
            await killed(it)
            assert await it.another().resume()
            assert await it.ask() == "b"
            assert not await it.another().resume()

    serving(short_path, night)


def test_a_controller_that_starts_anew_adopts_the_proxy_that_runs(short_path: Path) -> None:
    async def night(it: Serving) -> None:
        async with origins("a", "b") as at:
            await it.proxy.bring(to(at["a"]))
            before = await it.proxy.process.workers()
            brought = await it.another().bring(to(at["b"]))
            assert not brought.is_loaded
            assert await it.another().process.workers() == before
            assert await it.ask() == "b"

    serving(short_path, night)


def test_a_proxy_that_was_killed_is_started_with_what_it_had(short_path: Path) -> None:
    async def night(it: Serving) -> None:
        async with origins("a") as at:
            await it.proxy.bring(to(at["a"]))
            await killed(it)
            assert (await it.proxy.bring(to(at["a"]))).is_loaded
            assert await it.ask() == "a"

    serving(short_path, night)


def test_what_somebody_changed_by_hand_is_put_right(short_path: Path) -> None:
    async def night(it: Serving) -> None:
        async with origins("a") as at:
            await it.proxy.bring(to(at["a"]))
            by_hand = Runtime(it.layout.admin_socket)
            await by_hand.ask("set server web/a state maint")
            await by_hand.ask(f"clear map {it.layout.map('paths')}")
            assert await it.ask() == "404"
            assert (await it.proxy.bring(to(at["a"]))).changes == 2
            assert await it.ask() == "a"
            await by_hand.ask("set server web/a state drain")
            await by_hand.ask("set server web/a weight 7")
            assert await it.ask() == "503"
            assert (await it.proxy.bring(to(at["a"]))).changes == 2
            assert await it.ask() == "a"

    serving(short_path, night)


def test_a_host_with_a_slash_is_never_taken_for_a_host_and_a_path(short_path: Path) -> None:
    async def night(it: Serving) -> None:
        async with origins("a") as at:
            await it.proxy.bring(to(at["a"], path="/open"))
            answered = await asyncio.to_thread(haproxy.get, it.http, "h/open", "/closed")
            assert answered[0] in (400, 404)
            assert await it.ask("/open/closed") == "a"

    serving(short_path, night)
