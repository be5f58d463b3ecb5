"""All objects of a kind, once."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import httpx2
import pytest

from kingtide.kube.wire.kinds import api_kinds
from kingtide.live.kubernetes.failures import ApiRefused, LiveFailure
from kingtide.live.kubernetes.listing import in_turns, listed, pages
from tests.unit.live.kubernetes.scripted import Scripted, asking, status

MAPS = api_kinds()["ConfigMap"]


def page(*names: Any, after: str = "") -> tuple[int, Any]:
    items = [{"metadata": {"name": name}} for name in names]
    return 200, {"metadata": {"resourceVersion": "7", "continue": after}, "items": items}


def test_pages_are_asked_for_until_there_are_no_more_and_what_is_spoilt_is_counted() -> None:
    script = Scripted(page("a", 1, after="next"), page("b"))
    found, unreadable = asking(script, lambda client: listed(client, MAPS))
    assert [it.key for it in found] == ["default/a", "default/b"]
    assert unreadable == 1
    assert [it.params.get("continue") for it in script.asked] == [None, "next"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(status(403, "Forbidden"), ApiRefused, id="refused"),
        pytest.param(httpx2.ConnectError("no route"), LiveFailure, id="not reached"),
        pytest.param((200, []), LiveFailure, id="no list"),
    ],
)
def test_a_list_that_is_not_to_be_had_is_a_failure(answer: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        asking(Scripted(answer), lambda client: listed(client, MAPS))


def test_the_next_page_is_fetched_while_one_is_read() -> None:
    script = Scripted(page(*"a" * 101, after="next"), page("b"))

    async def asked_so_far(client: httpx2.AsyncClient) -> list[int]:
        async with aclosing(pages(client, MAPS.path(), {})) as found:
            return [len(script.asked) async for one in found async for _ in in_turns(one)]

    assert asking(script, asked_so_far)[100] == 2, "at the last object of the first page"


def test_who_reads_no_further_leaves_no_request_behind() -> None:
    async def tasks_left(client: httpx2.AsyncClient) -> int:
        before = len(asyncio.all_tasks())
        async with aclosing(pages(client, MAPS.path(), {})) as found:
            await anext(found)
            assert len(asyncio.all_tasks()) == before + 1
        return len(asyncio.all_tasks()) - before

    assert asking(Scripted(page("a", after="next"), page("b")), tasks_left) == 0
