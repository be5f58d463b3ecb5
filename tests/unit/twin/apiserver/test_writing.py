"""Writes over HTTP: what is stored, what is refused, and that a refusal leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.served_world import ServedWorld, served_world
from tests.unit.twin.apiserver.bodies import (
    CONFIG_MAPS,
    DEPLOYMENTS,
    MERGE,
    REPLICA_SETS,
    config_map,
    deployment,
)

STRATEGIC = {"Content-Type": "application/strategic-merge-patch+json"}
JSON_PATCH = {"Content-Type": "application/json-patch+json"}
APPLY = {"Content-Type": "application/apply-patch+yaml"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedWorld]:
    with served_world(tmp_path_factory.mktemp("served"), run_seconds=60) as found:
        yield found


@pytest.fixture
def client(served: ServedWorld) -> Iterator[httpx2.Client]:
    with served.client() as found:
        yield found


def test_what_the_model_does_not_know_is_kept_and_returned(client: httpx2.Client) -> None:
    made = client.post(DEPLOYMENTS, json=deployment("kept"))
    got = client.get(f"{DEPLOYMENTS}/kept").json()

    assert made.status_code == 201
    container = got["spec"]["template"]["spec"]["containers"][0]
    assert container["env"] == [{"name": "A", "value": "1"}]
    assert got["metadata"]["uid"]


def test_a_write_goes_through_the_component_that_runs_it(
    client: httpx2.Client, served: ServedWorld
) -> None:
    client.post(DEPLOYMENTS, json=deployment("runs"))
    served.call(lambda: served.world.run_until(served.world.engine.now_ms + 60_000))

    pods = client.get("/api/v1/namespaces/default/pods?labelSelector=app=runs").json()["items"]

    assert len(pods) == 2
    assert {it["status"]["phase"] for it in pods} == {"Running"}


REFUSALS: list[Any] = [
    pytest.param("POST", DEPLOYMENTS, {}, b"{", 400, "no JSON", id="no JSON"),
    pytest.param("POST", DEPLOYMENTS, {}, [], 400, "no object", id="no object"),
    pytest.param(
        "POST", DEPLOYMENTS, {}, config_map("x"), 400, "must be of type Deployment", id="kind"
    ),
    pytest.param(
        "POST", DEPLOYMENTS, {}, deployment("x", "3"), 400, "cannot unmarshal string", id="type"
    ),
    pytest.param("POST", DEPLOYMENTS, {}, deployment("x", -1), 422, "spec.replicas", id="range"),
    pytest.param("POST", DEPLOYMENTS, {}, deployment("No"), 422, "metadata.name", id="name"),
    pytest.param(
        "POST",
        DEPLOYMENTS,
        {},
        deployment("x", selector={"matchLabels": {"app": "y"}}),
        422,
        "does not match template",
        id="selector",
    ),
    pytest.param(
        "POST",
        f"{DEPLOYMENTS}?fieldValidation=Strict",
        {},
        deployment("x", replcas=2),
        400,
        'unknown field "spec.replcas"',
        id="unknown field",
    ),
    pytest.param(
        "POST",
        "/apis/apps/v1/namespaces/nowhere/deployments",
        {},
        deployment("x"),
        404,
        'namespaces "nowhere" not found',
        id="namespace",
    ),
    pytest.param(
        "PUT", f"{DEPLOYMENTS}/nobody", {}, deployment("nobody"), 404, "not found", id="missing"
    ),
    pytest.param(
        "PATCH", f"{DEPLOYMENTS}/fixed", {}, {}, 415, "unknown format", id="no kind of patch"
    ),
    pytest.param(
        "PATCH", f"{DEPLOYMENTS}/fixed", MERGE, {"spec": {"replicas": -1}}, 422, "replicas", id="m"
    ),
    pytest.param(
        "PATCH",
        f"{DEPLOYMENTS}/fixed",
        JSON_PATCH,
        [{"op": "replace", "path": "/spec/replicas", "value": 9}, {"op": "remove", "path": "/x"}],
        422,
        "operation 1",
        id="the second operation",
    ),
    pytest.param(
        "PATCH",
        f"{DEPLOYMENTS}/fixed",
        STRATEGIC,
        {"spec": {"template": {"spec": {"containers": [{"image": "y"}]}}}},
        400,
        "merge key",
        id="no merge key",
    ),
    pytest.param(
        "PATCH",
        f"{DEPLOYMENTS}/fixed",
        MERGE,
        {"spec": {"selector": {"matchExpressions": [{"key": "app", "operator": "Exists"}]}}},
        422,
        "immutable",
        id="what never changes",
    ),
    pytest.param(
        "PATCH",
        f"{DEPLOYMENTS}/fixed",
        MERGE,
        {"metadata": {"resourceVersion": "1"}, "spec": {"replicas": 9}},
        409,
        "has been modified",
        id="an old version",
    ),
    pytest.param(
        "PATCH",
        f"{DEPLOYMENTS}/fixed",
        MERGE,
        {"spec": {"template": {"spec": {"containers": [{"name": "a", "image": "b",
         "resources": {"requests": {"cpu": "many"}}}]}}}},
        422,
        "many",
        id="no quantity",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "path", "headers", "sent", "code", "message"), REFUSALS)
def test_bad_input_is_refused_and_leaves_nothing_behind(
    client: httpx2.Client,
    served: ServedWorld,
    verb: str,
    path: str,
    headers: dict[str, str],
    sent: Any,
    code: int,
    message: str,
) -> None:
    client.post(DEPLOYMENTS, json=deployment("fixed"))
    served.run_on(0)  # its status is written after it
    before = client.get(DEPLOYMENTS).content
    revision = served.call(lambda: served.world.store.revision)
    body = {"content": sent} if isinstance(sent, bytes) else {"json": sent}

    refused = client.request(verb, path, headers=headers or None, **body)

    status = refused.json()
    assert (refused.status_code, status["status"]) == (code, "Failure")
    assert message in status["message"]
    assert client.get(DEPLOYMENTS).content == before
    assert served.call(lambda: served.world.store.revision) == revision


def test_a_dry_run_answers_and_stores_nothing(client: httpx2.Client) -> None:
    made = client.post(f"{DEPLOYMENTS}?dryRun=All", json=deployment("dry"))

    assert made.status_code == 201
    assert made.json()["spec"]["strategy"]["type"] == "RollingUpdate"
    assert client.get(f"{DEPLOYMENTS}/dry").status_code == 404


def test_unknown_fields_are_warned_of_and_dropped(client: httpx2.Client) -> None:
    made = client.post(DEPLOYMENTS, json=deployment("warned", replcas=3))

    assert made.headers["warning"] == '299 - "unknown field \\"spec.replcas\\""'
    assert "replcas" not in made.json()["spec"]


def test_an_update_of_what_was_changed_in_between_is_a_conflict(client: httpx2.Client) -> None:
    made = client.post(CONFIG_MAPS, json=config_map("seen", a="1")).json()
    first = client.put(f"{CONFIG_MAPS}/seen", json=made | {"data": {"a": "2"}})
    second = client.put(f"{CONFIG_MAPS}/seen", json=made | {"data": {"a": "3"}})

    assert (first.status_code, second.status_code) == (200, 409)
    assert client.get(f"{CONFIG_MAPS}/seen").json()["data"] == {"a": "2"}


def test_a_patch_that_changes_nothing_is_no_write(client: httpx2.Client) -> None:
    made = client.post(CONFIG_MAPS, json=config_map("same", a="1")).json()

    again = client.patch(f"{CONFIG_MAPS}/same", json={"data": {"a": "1"}}, headers=MERGE).json()

    assert again["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]


def test_applying_another_s_value_conflicts_until_it_is_forced(client: httpx2.Client) -> None:
    path = f"{CONFIG_MAPS}/applied"
    client.patch(f"{path}?fieldManager=one", json=config_map("applied", a="1"), headers=APPLY)

    refused = client.patch(f"{path}?fieldManager=two", json=config_map("applied", a="2"),
                           headers=APPLY)  # fmt: skip
    forced = client.patch(f"{path}?fieldManager=two&force=true",
                          json=config_map("applied", a="2"), headers=APPLY)  # fmt: skip

    assert refused.status_code == 409
    assert refused.json()["details"]["causes"] == [
        {"reason": "FieldManagerConflict", "message": 'conflict with "one"', "field": ".data.a"}
    ]
    assert forced.json()["data"] == {"a": "2"}


def test_fields_that_are_no_longer_applied_go(client: httpx2.Client) -> None:
    path = f"{CONFIG_MAPS}/shrinks?fieldManager=one"
    client.patch(path, json=config_map("shrinks", a="1", b="2"), headers=APPLY)
    after = client.patch(path, json=config_map("shrinks", a="1"), headers=APPLY).json()

    assert after["data"] == {"a": "1"}


def test_an_eviction_that_a_budget_forbids_is_told_as_kubernetes_tells_it(
    client: httpx2.Client, served: ServedWorld
) -> None:
    client.post(DEPLOYMENTS, json=deployment("held", 1))
    selector = {"matchLabels": {"app": "held"}}
    budget = {"metadata": {"name": "held"}, "spec": {"minAvailable": 1, "selector": selector}}
    client.post("/apis/policy/v1/namespaces/default/poddisruptionbudgets", json=budget)
    served.call(lambda: served.world.run_until(served.world.engine.now_ms + 60_000))
    pods = client.get("/api/v1/namespaces/default/pods?labelSelector=app=held").json()["items"]
    name = pods[0]["metadata"]["name"]

    refused = client.post(
        f"/api/v1/namespaces/default/pods/{name}/eviction",
        json={"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}},
    )

    assert refused.status_code == 429
    status = refused.json()
    assert status["reason"] == "TooManyRequests"
    assert status["message"] == (
        "Cannot evict pod as it would violate the pod's disruption budget."
    )
    assert status["details"]["causes"] == [
        {
            "reason": "DisruptionBudget",
            "message": "The disruption budget held needs 1 healthy pods and has 1 currently",
        }
    ]


def test_a_finalizer_holds_an_object_until_it_is_gone(client: httpx2.Client) -> None:
    held = config_map("finalized")
    held["metadata"]["finalizers"] = ["example.com/hold"]
    client.post(CONFIG_MAPS, json=held)
    path = f"{CONFIG_MAPS}/finalized"

    deleted = client.delete(path).json()
    still = client.get(path).status_code
    client.patch(path, json={"metadata": {"finalizers": None}}, headers=MERGE)

    assert deleted["metadata"]["deletionTimestamp"]
    assert still == 200
    assert client.get(path).status_code == 404


def test_leases_are_created_and_renewed_by_version(client: httpx2.Client) -> None:
    path = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases"
    made = client.post(path, json={"metadata": {"name": "l"}, "spec": {"holderIdentity": "a"}})
    lease = made.json()
    renewed = client.put(f"{path}/l", json=lease | {"spec": {"holderIdentity": "b"}})
    late = client.put(f"{path}/l", json=lease | {"spec": {"holderIdentity": "c"}})

    assert [it.status_code for it in (made, renewed, late)] == [201, 200, 409]


def test_a_namespace_takes_everything_in_it_along(client: httpx2.Client) -> None:
    client.post("/api/v1/namespaces", json={"metadata": {"name": "short"}})
    client.post("/api/v1/namespaces/short/configmaps", json=config_map("c"))
    client.post("/apis/apps/v1/namespaces/short/deployments", json=deployment("d"))
    client.delete("/api/v1/namespaces/short")

    assert client.get("/api/v1/namespaces/short").status_code == 404
    assert client.get("/api/v1/namespaces/short/configmaps").json()["items"] == []
    assert client.get("/apis/apps/v1/namespaces/short/deployments").json()["items"] == []


OPEN = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}


def test_a_custom_kind_comes_and_goes_with_its_definition(client: httpx2.Client) -> None:
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    names = {"plural": "peaks", "kind": "Peak", "singular": "peak"}
    versions = [{"name": "v1", "served": True, "storage": True, "schema": OPEN}]
    spec = {"group": "example.com", "scope": "Namespaced", "names": names, "versions": versions}
    peaks = "/apis/example.com/v1/namespaces/default/peaks"
    client.post(path, json={"metadata": {"name": "peaks.example.com"}, "spec": spec})

    made = client.post(peaks, json={"metadata": {"name": "p"}, "spec": {"any": [1]}})
    client.delete(f"{path}/peaks.example.com")

    assert (made.status_code, made.json()["spec"]) == (201, {"any": [1]})
    assert client.get(peaks).status_code == 404


def test_a_changed_definition_is_served_at_once(client: httpx2.Client) -> None:
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    names = {"plural": "tides", "kind": "Tide", "singular": "tide"}
    old: dict[str, Any] = {"name": "v1", "served": True, "storage": True, "schema": OPEN}
    new = old | {"name": "v2"}
    spec = {"group": "example.com", "scope": "Namespaced", "names": names, "versions": [old]}
    client.post(path, json={"metadata": {"name": "tides.example.com"}, "spec": spec})

    of_both = {"spec": {"versions": [old, new]}}
    client.patch(f"{path}/tides.example.com", headers=MERGE, json=of_both)
    both = [client.get(f"/apis/example.com/{it}/tides").status_code for it in ("v1", "v2")]
    of_one = {"spec": {"versions": [new]}}
    client.patch(f"{path}/tides.example.com", headers=MERGE, json=of_one)
    one = [client.get(f"/apis/example.com/{it}/tides").status_code for it in ("v1", "v2")]

    assert (both, one) == ([200, 200], [404, 200])


def test_an_object_of_a_custom_kind_is_read_and_changed_in_each_of_its_versions(
    client: httpx2.Client,
) -> None:
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    names = {"plural": "moons", "kind": "Moon", "singular": "moon"}
    v1: dict[str, Any] = {"name": "v1", "served": True, "storage": True, "schema": OPEN}
    both = [v1, v1 | {"name": "v2", "storage": False}]
    spec = {"group": "example.com", "scope": "Namespaced", "names": names, "versions": both}
    client.post(path, json={"metadata": {"name": "moons.example.com"}, "spec": spec})
    old, new = (f"/apis/example.com/{it}/namespaces/default/moons" for it in ("v1", "v2"))
    client.post(old, json={"metadata": {"name": "m"}, "spec": {"phase": 1}})

    read = client.get(f"{new}/m").json()
    patched = client.patch(f"{new}/m", json={"spec": {"phase": 2}}, headers=MERGE).json()
    applied = {"apiVersion": "example.com/v2", "kind": "Moon", "spec": {"phase": 3}}
    client.patch(f"{new}/m?fieldManager=a&force=true", json=applied, headers=APPLY)
    listed = [client.get(it).json()["items"][0] for it in (old, new)]

    assert (read["apiVersion"], patched["apiVersion"]) == ("example.com/v2", "example.com/v2")
    assert patched["spec"] == {"phase": 2}
    assert [(it["apiVersion"], it["spec"]["phase"]) for it in listed] == [
        ("example.com/v1", 3),
        ("example.com/v2", 3),
    ]


def test_a_generation_counts_what_is_wanted_of_an_object_and_its_end(
    client: httpx2.Client, served: ServedWorld
) -> None:
    path = f"{DEPLOYMENTS}/counted"

    def generation() -> tuple[int, int]:
        body = client.get(path).json()
        return body["metadata"]["generation"], body["status"]["observedGeneration"]

    client.post(DEPLOYMENTS, json=deployment("counted"))
    found = [generation()]
    for change in (
        {"metadata": {"annotations": {"a": "b"}, "generation": 9}},
        {"spec": {"replicas": 3}},
        {"spec": {"template": {"spec": {"dnsPolicy": "Default"}}}},  # not modelled
        {"metadata": {"finalizers": ["example.com/hold"]}},
    ):
        client.patch(path, json=change, headers=MERGE)
        found.append(generation())
    served.run_on(60)  # its pods come, its status changes
    found.append(generation())
    client.delete(path)
    found.append(generation())
    client.patch(path, json={"metadata": {"finalizers": None}}, headers=MERGE)
    client.post(DEPLOYMENTS, json=deployment("sized"))
    client.patch(f"{DEPLOYMENTS}/sized", json={"spec": {"replicas": 3}}, headers=MERGE)
    served.run_on(60)
    replica_set = client.get(f"{REPLICA_SETS}/sized").json()
    client.delete(f"{DEPLOYMENTS}/sized")

    assert found == [(1, 1), (1, 1), (2, 2), (3, 3), (3, 3), (3, 3), (4, 4)]
    assert replica_set["metadata"]["generation"] == 2


def test_a_generation_is_shown_by_a_dry_run_and_kept_by_what_is_only_stored(
    client: httpx2.Client,
) -> None:
    ingresses = "/apis/networking.k8s.io/v1/namespaces/default/ingresses"
    service = {"service": {"name": "front", "port": {"number": 80}}}
    client.post(ingresses, json={"metadata": {"name": "i"}, "spec": {"defaultBackend": service}})
    other = {"spec": {"ingressClassName": "nginx"}}

    tried = client.patch(f"{ingresses}/i?dryRun=All", json=other, headers=MERGE)
    labelled = client.patch(
        f"{ingresses}/i", json={"metadata": {"labels": {"a": "b"}}}, headers=MERGE
    )
    changed = client.patch(f"{ingresses}/i", json=other, headers=MERGE)
    note = client.post(CONFIG_MAPS, json=config_map("without"))

    generations = [it.json()["metadata"].get("generation") for it in (tried, labelled, changed)]
    assert generations == [2, 1, 2]
    assert "generation" not in note.json()["metadata"]


def test_a_scale_is_read_and_written(client: httpx2.Client) -> None:
    client.post(DEPLOYMENTS, json=deployment("scaled"))
    path = f"{DEPLOYMENTS}/scaled/scale"

    scale = client.get(path).json()
    client.put(path, json=scale | {"spec": {"replicas": 4}})
    client.patch(path, json={"spec": {"replicas": 5}}, headers=MERGE)

    assert (scale["kind"], scale["spec"]["replicas"]) == ("Scale", 2)
    assert scale["status"]["selector"] == "app=scaled"
    assert client.get(f"{DEPLOYMENTS}/scaled").json()["spec"]["replicas"] == 5
