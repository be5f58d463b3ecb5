"""Gets and lists over HTTPS, as any client asks for them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx2
import pytest

from tests.served_world import ServedWorld, served_world

QUICK_SECONDS = 0.030
"""An acknowledgement that is delayed comes after 40 ms."""
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedWorld]:
    with served_world(tmp_path_factory.mktemp("small")) as it:
        yield it


@pytest.fixture(scope="module")
def client(served: ServedWorld) -> Iterator[httpx2.Client]:
    with served.client() as it:
        yield it


def names(response: httpx2.Response) -> list[str]:
    return [it["metadata"]["name"] for it in response.json()["items"]]


def test_whoever_has_no_token_or_another_one_is_told_nothing(served: ServedWorld) -> None:
    with served.client(authorized=False) as client:
        for headers in ({}, {"Authorization": "Bearer other"}, {"Authorization": "Basic YTpi"}):
            for path in ("/api/v1/pods", "/version", "/healthz", "/nowhere"):
                response = client.get(path, headers=headers)
                assert (response.status_code, response.json()["reason"]) == (401, "Unauthorized")


def test_a_list_has_every_pod_of_the_store_and_the_store_s_revision(
    served: ServedWorld, client: httpx2.Client
) -> None:
    response = client.get("/api/v1/pods")
    assert response.json()["kind"] == "PodList"
    keys = [
        (it["metadata"]["namespace"], it["metadata"]["name"]) for it in response.json()["items"]
    ]
    assert keys == sorted((it.namespace, it.name) for it in served.world.store.pods.values())
    assert response.json()["metadata"] == {"resourceVersion": str(served.world.store.revision)}


def test_the_date_is_the_clusters(served: ServedWorld, client: httpx2.Client) -> None:
    response = client.get("/api/v1/namespaces/default")
    assert response.headers["date"] == "Wed, 07 Oct 2020 18:00:00 GMT"
    assert response.headers["kingtide-now-ms"] == str(served.world.engine.now_ms)


def test_no_part_of_an_answer_waits_for_the_part_before(client: httpx2.Client) -> None:
    took = 1.0
    for _ in range(300):  # on a busy machine many take long, and none is this quick if it waits
        began = time.perf_counter()
        client.get("/api/v1/namespaces/default")
        took = min(took, time.perf_counter() - began)
        if took < QUICK_SECONDS:
            break
    assert took < QUICK_SECONDS


def test_pages_show_one_moment_and_their_token_is_forgotten_at_the_end(
    served: ServedWorld, client: httpx2.Client
) -> None:
    first = client.get("/api/v1/pods", params={"limit": 5}).json()
    token = first["metadata"]["continue"]
    total = len(served.world.store.pods)
    assert first["metadata"]["remainingItemCount"] == total - 5
    rest = client.get("/api/v1/pods", params={"limit": 500, "continue": token}).json()
    assert len(first["items"]) + len(rest["items"]) == total
    assert rest["metadata"] == {"resourceVersion": first["metadata"]["resourceVersion"]}
    again = client.get("/api/v1/pods", params={"limit": 5, "continue": token})
    assert (again.status_code, again.json()["reason"]) == (410, "Expired")


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        pytest.param({"labelSelector": "app=web"}, {"web"}, id="equal"),
        pytest.param(
            {"labelSelector": "app!=web,app!=logs,app!=overprovisioning-workers,app"},
            {"worker"},
            id="not equal, and there",
        ),
        pytest.param({"labelSelector": "app in (web, worker)"}, {"web", "worker"}, id="in"),
        pytest.param(
            {"labelSelector": "app notin (web,logs),!no,app"},
            {"worker", "overprovisioning-workers"},
            id="not in",
        ),
        pytest.param({"fieldSelector": "metadata.namespace=jobs"}, {"worker"}, id="namespace"),
        pytest.param(
            {"labelSelector": "app=web", "fieldSelector": "spec.nodeName="}, set(), id="no node"
        ),
        pytest.param(
            {"labelSelector": "app=web", "fieldSelector": "status.phase!=Pending"}, {"web"}, id="!="
        ),
    ],
)
def test_selectors_select(
    client: httpx2.Client, params: dict[str, str], expected: set[str]
) -> None:
    items = client.get("/api/v1/pods", params=params).json()["items"]
    assert {it["metadata"]["labels"]["app"] for it in items} == expected


@pytest.mark.parametrize(
    ("path", "params", "code", "reason"),
    [
        pytest.param("/api/v1/pods", {"labelSelector": "a=b=c"}, 400, "BadRequest", id="label"),
        pytest.param("/api/v1/pods", {"fieldSelector": "spec.x=1"}, 400, "BadRequest", id="field"),
        pytest.param("/api/v1/pods", {"limit": "-1"}, 400, "BadRequest", id="limit"),
        pytest.param("/api/v1/pods", {"continue": "%%"}, 400, "BadRequest", id="token"),
        pytest.param("/api/v1/pods", {"resourceVersion": "999999999"}, 504, "Timeout", id="future"),
        pytest.param(
            "/api/v1/pods",
            {"resourceVersion": "1", "resourceVersionMatch": "Exact"},
            410,
            "Expired",
            id="past",
        ),
        pytest.param("/api/v1/namespaces/jobs/pods/none", {}, 404, "NotFound", id="object"),
        pytest.param("/apis/apps/v1/nothings", {}, 404, "NotFound", id="resource"),
        pytest.param("/api/v1/pods/name-alone", {}, 404, "NotFound", id="a name needs a namespace"),
        pytest.param("/api/v1/namespaces/a/nodes", {}, 404, "NotFound", id="nodes have none"),
    ],
)
def test_what_cannot_be_answered_is_refused_as_kubernetes_does(
    client: httpx2.Client, path: str, params: dict[str, str], code: int, reason: str
) -> None:
    response = client.get(path, params=params)
    found = response.json()
    assert (response.status_code, found["reason"], found["kind"]) == (code, reason, "Status")


def test_a_missing_object_is_named_with_its_group(client: httpx2.Client) -> None:
    response = client.get("/apis/apps/v1/namespaces/jobs/deployments/none")
    assert response.json()["message"] == 'deployments.apps "none" not found'


def test_protobuf_alone_is_not_served(client: httpx2.Client) -> None:
    accept = {"Accept": "application/vnd.kubernetes.protobuf"}
    assert client.get("/api/v1/pods", headers=accept).status_code == 406


def test_metadata_alone_is_served(client: httpx2.Client) -> None:
    accept = {"Accept": "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"}
    found = client.get("/api/v1/nodes", headers=accept).json()
    assert found["kind"] == "PartialObjectMetadataList"
    assert {*found["items"][0]} == {"kind", "apiVersion", "metadata"}


def test_every_resource_that_discovery_names_can_be_listed(client: httpx2.Client) -> None:
    versions = ["/api/v1"]
    versions += [
        f"/apis/{version['groupVersion']}"
        for group in client.get("/apis").json()["groups"]
        for version in group["versions"]
        if group["name"] != "metrics.k8s.io"
    ]
    listed = 0
    for version in versions:
        for it in client.get(version).json()["resources"]:
            if "list" in it["verbs"] and "/" not in it["name"]:
                response = client.get(f"{version}/{it['name']}")
                assert response.json()["kind"] == f"{it['kind']}List"
                assert it["kind"] in ("Event", it["kind"])
                listed += 1
    assert listed > 30
