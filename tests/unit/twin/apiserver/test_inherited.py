"""What a template says beyond the model stands in what controllers make of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.served_world import ServedWorld, served_world
from tests.unit.twin.apiserver.bodies import DEPLOYMENTS, MERGE, PODS, REPLICA_SETS, deployment

APPS = "/apis/apps/v1/namespaces/default"
JOBS = "/apis/batch/v1/namespaces/default"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedWorld]:
    with served_world(tmp_path_factory.mktemp("served")) as found:
        yield found


@pytest.fixture
def client(served: ServedWorld) -> Iterator[httpx2.Client]:
    with served.client() as found:
        yield found


def values(client: httpx2.Client, path: str, name: str) -> set[str]:
    """Return the value of A in all containers of objects with a label."""
    found = set()
    for it in client.get(f"{path}?labelSelector=app={name}").json()["items"]:
        spec: Any = it["spec"].get("template", {}).get("spec", it["spec"])
        found |= {f"{env['name']}={env['value']}" for env in spec["containers"][0].get("env", ())}
    return found


def uids(client: httpx2.Client, name: str) -> set[str]:
    found = client.get(f"{PODS}?labelSelector=app={name}").json()["items"]
    return {it["metadata"]["uid"] for it in found}


def test_each_revision_and_its_pods_have_what_their_template_had(
    client: httpx2.Client, served: ServedWorld
) -> None:
    body = deployment("told")
    client.post(DEPLOYMENTS, json=body)
    served.run_on(60)
    first = (values(client, REPLICA_SETS, "told"), values(client, PODS, "told"))
    container = body["spec"]["template"]["spec"]["containers"][0]
    changed = container | {"image": "web:2", "env": [{"name": "A", "value": "2"}]}
    template = {"spec": {"containers": [changed]}}
    client.patch(f"{DEPLOYMENTS}/told", json={"spec": {"template": template}}, headers=MERGE)
    served.run_on(120)

    assert first == ({"A=1"}, {"A=1"})
    assert values(client, REPLICA_SETS, "told") == {"A=1", "A=2"}  # by the first undo goes back
    assert values(client, PODS, "told") == {"A=2"}


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet"])
def test_a_change_of_it_alone_is_rolled_out(
    client: httpx2.Client, served: ServedWorld, kind: str
) -> None:
    name, path = f"other-{kind.lower()}", f"{APPS}/{kind.lower()}s"
    body = deployment(name)
    body["kind"] = kind
    if kind != "Deployment":
        del body["spec"]["replicas"]
    assert client.post(path, json=body).is_success
    served.run_on(60)
    first = {
        it["metadata"]["uid"]
        for it in client.get(f"{PODS}?labelSelector=app={name}").json()["items"]
    }
    container = body["spec"]["template"]["spec"]["containers"][0]
    changed = container | {"env": [{"name": "A", "value": "2"}]}
    template = {"spec": {"containers": [changed]}}
    client.patch(f"{path}/{name}", json={"spec": {"template": template}}, headers=MERGE)
    served.run_on(240)

    assert values(client, PODS, name) == {"A=2"}
    assert first
    assert first.isdisjoint(uids(client, name))


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet", "Job", "CronJob"])
def test_so_it_is_with_whatever_has_pods(
    client: httpx2.Client, served: ServedWorld, kind: str
) -> None:
    name = f"told-{kind.lower()}"
    body = deployment(name)
    template = body["spec"]["template"]
    spec: dict[str, Any] = {"template": template, "selector": body["spec"]["selector"]}
    if kind.endswith("Job"):
        template["spec"]["restartPolicy"] = "Never"
        del spec["selector"]
    if kind == "CronJob":
        spec = {"schedule": "* * * * *", "jobTemplate": {"spec": spec}}
    path = JOBS if kind.endswith("Job") else APPS
    client.post(f"{path}/{kind.lower()}s", json={"metadata": {"name": name}, "spec": spec})
    served.run_on(70)

    assert values(client, PODS, name) == {"A=1"}
