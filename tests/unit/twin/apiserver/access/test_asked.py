"""What requests ask for; expected values: RequestInfo of apiserver v0.36, by hand."""

from __future__ import annotations

import pytest

from kingtide.twin.apiserver.access.asked import Asked, asked

PODS = "/api/v1/namespaces/shop/pods"
NODES = "/api/v1/nodes"


@pytest.mark.parametrize(
    ("method", "path", "query", "found"),
    [
        ("GET", PODS, {}, Asked("list", "", "pods", "", "shop")),
        ("GET", PODS, {"watch": "true"}, Asked("watch", "", "pods", "", "shop")),
        ("GET", f"{PODS}/a", {}, Asked("get", "", "pods", "", "shop", "a")),
        ("POST", f"{PODS}/a/eviction", {}, Asked("create", "", "pods", "eviction", "shop", "a")),
        ("DELETE", PODS, {}, Asked("deletecollection", "", "pods", "", "shop")),
        ("DELETE", f"{PODS}/a", {}, Asked("delete", "", "pods", "", "shop", "a")),
        ("GET", NODES, {"fieldSelector": "metadata.name=n"},
         Asked("list", "", "nodes", "", "", "n")),
        ("PATCH", "/apis/apps/v1/namespaces/shop/deployments/web/scale", {},
         Asked("patch", "apps", "deployments", "scale", "shop", "web")),
        ("PUT", "/api/v1/namespaces/shop/status", {},
         Asked("update", "", "namespaces", "status", "shop", "shop")),
        ("GET", "/api/v1/namespaces", {}, Asked("list", "", "namespaces")),
        ("GET", "/apis/metrics.k8s.io/v1beta1/nodes", {},
         Asked("list", "metrics.k8s.io", "nodes")),
        ("GET", "/apis/apps/v1", {}, Asked("get", path="/apis/apps/v1")),
        ("GET", "/version", {}, Asked("get", path="/version")),
    ],
    ids=str,
)  # fmt: skip
def test_a_request_asks_for(method: str, path: str, query: dict[str, str], found: Asked) -> None:
    assert asked(method, path, query) == found
