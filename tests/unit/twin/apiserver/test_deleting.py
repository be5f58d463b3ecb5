"""Deletes over HTTP: what goes with an object, what stays, and what it waits for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.served_world import ServedWorld, served_world
from tests.unit.twin.apiserver.bodies import DEPLOYMENTS, PODS, REPLICA_SETS, deployment


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedWorld]:
    with served_world(tmp_path_factory.mktemp("served"), run_seconds=60) as found:
        yield found


@pytest.fixture
def client(served: ServedWorld) -> Iterator[httpx2.Client]:
    with served.client() as found:
        yield found


def pods_of(client: httpx2.Client, name: str) -> list[Any]:
    found: list[Any] = client.get(f"{PODS}?labelSelector=app={name}").json()["items"]
    return found


def test_what_is_orphaned_stays_and_is_adopted(client: httpx2.Client, served: ServedWorld) -> None:
    client.post(DEPLOYMENTS, json=deployment("left"))
    served.run_on(60)
    before = {it["metadata"]["uid"] for it in pods_of(client, "left")}
    gone = client.delete(f"{DEPLOYMENTS}/left?propagationPolicy=Orphan")
    served.run_on(60)
    replica_set = client.get(f"{REPLICA_SETS}/left").json()
    other = deployment("left")
    other["spec"]["template"]["spec"]["containers"][0]["image"] = "web:2"
    refused = client.post(DEPLOYMENTS, json=other)
    client.post(DEPLOYMENTS, json=deployment("left", 3))
    served.run_on(60)
    after = {it["metadata"]["uid"] for it in pods_of(client, "left")}
    owner = client.get(f"{REPLICA_SETS}/left").json()["metadata"]["ownerReferences"][0]

    assert gone.json()["status"] == "Success"
    assert "ownerReferences" not in replica_set["metadata"]
    assert replica_set["spec"]["replicas"] == 2
    assert (refused.status_code, "delete it first" in refused.text) == (422, True)
    assert (len(before), len(after), before < after) == (2, 3, True)
    assert (owner["kind"], owner["name"]) == ("Deployment", "left")


def test_an_orphan_is_deleted_with_its_pods(client: httpx2.Client, served: ServedWorld) -> None:
    client.post(DEPLOYMENTS, json=deployment("orphan"))
    served.run_on(60)
    behind = client.delete(f"{REPLICA_SETS}/orphan")
    client.delete(f"{DEPLOYMENTS}/orphan?propagationPolicy=Orphan")
    alone = client.delete(f"{REPLICA_SETS}/orphan")
    served.run_on(60)

    assert (behind.status_code, alone.status_code) == (405, 200)
    assert pods_of(client, "orphan") == []


def test_in_the_foreground_a_deployment_goes_after_its_pods(
    client: httpx2.Client, served: ServedWorld
) -> None:
    client.post(DEPLOYMENTS, json=deployment("front"))
    served.run_on(60)
    answer = client.delete(f"{DEPLOYMENTS}/front?propagationPolicy=Foreground").json()
    metadata = client.get(f"{DEPLOYMENTS}/front").json()["metadata"]
    served.run_on(1)
    ending = {it["metadata"].get("deletionTimestamp", "") for it in pods_of(client, "front")}
    stands = client.get(f"{DEPLOYMENTS}/front").status_code
    served.run_on(90)

    assert answer["kind"] == "Deployment"
    assert metadata["finalizers"] == ["foregroundDeletion"]
    assert metadata["deletionTimestamp"]
    assert (stands, "" in ending, len(ending)) == (200, False, 1)
    assert client.get(f"{DEPLOYMENTS}/front").status_code == 404
    assert pods_of(client, "front") == []


@pytest.mark.parametrize(
    ("kind", "path", "spec"),
    [
        ("StatefulSet", "/apis/apps/v1/namespaces/default/statefulsets", {"replicas": 2}),
        ("DaemonSet", "/apis/apps/v1/namespaces/default/daemonsets", {}),
        ("Job", "/apis/batch/v1/namespaces/default/jobs", {"parallelism": 2, "completions": 2}),
    ],
)
def test_in_the_foreground_whatever_has_pods_goes_after_them_and_makes_no_more(
    client: httpx2.Client, served: ServedWorld, kind: str, path: str, spec: dict[str, Any]
) -> None:
    name = f"front-{kind.lower()}"
    body = deployment(name)
    template = body["spec"]["template"]
    wanted = {"template": template, **spec}
    if kind == "Job":
        template["spec"]["restartPolicy"] = "Never"
    else:
        wanted["selector"] = body["spec"]["selector"]
    client.post(path, json={"metadata": {"name": name}, "spec": wanted})
    while "Running" not in {it["status"]["phase"] for it in pods_of(client, name)}:
        served.run_on(1)
    before = {it["metadata"]["uid"] for it in pods_of(client, name)}
    answer = client.delete(f"{path}/{name}?propagationPolicy=Foreground").json()
    seen: list[int] = []
    while client.get(f"{path}/{name}").is_success and len(seen) < 100:
        served.run_on(1)
        left = pods_of(client, name)
        assert {it["metadata"]["uid"] for it in left} <= before
        assert all(it["metadata"].get("deletionTimestamp") for it in left)
        seen.append(len(left))

    assert before
    assert (answer["kind"], answer["metadata"]["finalizers"]) == (kind, ["foregroundDeletion"])
    assert seen[0] > 0  # it stood with them
    assert pods_of(client, name) == []
    assert client.get(f"{path}/{name}").status_code == 404
