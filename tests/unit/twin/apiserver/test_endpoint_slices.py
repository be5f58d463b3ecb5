"""Services that come through the API have the slices of the pods that they select."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from kingtide.twin.apiserver.services import with_defaults
from tests.served_world import ServedWorld, served_world
from tests.unit.twin.apiserver.bodies import DEPLOYMENTS, MERGE, PODS, deployment

SERVICES = "/api/v1/namespaces/default/services"
SLICES = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedWorld]:
    with served_world(tmp_path_factory.mktemp("served")) as found:
        yield found


@pytest.fixture
def client(served: ServedWorld) -> Iterator[httpx2.Client]:
    with served.client() as found:
        yield found


def service(name: str, app: str = "", **spec: Any) -> dict[str, Any]:
    ports = [{"name": "http", "port": 80, "targetPort": 8080}]
    about = {"name": name, "labels": {"team": "a"}}
    body = {"ports": ports, "selector": {"app": app or name}} | spec
    return {"apiVersion": "v1", "kind": "Service", "metadata": about, "spec": body}


def slices(client: httpx2.Client, name: str) -> list[Any]:
    selector = {"labelSelector": f"kubernetes.io/service-name={name}"}
    found: list[Any] = client.get(SLICES, params=selector).json()["items"]
    return found


def endpoints(client: httpx2.Client, name: str) -> dict[str, Any]:
    return {it["targetRef"]["name"]: it for one in slices(client, name) for it in one["endpoints"]}


def test_endpoints_are_the_selected_pods_from_their_start_to_their_end(
    client: httpx2.Client, served: ServedWorld
) -> None:
    client.post(SERVICES, json=service("site"))
    served.run_on(0)
    (first,) = slices(client, "site")
    assert (first["endpoints"], first["ports"]) == ([], [])  # nobody is there, and that is told

    client.post(DEPLOYMENTS, json=deployment("site", 3))
    served.run_on(60)
    (one,) = slices(client, "site")
    pods = client.get(f"{PODS}?labelSelector=app=site").json()["items"]
    assert [one["metadata"][it] for it in ("uid", "name")] == [
        first["metadata"][it] for it in ("uid", "name")
    ]
    assert one["metadata"]["creationTimestamp"] == first["metadata"]["creationTimestamp"]
    assert one["metadata"]["labels"]["team"] == "a"
    assert one["ports"] == [{"name": "http", "port": 8080, "protocol": "TCP"}]
    told = {(it["addresses"][0], it["nodeName"], it["targetRef"]["uid"]) for it in one["endpoints"]}
    assert told == {
        (it["status"]["podIP"], it["spec"]["nodeName"], it["metadata"]["uid"]) for it in pods
    }
    assert all(it["conditions"]["ready"] and it["zone"] for it in one["endpoints"])

    name = pods[0]["metadata"]["name"]
    client.delete(f"{PODS}/{name}")
    served.run_on(1)
    ending = {"ready": False, "serving": True, "terminating": True}
    assert endpoints(client, "site")[name]["conditions"] == ending
    served.run_on(120)
    assert name not in endpoints(client, "site")
    assert len(endpoints(client, "site")) == 3

    client.delete(f"{SERVICES}/site")
    served.run_on(1)
    assert slices(client, "site") == []


def test_a_slice_has_a_hundred_endpoints_and_goes_when_it_is_empty(
    client: httpx2.Client, served: ServedWorld
) -> None:
    many = deployment("many", 120)
    many["spec"]["template"]["spec"]["containers"][0]["resources"] = {}
    client.post(DEPLOYMENTS, json=many)
    client.post(SERVICES, json=service("many", publishNotReadyAddresses=True))
    served.run_on(600)
    found = [len(it["endpoints"]) for it in slices(client, "many")]
    placed = client.get(f"{PODS}?labelSelector=app=many").json()["items"]
    assert sorted(found) == [sum(1 for it in placed if it["status"].get("podIP")) - 100, 100]
    client.patch(f"{DEPLOYMENTS}/many", json={"spec": {"replicas": 0}}, headers=MERGE)
    served.run_on(120)
    assert [it["endpoints"] for it in slices(client, "many")] == [[]]


def test_ports_by_name_are_those_of_each_pod(client: httpx2.Client, served: ServedWorld) -> None:
    for name, port in (("old", 8081), ("new", 8082)):
        body = deployment(name, 1)
        template = body["spec"]["template"]
        template["metadata"]["labels"] |= {"tier": "front"}
        body["spec"]["selector"] = {"matchLabels": {"app": name}}
        template["spec"]["containers"][0]["ports"] = [{"name": "web", "containerPort": port}]
        client.post(DEPLOYMENTS, json=body)
    served.run_on(60)
    ports = [{"port": 80, "targetPort": "web"}, {"name": "b", "port": 1, "targetPort": "none"}]
    client.post(SERVICES, json=service("front", selector={"tier": "front"}, ports=ports))
    served.run_on(0)
    found = slices(client, "front")
    assert sorted(it["ports"][0]["port"] for it in found) == [8081, 8082]
    assert all(len(it["ports"]) == 1 for it in found)

    client.patch(f"{SERVICES}/front", json={"spec": {"selector": {"app": "new"}}}, headers=MERGE)
    served.run_on(0)
    (one,) = slices(client, "front")
    assert [it["port"] for it in one["ports"]] == [8082]
    client.delete(f"{SLICES}/{one['metadata']['name']}")
    served.run_on(0)
    assert slices(client, "front")[0]["endpoints"] == one["endpoints"]


@pytest.mark.parametrize(
    "spec",
    [{"selector": None}, {"type": "ExternalName", "externalName": "foo.bar"}],
    ids=["no selector", "a name elsewhere"],
)
def test_a_service_that_selects_nothing_has_no_slices(
    client: httpx2.Client, served: ServedWorld, spec: dict[str, Any]
) -> None:
    name = f"without-{len(spec)}"
    assert client.post(SERVICES, json=service(name, **spec)).status_code == 201
    served.run_on(1)
    assert slices(client, name) == []


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({"selector": {"app": 1}}, "spec.selector[...]"),
        ({"selector": ["app"]}, "spec.selector"),
        ({"ports": [{"port": 65536}]}, "spec.ports[0].port"),
        ({"ports": [{}]}, "spec.ports[0].port"),
        ({"ports": [{"port": 80, "targetPort": {}}]}, "spec.ports[0].targetPort"),
        ({"type": "Balancer"}, "spec.type"),
    ],
    ids=["label", "selector", "range", "no port", "target", "type"],
)
def test_a_service_that_cannot_be_is_refused_and_harms_no_other(
    client: httpx2.Client, served: ServedWorld, spec: dict[str, Any], field: str
) -> None:
    refused = client.post(SERVICES, json=service("wrong", **spec))
    assert (refused.status_code, field in refused.text) == (422, True), refused.text
    assert client.get(f"{SERVICES}/wrong").status_code == 404


def test_a_service_has_an_address_of_its_own_and_keeps_it(client: httpx2.Client) -> None:
    made = [client.post(SERVICES, json=service(f"address-{it}")).json() for it in range(2)]
    first, second = (it["spec"]["clusterIP"] for it in made)
    assert first.startswith("172.20.")
    assert first != second
    assert made[0]["spec"]["ports"][0]["protocol"] == "TCP"
    other = client.put(f"{SERVICES}/address-0", json=service("address-0", "elsewhere")).json()
    assert other["spec"] == made[0]["spec"] | {"selector": {"app": "elsewhere"}}


@pytest.mark.parametrize(
    ("spec", "address"),
    [({"clusterIP": "None"}, "None"), ({"type": "ExternalName", "externalName": "foo.bar"}, None)],
    ids=["headless", "a name elsewhere"],
)
def test_a_service_without_an_address_is_given_none(
    client: httpx2.Client, spec: dict[str, Any], address: str | None
) -> None:
    made = client.post(f"{SERVICES}?dryRun=All", json=service("none", **spec)).json()
    assert made["spec"].get("clusterIP") == address


def test_the_addresses_of_services_that_are_taken_are_given_to_nobody_else() -> None:
    first = with_defaults({}, "a", ())["spec"]["clusterIP"]
    second = with_defaults({}, "a", {first})["spec"]["clusterIP"]
    assert int(second.rpartition(".")[2]) in (int(first.rpartition(".")[2]) + 1, 0)
