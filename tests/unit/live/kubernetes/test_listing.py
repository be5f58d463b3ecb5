"""All objects of a kind, once."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from kingtide.kube.wire.kinds import api_kinds
from kingtide.live.kubernetes.failures import ApiRefused, LiveFailure
from kingtide.live.kubernetes.listing import listed
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
