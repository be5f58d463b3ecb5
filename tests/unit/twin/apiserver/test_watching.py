"""Watches over HTTPS: resume, forgotten revisions, bookmarks, selections."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx2
import msgspec
import pytest

from kingtide.kube.pods import Pod
from tests.served_world import ServedWorld, served_world

PODS = "/api/v1/pods"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedWorld]:
    with served_world(tmp_path_factory.mktemp("small")) as it:
        yield it


@pytest.fixture(scope="module")
def client(served: ServedWorld) -> Iterator[httpx2.Client]:
    with served.client() as it:
        yield it


def watched(client: httpx2.Client, path: str = PODS, **params: Any) -> list[dict[str, Any]]:
    """Return the events of a watch that the server ends after a second."""
    query = {"watch": "true", "timeoutSeconds": "1"} | params
    with client.stream("GET", path, params=query) as response:
        assert response.status_code == 200
        return [json.loads(line) for line in response.iter_lines()]


def told(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(it["type"], it["object"]["metadata"].get("name", "")) for it in events]


def pod_named(served: ServedWorld, name: str) -> Pod:
    some = next(it for it in served.world.store.pods.values() if it.namespace == "jobs")
    return msgspec.structs.replace(some, name=name, uid=f"uid-of-{name}")


class Written(NamedTuple):
    """Revisions: before everything, of the creation, of the change."""

    before: int
    created: int
    changed: int


def make_change_and_delete(served: ServedWorld, name: str) -> Written:
    """Write a pod three times."""
    store = served.world.store

    def write() -> Written:
        before = store.revision
        created = store.create_pod(pod_named(served, name))
        changed = store.update_pod(created, labels={"app": "other"})
        store.delete_pod(changed)
        return Written(before, created.resource_version, changed.resource_version)

    return served.call(write)


def test_a_watch_goes_on_after_the_revision_it_names(
    served: ServedWorld, client: httpx2.Client
) -> None:
    written = make_change_and_delete(served, "resumed")
    events = watched(client, resourceVersion=str(written.before))
    assert told(events) == [("ADDED", "resumed"), ("MODIFIED", "resumed"), ("DELETED", "resumed")]
    revisions = [int(it["object"]["metadata"]["resourceVersion"]) for it in events]
    assert revisions[:2] == [written.created, written.changed]
    assert revisions[2] > written.changed
    rest = watched(client, resourceVersion=str(written.changed))
    assert told(rest) == [("DELETED", "resumed")]


def test_an_object_that_leaves_a_selection_is_deleted_for_who_watches_that(
    served: ServedWorld, client: httpx2.Client
) -> None:
    written = make_change_and_delete(served, "relabelled")
    before = str(written.before)
    events = watched(client, resourceVersion=before, labelSelector="app=worker")
    assert told(events) == [("ADDED", "relabelled"), ("DELETED", "relabelled")]
    last = events[-1]["object"]["metadata"]
    assert (last["labels"], int(last["resourceVersion"])) == ({"app": "worker"}, written.changed)
    entering = watched(client, resourceVersion=before, labelSelector="app=other")
    assert told(entering) == [("ADDED", "relabelled"), ("DELETED", "relabelled")]


def test_a_watch_without_a_revision_begins_with_everything(
    served: ServedWorld, client: httpx2.Client
) -> None:
    events = watched(client)
    assert {it["type"] for it in events} == {"ADDED"}
    assert len(events) == len(served.world.store.pods)


def test_a_list_may_be_asked_for_as_a_watch_whose_end_is_marked(
    served: ServedWorld, client: httpx2.Client
) -> None:
    options = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}
    events = watched(client, "/api/v1/nodes", allowWatchBookmarks="true", **options)
    count = len(served.world.store.nodes)
    kinds = [it["type"] for it in events]
    assert kinds == ["ADDED"] * count + ["BOOKMARK"] * 2
    marks = events[count]["object"]["metadata"]
    assert marks["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert marks["resourceVersion"] == str(served.world.store.revision)


def test_a_watch_ends_with_a_bookmark_of_where_it_stands(
    served: ServedWorld, client: httpx2.Client
) -> None:
    now = str(served.world.store.revision)
    events = watched(client, resourceVersion=now, allowWatchBookmarks="true")
    assert [it["type"] for it in events] == ["BOOKMARK"]
    assert events[0]["object"]["metadata"]["resourceVersion"] == now
    assert events[0]["object"]["kind"] == "Pod"


@pytest.mark.parametrize("asked", ["compacted", "of another server"])
def test_a_revision_whose_successors_are_unknown_is_expired(
    served: ServedWorld, client: httpx2.Client, asked: str
) -> None:
    written = make_change_and_delete(served, f"forgotten-{len(asked)}")
    objects = served.server.api.objects
    pods = objects.table(objects.resources.modelled["Pod"])
    served.call(lambda: pods.history.compact(written.changed))
    revision = written.before if asked == "compacted" else 10**9
    events = watched(client, resourceVersion=str(revision))
    assert [(it["type"], it["object"]["code"]) for it in events] == [("ERROR", 410)]
    assert told(watched(client, resourceVersion=str(written.changed)))[0][0] == "DELETED"


def test_a_watch_of_tables_sends_rows(served: ServedWorld, client: httpx2.Client) -> None:
    before = make_change_and_delete(served, "in-a-row").before
    accept = "application/json;as=Table;v=v1;g=meta.k8s.io"
    query = {"watch": "true", "timeoutSeconds": "1", "resourceVersion": str(before)}
    with client.stream("GET", PODS, params=query, headers={"Accept": accept}) as response:
        events = [json.loads(line) for line in response.iter_lines()]
    assert [it["object"]["kind"] for it in events] == ["Table"] * 3
    assert [it["object"]["rows"][0]["cells"][0] for it in events] == ["in-a-row"] * 3
