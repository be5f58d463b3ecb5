"""Deletes over HTTP: what goes with an object, what stays, and what it waits for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.served_world import ServedWorld, served_world
from tests.unit.twin.apiserver.bodies import (
    CONFIG_MAPS,
    DEPLOYMENTS,
    PODS,
    REPLICA_SETS,
    config_map,
    deployment,
)


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


def owners(body: Any) -> list[tuple[str, str]]:
    references = body["metadata"].get("ownerReferences") or ()
    return [(it["kind"], it["name"]) for it in references]


def uids(client: httpx2.Client, name: str) -> set[str]:
    return {it["metadata"]["uid"] for it in pods_of(client, name)}


def test_what_is_orphaned_stays_and_is_adopted(client: httpx2.Client, served: ServedWorld) -> None:
    client.post(DEPLOYMENTS, json=deployment("left"))
    served.run_on(60)
    before = uids(client, "left")
    gone = client.delete(f"{DEPLOYMENTS}/left?propagationPolicy=Orphan")
    served.run_on(60)
    replica_set = client.get(f"{REPLICA_SETS}/left").json()
    client.post(DEPLOYMENTS, json=deployment("left", 3))
    served.run_on(60)
    after = uids(client, "left")

    assert gone.json()["status"] == "Success"
    assert owners(replica_set) == []
    assert replica_set["spec"]["replicas"] == 2
    assert (len(before), len(after), before < after) == (2, 3, True)
    assert owners(client.get(f"{REPLICA_SETS}/left").json()) == [("Deployment", "left")]


def test_orphans_of_another_template_are_adopted_and_rolled_out(
    client: httpx2.Client, served: ServedWorld
) -> None:
    client.post(DEPLOYMENTS, json=deployment("older"))
    client.delete(f"{DEPLOYMENTS}/older?propagationPolicy=Orphan")
    other = deployment("older")
    other["spec"]["template"]["spec"]["containers"][0]["image"] = "web:2"
    client.post(DEPLOYMENTS, json=other)
    served.run_on(120)
    found = client.get(f"{REPLICA_SETS}?labelSelector=app=older").json()["items"]
    sizes = sorted(it["spec"]["replicas"] for it in found)
    status = client.get(f"{DEPLOYMENTS}/older").json()["status"]

    assert {it for each in found for it in owners(each)} == {("Deployment", "older")}
    assert sizes == [0, 2]
    assert (status["updatedReplicas"], status["availableReplicas"]) == (2, 2)
    images = {it["spec"]["containers"][0]["image"] for it in pods_of(client, "older")}
    assert images == {"web:2"}


def test_a_deployment_makes_a_replica_set_again_that_is_deleted(
    client: httpx2.Client, served: ServedWorld
) -> None:
    client.post(DEPLOYMENTS, json=deployment("again"))
    served.run_on(60)
    first, before = client.get(f"{REPLICA_SETS}/again").json(), uids(client, "again")
    client.delete(f"{REPLICA_SETS}/again")
    served.run_on(60)
    second, after = client.get(f"{REPLICA_SETS}/again").json(), uids(client, "again")
    client.delete(f"{REPLICA_SETS}/again?propagationPolicy=Orphan")
    left = [owners(it) for it in pods_of(client, "again")]
    served.run_on(60)

    assert first["metadata"]["uid"] != second["metadata"]["uid"]
    assert (len(after), before & after) == (2, set())
    assert left == [[], []]
    assert uids(client, "again") == after  # its pods again
    assert {it for each in pods_of(client, "again") for it in owners(each)} == {
        ("ReplicaSet", "again")
    }
    assert client.get(f"{DEPLOYMENTS}/again").json()["status"]["availableReplicas"] == 2


def workload(kind: str, name: str) -> dict[str, Any]:
    body = deployment(name)
    template = body["spec"]["template"]
    spec: dict[str, Any] = {"template": template, "selector": body["spec"]["selector"]}
    match kind:
        case "StatefulSet" | "ReplicaSet":
            spec["replicas"] = 2
        case "Job":
            template["spec"]["restartPolicy"] = "Never"
            spec |= {"parallelism": 2, "completions": 2}
            del spec["selector"]
    return {"metadata": {"name": name}, "spec": spec}


PATHS = {
    "ReplicaSet": REPLICA_SETS,
    "StatefulSet": "/apis/apps/v1/namespaces/default/statefulsets",
    "DaemonSet": "/apis/apps/v1/namespaces/default/daemonsets",
    "Job": "/apis/batch/v1/namespaces/default/jobs",
}


@pytest.mark.parametrize("kind", PATHS)
def test_pods_of_whatever_is_orphaned_stay_and_who_selects_them_adopts_them(
    client: httpx2.Client, served: ServedWorld, kind: str
) -> None:
    name, path = f"left-{kind.lower()}", PATHS[kind]
    client.post(path, json=workload(kind, name))
    while "Running" not in {it["status"]["phase"] for it in pods_of(client, name)}:
        served.run_on(1)
    before = uids(client, name)
    gone = client.delete(f"{path}/{name}", params={"propagationPolicy": "Orphan"})
    served.run_on(2)
    left = pods_of(client, name)
    client.post(path, json=workload(kind, name))
    served.run_on(30)
    after = pods_of(client, name)
    of_it = {it["metadata"]["uid"] for it in after if owners(it) == [(kind, name)]}
    client.delete(f"{path}/{name}")

    assert gone.json()["status"] == "Success"
    assert {it["metadata"]["uid"] for it in left} == before
    assert [owners(it) for it in left] == [[] for _ in left]
    if kind == "Job":  # it selects by its own uid
        assert of_it.isdisjoint(before)
        assert len(after) == 4
    else:
        assert before <= of_it


def test_the_jobs_of_an_orphaned_cron_job_go_on(client: httpx2.Client, served: ServedWorld) -> None:
    path = "/apis/batch/v1/namespaces/default"
    job = workload("Job", "often")["spec"]
    spec = {"schedule": "* * * * *", "jobTemplate": {"spec": job}}
    client.post(f"{path}/cronjobs", json={"metadata": {"name": "often"}, "spec": spec})
    served.run_on(62)
    client.delete(f"{path}/cronjobs/often?propagationPolicy=Orphan")
    served.run_on(120)
    jobs = client.get(f"{path}/jobs").json()["items"]
    mine = [it for it in jobs if it["metadata"]["name"].startswith("often-")]

    assert [owners(it) for it in mine] == [[]]
    assert mine[0]["status"]["succeeded"] == 2


def test_what_others_own_goes_with_its_owner_or_stays(client: httpx2.Client) -> None:
    def owned_by(name: str) -> dict[str, Any]:
        made = client.post(CONFIG_MAPS, json=config_map(name)).json()
        reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": name}
        return reference | {"uid": made["metadata"]["uid"]}

    gone, kept = owned_by("owner-gone"), owned_by("owner-kept")
    for name, references in (("of-one", [gone]), ("of-both", [gone, kept]), ("of-kept", [kept])):
        body = config_map(name)
        body["metadata"]["ownerReferences"] = references
        client.post(CONFIG_MAPS, json=body)
        pod = {"metadata": body["metadata"], "spec": {"containers": [{"name": "a", "image": "b"}]}}
        client.post(PODS, json=pod)
    client.delete(f"{CONFIG_MAPS}/owner-gone")
    client.delete(f"{CONFIG_MAPS}/owner-kept?propagationPolicy=Orphan")

    for path in (CONFIG_MAPS, PODS):
        assert client.get(f"{path}/of-one").status_code == 404
        assert owners(client.get(f"{path}/of-both").json()) == []
        assert owners(client.get(f"{path}/of-kept").json()) == []


def test_pods_of_somebody_elses_controller_run_and_go_with_their_namespace(
    client: httpx2.Client, served: ServedWorld
) -> None:
    client.post("/api/v1/namespaces", json={"metadata": {"name": "theirs"}})
    reference = {"apiVersion": "example.com/v1", "kind": "Tide", "name": "t", "uid": "u-1"}
    metadata = {"name": "one", "ownerReferences": [reference | {"controller": True}]}
    pods = "/api/v1/namespaces/theirs/pods"
    spec = {"containers": [{"name": "a", "image": "b"}]}
    made = client.post(pods, json={"metadata": metadata, "spec": spec})
    served.run_on(60)
    phase = client.get(f"{pods}/one").json()["status"]["phase"]
    client.delete("/api/v1/namespaces/theirs")
    served.run_on(1)

    assert phase == "Running"
    assert owners(made.json()) == [("Tide", "t")]
    assert client.get(pods).json()["items"] == []


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


@pytest.mark.parametrize("kind", PATHS)
def test_in_the_foreground_whatever_has_pods_goes_after_them_and_makes_no_more(
    client: httpx2.Client, served: ServedWorld, kind: str
) -> None:
    name, path = f"front-{kind.lower()}", PATHS[kind]
    client.post(path, json=workload(kind, name))
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
