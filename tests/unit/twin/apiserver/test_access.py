"""Service accounts over HTTP: their tokens, their rights, and acting as somebody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.served_world import ServedWorld, served_world
from tests.unit.twin.apiserver.bodies import CONFIG_MAPS, MERGE, PODS, config_map

RBAC = "/apis/rbac.authorization.k8s.io/v1"
ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts"
REVIEWS = "/apis/authorization.k8s.io/v1"
ROBOT = {"kind": "ServiceAccount", "name": "robot", "namespace": "default"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedWorld]:
    with served_world(tmp_path_factory.mktemp("served")) as found:
        yield found


@pytest.fixture
def admin(served: ServedWorld) -> Iterator[httpx2.Client]:
    with served.client() as found:
        yield found


@pytest.fixture
def robot(served: ServedWorld, admin: httpx2.Client) -> Iterator[httpx2.Client]:
    """A service account that may read and apply config maps of its namespace, and read nodes."""
    admin.post(ACCOUNTS, json={"metadata": {"name": "robot"}})
    verbs = ["get", "list", "watch", "patch"]
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": verbs}]
    bind(admin, "/namespaces/default", "Role", rules)
    nodes = [{"apiGroups": [""], "resources": ["nodes"], "verbs": ["list"]}]
    bind(admin, "", "ClusterRole", nodes)
    token = admin.post(f"{ACCOUNTS}/robot/token", json={}).json()["status"]["token"]
    with served.client(authorized=False) as found:
        found.headers["Authorization"] = f"Bearer {token}"
        yield found
    for place, kind in (("/namespaces/default", "role"), ("", "clusterrole")):
        admin.delete(f"{RBAC}{place}/{kind}bindings/robot")
        admin.delete(f"{RBAC}{place}/{kind}s/robot")
    admin.delete(f"{ACCOUNTS}/robot")


def bind(admin: httpx2.Client, place: str, kind: str, rules: list[Any]) -> None:
    metadata = {"metadata": {"name": "robot"}}
    admin.post(f"{RBAC}{place}/{kind.lower()}s", json={**metadata, "rules": rules})
    reference = {"kind": kind, "name": "robot", "apiGroup": "rbac.authorization.k8s.io"}
    body = {**metadata, "roleRef": reference, "subjects": [ROBOT]}
    assert admin.post(f"{RBAC}{place}/{kind.lower()}bindings", json=body).is_success


def test_an_account_may_do_what_its_roles_say_and_nothing_else(
    admin: httpx2.Client, robot: httpx2.Client
) -> None:
    admin.post(CONFIG_MAPS, json=config_map("mine"))
    admin.post("/api/v1/namespaces", json={"metadata": {"name": "other"}})

    assert robot.get(f"{CONFIG_MAPS}/mine").is_success
    assert robot.patch(f"{CONFIG_MAPS}/mine", json={"data": {"a": "b"}}, headers=MERGE).is_success
    assert robot.get("/api/v1/nodes").is_success
    assert robot.get("/apis/apps/v1").is_success  # discovery is everybody's
    refused = robot.delete(f"{CONFIG_MAPS}/mine").json()
    assert (refused["code"], refused["reason"]) == (403, "Forbidden")
    assert refused["message"] == (
        'configmaps "mine" is forbidden: User "system:serviceaccount:default:robot" cannot delete'
        ' resource "configmaps" in API group "" in the namespace "default"'
    )
    assert "at the cluster scope" in robot.get("/api/v1/configmaps").json()["message"]
    for path in ("/api/v1/namespaces/other/configmaps", PODS, "/api/v1/nodes/n"):
        assert robot.get(path).status_code == 403
    assert robot.get("/logs").json()["message"].endswith('cannot get path "/logs"')


def test_who_applies_what_is_not_there_must_be_allowed_to_create_it(
    robot: httpx2.Client,
) -> None:
    config = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "b"}}
    refused = robot.patch(
        f"{CONFIG_MAPS}/absent?fieldManager=a",
        json=config,
        headers={"Content-Type": "application/apply-patch+yaml"},
    )

    assert refused.status_code == 403
    assert "cannot create resource" in refused.json()["message"]


def test_a_role_that_is_taken_away_counts_no_longer(
    admin: httpx2.Client, robot: httpx2.Client
) -> None:
    before = robot.get("/api/v1/nodes").status_code
    admin.delete(f"{RBAC}/clusterrolebindings/robot")

    assert (before, robot.get("/api/v1/nodes").status_code) == (200, 403)


def test_a_token_holds_until_its_time_is_over_or_its_account_is_deleted(
    served: ServedWorld, admin: httpx2.Client, robot: httpx2.Client
) -> None:
    short = admin.post(f"{ACCOUNTS}/robot/token", json={"spec": {"expirationSeconds": 600}})
    refused = admin.post(f"{ACCOUNTS}/robot/token", json={"spec": {"expirationSeconds": 5}})
    with served.client(authorized=False) as soon_over:
        soon_over.headers["Authorization"] = f"Bearer {short.json()['status']['token']}"
        at_first = soon_over.get("/api/v1/nodes").status_code
        served.run_on(601)
        then = soon_over.get("/api/v1/nodes").status_code
    longer = robot.get("/api/v1/nodes").status_code
    admin.delete(f"{ACCOUNTS}/robot")
    deleted = robot.get("/api/v1/nodes").status_code

    assert (refused.status_code, "10 minutes" in refused.text) == (422, True)
    assert (at_first, then, longer, deleted) == (200, 401, 200, 401)


def can(client: httpx2.Client, verb: str, resource: str) -> Any:
    attributes = {"verb": verb, "resource": resource, "namespace": "default"}
    spec = {"resourceAttributes": attributes}
    review = client.post(f"{REVIEWS}/selfsubjectaccessreviews", json={"spec": spec})
    return review.json()["status"]


def test_reviews_answer_by_the_same_roles(admin: httpx2.Client, robot: httpx2.Client) -> None:
    why = can(robot, "get", "configmaps")
    spec = {"namespace": "default"}
    rules = robot.post(f"{REVIEWS}/selfsubjectrulesreviews", json={"spec": spec}).json()["status"]
    whoami = robot.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", json={}).json()
    about = {"user": "system:serviceaccount:default:robot", "groups": []}
    asked = {"resourceAttributes": {"verb": "list", "resource": "nodes"}}
    review = admin.post(f"{REVIEWS}/subjectaccessreviews", json={"spec": about | asked}).json()

    assert why["allowed"]
    assert 'RoleBinding "robot/default" of Role "robot" to ServiceAccount' in why["reason"]
    assert can(robot, "delete", "configmaps") == {
        "allowed": False,
        "reason": "no RBAC policy matched",
    }
    assert can(admin, "delete", "nodes")["allowed"]
    assert ["configmaps"] in [it["resources"] for it in rules["resourceRules"]]
    assert whoami["status"]["userInfo"]["username"] == "system:serviceaccount:default:robot"
    assert review["status"]["allowed"]


def test_the_admin_acts_as_whom_it_likes_and_an_account_as_nobody_else(
    admin: httpx2.Client, robot: httpx2.Client
) -> None:
    as_robot = {"Impersonate-User": "system:serviceaccount:default:robot"}
    as_master = {"Impersonate-User": "root", "Impersonate-Group": "system:masters"}

    assert admin.get(PODS, headers=as_robot).status_code == 403
    assert admin.get("/api/v1/nodes", headers=as_robot).is_success
    assert admin.get(PODS, headers=as_master).is_success
    refused = robot.get(PODS, headers=as_master)
    assert (refused.status_code, "cannot impersonate" in refused.text) == (403, True)
