from __future__ import annotations

from typing import Any

import httpx2

from kingtide.live.kubernetes.events.recorder import EventRecorder
from kingtide.live.kubernetes.events.series import REPEAT_MS
from kingtide.live.kubernetes.events.told_event import Regarding, ToldEvent
from tests.unit.live.kubernetes.scripted import Asked, Scripted, asking, status

EVICTED = ToldEvent("c", Regarding("Pod", "v1", "shop", "api-7", "u"), "Normal", "EvictPod", "gone")
CORDONED = ToldEvent("c", Regarding("Node", "v1", "", "n"), "Warning", "Cordon", "full")
NOW_MS = 1_700_000_000_000


def recorded(
    told: list[tuple[int, ToldEvent | None]], *answers: tuple[int, Any] | Exception
) -> tuple[EventRecorder, list[Asked]]:
    """Tell events at their times, writing after each."""
    script, now = Scripted(*answers), [0]

    async def play(client: httpx2.AsyncClient) -> EventRecorder:
        recorder = EventRecorder(client, "process-1", lambda: NOW_MS + now[0])
        for after_ms, event in told:
            now[0] = after_ms
            recorder.tell(event)
            await recorder.write_due()
        return recorder

    return asking(script, play), script.asked


def test_an_event_names_its_object_and_who_tells() -> None:
    recorder, (asked,) = recorded([(0, EVICTED), (0, None)], (201, {}))
    assert (asked.method, asked.path) == ("POST", "/api/v1/namespaces/shop/events")
    name = asked.body["metadata"].pop("name")
    assert name.startswith("api-7.")
    assert asked.body == {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"namespace": "shop"},
        "involvedObject": {
            "kind": "Pod",
            "apiVersion": "v1",
            "namespace": "shop",
            "name": "api-7",
            "uid": "u",
        },
        "type": "Normal",
        "reason": "EvictPod",
        "message": "gone",
        "source": {"component": "kingtide/c"},
        "reportingComponent": "kingtide.dev/c",
        "reportingInstance": "process-1",
        "firstTimestamp": "2023-11-14T22:13:20Z",
        "lastTimestamp": "2023-11-14T22:13:20Z",
        "count": 1,
    }
    assert (recorder.written, recorder.failures) == (1, 0)


def test_an_event_of_what_is_in_no_namespace_stands_in_default() -> None:
    _, (asked,) = recorded([(0, CORDONED)], (201, {}))
    assert asked.path == "/api/v1/namespaces/default/events"
    assert asked.body["involvedObject"] == {"kind": "Node", "apiVersion": "v1", "name": "n"}


def test_a_repetition_raises_the_count() -> None:
    _, (made, patched) = recorded([(0, EVICTED), (REPEAT_MS, EVICTED)], (201, {}))
    name = made.body["metadata"]["name"]
    assert (patched.method, patched.path) == ("PATCH", f"/api/v1/namespaces/shop/events/{name}")
    assert patched.media == "application/merge-patch+json"
    assert patched.body == {
        "count": 2,
        "lastTimestamp": "2023-11-14T22:14:20Z",
        "message": "gone",
    }


def test_an_event_that_was_deleted_is_written_anew() -> None:
    made = 201, {"kind": "Event"}
    recorder, asked = recorded(
        [(0, EVICTED), (REPEAT_MS, EVICTED)], made, status(404, "NotFound"), made
    )
    assert [it.method for it in asked] == ["POST", "PATCH", "POST"]
    assert (asked[-1].body["count"], recorder.failures) == (2, 0)


def test_a_failure_is_counted_and_tried_again_later() -> None:
    told: list[tuple[int, ToldEvent | None]] = [(0, EVICTED), (1_000, None), (REPEAT_MS, None)]
    recorder, asked = recorded(told, httpx2.ConnectError("down"), (201, {}))
    assert [it.method for it in asked] == ["POST", "POST"]
    assert (recorder.failures, recorder.written) == (1, 1)
