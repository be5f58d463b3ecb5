from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx2
import msgspec

from kingtide.kube.wire.kinds import api_kinds
from kingtide.live.kubernetes.reflector import LONGEST_RESUMED_SECONDS, Reflector
from kingtide.live.kubernetes.wire import MAX_LINE_BYTES

NODE = api_kinds()["Node"]
Answer = tuple[int, Any]


def node(name: str, version: int, uid: str = "") -> dict[str, Any]:
    return {"metadata": {"name": name, "uid": uid or f"u-{name}", "resourceVersion": str(version)}}


def page(items: Sequence[Any], version: int, after: str = "") -> Answer:
    metadata = {"resourceVersion": str(version), "continue": after}
    return 200, {"metadata": metadata, "items": list(items)}


def event(kind: str, it: Any) -> bytes:
    return msgspec.json.encode({"type": kind, "object": it}) + b"\n"


class Script(httpx2.AsyncBaseTransport):
    """An API server that gives prepared answers; its last watch stays open.

    A number among the lines of a watch is a silence of so many seconds, by the script's clock.
    """

    def __init__(self, *answers: Answer) -> None:
        self.seconds = 0.0
        self.answers = list(answers)
        self.asked: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.is_done = asyncio.Event()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(dict(request.url.params))
        self.paths.append(request.url.path)
        code, body = self.answers.pop(0)
        if isinstance(body, dict):
            return httpx2.Response(code, content=msgspec.json.encode(body))
        return httpx2.Response(code, content=self._stream(body, last=not self.answers))

    async def _stream(self, chunks: Sequence[bytes | float], *, last: bool) -> AsyncIterator[bytes]:
        for chunk in chunks:
            if isinstance(chunk, bytes):
                yield chunk
            else:
                self.seconds += chunk
        if last:
            self.is_done.set()
            await asyncio.Event().wait()


def played(*answers: Answer, **settings: Any) -> tuple[Reflector, list[tuple[str, str]], Script]:
    """Run a reflector through prepared answers; return it and what its sink was told."""
    told: list[tuple[str, str]] = []

    def sink(old: Any, new: Any) -> None:
        told.append(("" if old is None else old.name, "" if new is None else new.name))

    kind = settings.pop("kind", NODE)

    async def run() -> tuple[Reflector, Script]:
        script = Script(*answers)
        async with httpx2.AsyncClient(transport=script, base_url="http://api") as client:
            clock = lambda: script.seconds  # noqa: E731 (a name for what is passed on)
            reflector = Reflector(client, kind, sink, random.Random(1), clock, **settings)
            task = asyncio.create_task(reflector.run())
            await asyncio.wait_for(script.is_done.wait(), 20)
            await asyncio.sleep(0)
            task.cancel()
        return reflector, script

    reflector, script = asyncio.run(run())
    return reflector, told, script


def test_a_list_is_taken_page_by_page_and_then_watched_from_its_version() -> None:
    reflector, told, script = played(
        page([node("a", 1)], 5, "next"),
        page([node("b", 2)], 5),
        (200, [event("ADDED", node("c", 6)), event("BOOKMARK", node("", 9))]),
    )
    assert sorted(reflector.objects) == ["a", "b", "c"]
    assert told == [("", "a"), ("", "b"), ("", "c")]
    assert script.asked[1]["continue"] == "next"
    assert script.asked[2]["resourceVersion"] == "5"
    assert reflector.staleness_seconds == 0


def test_an_event_may_come_in_any_pieces() -> None:
    whole = event("ADDED", node("b", 6)) + event("DELETED", node("a", 7))
    pieces = [whole[i : i + 7] for i in range(0, len(whole), 7)]
    reflector, told, _ = played(page([node("a", 1)], 5), (200, pieces))
    assert list(reflector.objects) == ["b"]
    assert told[-1] == ("a", "")


def test_a_watch_that_ends_goes_on_where_it_was() -> None:
    _, _, script = played(
        page([], 5), (200, [event("ADDED", node("a", 8))]), (200, [event("ADDED", node("b", 9))])
    )
    assert script.asked[2]["resourceVersion"] == "8"


def test_a_watch_that_is_taken_up_again_does_not_tell_that_the_copy_is_young() -> None:
    heard = event("ADDED", node("a", 8))
    reflector, _, script = played(page([], 5), (200, [heard, 60.0]), (200, []))
    assert script.asked[2]["resourceVersion"] == "8"
    assert reflector.staleness_seconds == 60


def test_a_copy_that_was_not_heard_of_for_long_is_listed_anew() -> None:
    heard = event("ADDED", node("a", 8))
    silence = LONGEST_RESUMED_SECONDS + 1.0
    reflector, _, script = played(
        page([], 5), (200, [heard, silence]), page([node("a", 8)], 9), (200, [])
    )
    assert "watch" not in script.asked[2]
    assert (reflector.lists, reflector.staleness_seconds) == (2, 0)


def test_what_vanished_while_the_server_had_forgotten_us_is_told_as_gone() -> None:
    gone = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}
    reflector, told, _ = played(
        page([node("a", 1), node("b", 2)], 5),
        (200, [event("ERROR", gone)]),
        page([node("b", 7)], 9),
        (200, []),
    )
    assert list(reflector.objects) == ["b"]
    assert ("a", "") in told
    assert reflector.lists == 2


def test_an_object_made_anew_under_its_name_is_first_told_as_gone() -> None:
    _, told, _ = played(
        page([node("a", 1)], 5), (200, [event("MODIFIED", node("a", 8, uid="other"))])
    )
    assert told == [("", "a"), ("a", ""), ("", "a")]


def test_an_object_that_cannot_be_read_is_counted_and_the_rest_is_kept() -> None:
    spoilt = {"metadata": {"name": "x", "creationTimestamp": "soon"}}
    reflector, _, _ = played(
        page([spoilt, node("a", 1)], 5),
        (200, [event("ADDED", spoilt), event("ADDED", node("b", 6))]),
    )
    assert sorted(reflector.objects) == ["a", "b"]
    assert reflector.unreadable == 2
    assert "Node" in reflector.last_failure


def test_a_line_without_end_breaks_the_watch_and_no_more() -> None:
    reflector, _, _ = played(
        page([], 5),
        (200, [b"x" * (MAX_LINE_BYTES // 2 + 1)] * 2),
        (200, [event("ADDED", node("a", 6))]),
    )
    assert list(reflector.objects) == ["a"]
    assert reflector.failures == 1


def test_an_error_of_the_server_is_tried_again() -> None:
    refused = {"kind": "Status", "code": 500, "reason": "InternalError", "message": "etcd"}
    reflector, _, _ = played((500, refused), page([node("a", 1)], 5), (200, []))
    assert list(reflector.objects) == ["a"]
    assert reflector.last_failure == "ApiRefused: 500 InternalError: etcd"


def test_a_new_list_tells_what_changed_and_nothing_else() -> None:
    _, told, _ = played(
        page([node("a", 1), node("b", 2)], 5),
        (410, {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}),
        page([node("a", 1), node("b", 7)], 9),
        (200, []),
    )
    assert told == [("", "a"), ("", "b"), ("b", "b")]


def test_a_watch_that_ends_at_once_without_a_word_is_not_asked_for_again_at_once() -> None:
    reflector, _, script = played(page([], 5), (200, []), (200, []))
    assert reflector.last_failure == "LiveFailure: the watch ended as soon as it began"
    assert len(script.asked) == 3


def test_one_object_is_followed_by_its_name() -> None:
    _, _, script = played(
        page([], 5), (200, []), kind=api_kinds()["ConfigMap"], object_key="kube-system/expander"
    )
    assert script.paths == ["/api/v1/namespaces/kube-system/configmaps"] * 2
    assert [it["fieldSelector"] for it in script.asked] == ["metadata.name=expander"] * 2


def test_a_kind_that_vanishes_takes_its_objects_along_and_is_not_stale() -> None:
    gone = {"kind": "Status", "code": 404, "reason": "NotFound", "message": "no such kind"}
    told: list[tuple[Any, Any]] = []

    async def run() -> Reflector:
        script = Script(page([node("a", 1)], 5), (404, gone))
        async with httpx2.AsyncClient(transport=script, base_url="http://api") as client:
            reflector = Reflector(
                client, NODE, lambda *it: told.append(it), random.Random(1), is_optional=True
            )
            await asyncio.wait_for(reflector.run(), 20)
            return reflector

    reflector = asyncio.run(run())
    assert (reflector.is_absent, reflector.is_synced, reflector.objects) == (True, False, {})
    assert reflector.staleness_seconds == 0
    assert [new is None for _, new in told] == [False, True]
    assert reflector.failures == 1


def test_the_version_to_go_on_from_is_as_the_server_wrote_it() -> None:
    it = {"metadata": {"name": "a", "uid": "u", "resourceVersion": "opaque-9"}}
    _, _, script = played(page([], 5), (200, [event("ADDED", it)]), (200, []))
    assert script.asked[2]["resourceVersion"] == "opaque-9"
