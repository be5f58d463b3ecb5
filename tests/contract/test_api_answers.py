"""What the API answers to requests on which clients rely: the twin's, and a real one's."""

from __future__ import annotations

from typing import Any

import httpx2
import msgspec
import pytest

from tests.contract.kubernetes_cast import Cast, cast_bodies, path_of
from tests.contract.kubernetes_sides import OverHttp

JSON = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


class Asked(msgspec.Struct, frozen=True):
    """One request; in paths and bodies `@` stands for the cast's prefix."""

    verb: str
    path: str
    sent: Any = None
    kind: str = "application/json"
    accept: str = "application/json"


NODE, WEB = "/api/v1/nodes/@-0", "/apis/apps/v1/namespaces/@/deployments/web"
PODS = "/api/v1/namespaces/@/pods"


def labels(**values: str | None) -> dict[str, Any]:
    return {"metadata": {"labels": values}}


def applied(value: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "@-0", "labels": {"a": value}}}


def three_if(replicas: int) -> list[dict[str, Any]]:
    return [
        {"op": "test", "path": "/spec/replicas", "value": replicas},
        {"op": "replace", "path": "/spec/replicas", "value": 3},
    ]


CONTAINER = {"name": "app", "image": "registry.example/app:2"}
TEMPLATE = {"spec": {"template": {"spec": {"containers": [CONTAINER]}}}}
REFUSED: dict[str, tuple[list[Asked], int, str]] = {
    "what exists": ([Asked("POST", "/api/v1/nodes", applied("1"))], 409, "AlreadyExists"),
    "what is not there": ([Asked("GET", f"{PODS}/nobody")], 404, "NotFound"),
    "an object of an old version": (
        [Asked("PATCH", NODE, {"metadata": {"resourceVersion": "1"}}, MERGE)], 409, "Conflict",
    ),
    "a deletion of another uid": (
        [Asked("DELETE", NODE, {"preconditions": {"uid": "another"}})], 409, "Conflict",
    ),
    "a test that fails": ([Asked("PATCH", WEB, three_if(5), JSON)], 422, "Invalid"),
    "a negative size": ([Asked("PATCH", WEB, {"spec": {"replicas": -1}}, MERGE)], 422, "Invalid"),
    "an unknown field, strictly": (
        [Asked("PATCH", f"{WEB}?fieldValidation=Strict", {"spec": {"replcas": 1}}, MERGE)],
        400, "BadRequest",
    ),
    "a patch of no known kind": ([Asked("PATCH", NODE, {}, "text/plain")], 415, ""),
    "a field that another manager applied": (
        [
            Asked("PATCH", f"{NODE}?fieldManager=one", applied("1"), APPLY),
            Asked("PATCH", f"{NODE}?fieldManager=two", applied("2"), APPLY),
        ],
        409, "Conflict",
    ),
    "a continuation that is none": ([Asked("GET", f"{PODS}?continue=nonsense")], 400, ""),
    "a selector that is none": ([Asked("GET", f"{PODS}?labelSelector=a=b=c")], 400, ""),
    "a field that is not selected by": (
        [Asked("GET", f"{PODS}?fieldSelector=spec.colour=red")], 400, "BadRequest",
    ),
}  # fmt: skip


def ask(side: OverHttp, cast: Cast, *asked: Asked) -> httpx2.Response:
    """Ask one after the other, and return the last answer."""
    answers: list[httpx2.Response] = []

    async def play(client: httpx2.AsyncClient) -> None:
        for it in asked:
            body = b"" if it.sent is None else msgspec.json.encode(it.sent)
            answers.append(
                await client.request(
                    it.verb,
                    it.path.replace("@", cast.prefix),
                    content=body.replace(b"@", cast.prefix.encode()),
                    headers={"Content-Type": it.kind, "Accept": it.accept},
                )
            )

    side.play(play)
    assert all(it.status_code < 300 for it in answers[:-1]), answers[0].text
    return answers[-1]


@pytest.mark.parametrize(("asked", "code", "reason"), REFUSED.values(), ids=REFUSED)
def test_it_refuses(over_http: OverHttp, asked: list[Asked], code: int, reason: str) -> None:
    with over_http.cast() as cast:
        status = ask(over_http, cast, *asked).json()
        assert (status["kind"], status["status"], status["code"]) == ("Status", "Failure", code)
        assert reason in ("", status["reason"])


def test_a_conflict_names_manager_and_field_and_force_takes_it(over_http: OverHttp) -> None:
    first = Asked("PATCH", f"{NODE}?fieldManager=one", applied("1"), APPLY)
    second = Asked("PATCH", f"{NODE}?fieldManager=two", applied("2"), APPLY)
    with over_http.cast() as cast:
        (cause,) = ask(over_http, cast, first, second).json()["details"]["causes"]
        assert (cause["reason"], cause["field"]) == ("FieldManagerConflict", ".metadata.labels.a")
        assert '"one"' in cause["message"]
        forced = msgspec.structs.replace(second, path=f"{second.path}&force=true")
        managers = ask(over_http, cast, forced).json()["metadata"]["managedFields"]
        owned = {it["manager"]: "f:labels" in str(it["fieldsV1"]) for it in managers}
        assert owned["two"]
        assert not owned.get("one", False)


def test_a_dry_run_answers_and_changes_nothing(over_http: OverHttp) -> None:
    patch = Asked("PATCH", f"{WEB}?dryRun=All", {"spec": {"replicas": 2}}, MERGE)
    with over_http.cast() as cast:
        assert ask(over_http, cast, patch).json()["spec"]["replicas"] == 2
        assert ask(over_http, cast, Asked("GET", WEB)).json()["spec"]["replicas"] == 6


def test_a_strategic_patch_merges_containers_by_name_and_null_removes(over_http: OverHttp) -> None:
    with over_http.cast() as cast:
        found = ask(over_http, cast, Asked("PATCH", WEB, TEMPLATE, STRATEGIC)).json()
        (container,) = found["spec"]["template"]["spec"]["containers"]
        assert container["image"] == "registry.example/app:2"
        kept = Asked("PATCH", NODE, labels(b="1"), MERGE)
        gone = Asked("PATCH", NODE, labels(b=None), MERGE)
        assert "b" not in ask(over_http, cast, kept, gone).json()["metadata"]["labels"]


def test_pages_hold_everything_once(over_http: OverHttp) -> None:
    with over_http.cast() as cast:
        names: list[str] = []
        token = ""
        for _ in range(5):
            page = ask(over_http, cast, Asked("GET", f"{PODS}?limit=2&continue={token}")).json()
            names += [it["metadata"]["name"] for it in page["items"]]
            token = page["metadata"].get("continue", "")
            if not token:
                break
        assert names == ["web-0", "worker-0", "worker-1", "worker-2", "worker-3"]


@pytest.mark.parametrize(
    ("path", "columns"),
    [
        pytest.param(
            PODS, "Name Ready Status Restarts Age IP Node Nominated_Node Readiness_Gates", id="pods"
        ),
        pytest.param(
            "/api/v1/nodes",
            "Name Status Roles Age Version Internal-IP External-IP OS-Image Kernel-Version"
            " Container-Runtime",
            id="nodes",
        ),
        pytest.param(
            WEB.removesuffix("/web"),
            "Name Ready Up-to-date Available Age Containers Images Selector",
            id="deployments",
        ),
        pytest.param(
            "/apis/autoscaling/v2/namespaces/@/horizontalpodautoscalers",
            "Name Reference Targets MinPods MaxPods Replicas Age",
            id="autoscalers",
        ),
        pytest.param(
            "/apis/policy/v1/namespaces/@/poddisruptionbudgets",
            "Name Min_Available Max_Unavailable Allowed_Disruptions Age",
            id="budgets",
        ),
    ],
)
def test_a_table_has_kubectls_columns(over_http: OverHttp, path: str, columns: str) -> None:
    with over_http.cast() as cast:
        table = ask(over_http, cast, Asked("GET", path, accept=TABLE)).json()
        found = [it["name"].replace(" ", "_") for it in table["columnDefinitions"]]
        assert found == columns.split()


def test_what_is_made_is_given_back_with_its_defaults(over_http: OverHttp) -> None:
    body = next(it for it in cast_bodies("@") if it["kind"] == "Deployment")
    body["metadata"]["name"] = "more"
    with over_http.cast() as cast:
        made = ask(over_http, cast, Asked("POST", path_of(body, is_named=False), body)).json()
        path = path_of(body).replace("@", cast.prefix)
        try:
            assert made["metadata"]["uid"]
            assert made["metadata"]["generation"] == 1
            assert made["spec"]["strategy"]["rollingUpdate"] == {
                "maxSurge": "25%", "maxUnavailable": "25%",
            }  # fmt: skip
            assert made["spec"]["progressDeadlineSeconds"] == 600
            assert made["spec"]["template"]["spec"]["restartPolicy"] == "Always"
        finally:
            ask(over_http, cast, Asked("DELETE", path))
