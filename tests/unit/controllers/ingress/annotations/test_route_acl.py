from __future__ import annotations

import pytest

from kingtide.controllers.ingress.annotations.route_acl import route_acl
from kingtide.controllers.ingress.compose import compose
from kingtide.controllers.ingress.rendering.conditional import conditional_rules
from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.ingresses import HttpPath, Ingress, IngressBackend, IngressRule
from kingtide.kube.services import Service, ServicePort


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cookie(staging) -m found", "cookie(staging) -m found"),
        ("req.hdr(X-Env) -i -m beg a b", "req.hdr(X-Env) -i -m beg -- a b"),
        ("path /x", "path -m str -- /x"),
        ("hdr(host) -m str -- -1", None),
        ("cookie(staging)", None),
        ("path -m found /x", None),
        ("path -m reg (a+)+", None),
        ("src 10.0.0.0/8", None),
        ("env(PATH) -m found", None),
        ("path -f /etc/passwd", None),
        ("path /x } { always_true", None),
        ("path '/a b'", None),
        ("'", None),
    ],
)
def test_which_conditions_may_be_written(text: str, words: str | None) -> None:
    found, problems = route_acl({"route-acl": text})
    assert (None if found is None else " ".join(found)) == words
    assert bool(problems) == (words is None)


@pytest.mark.parametrize(("acl", "conditional"), [("path -m end .x", 1), ("lua.evil", 0)])
def test_a_route_under_a_condition_stands_before_the_others(acl: str, conditional: int) -> None:
    services = {
        f"shop/{name}": Service("shop", name, ports=(ServicePort(80),), annotations=written)
        for name, written in (("web", {}), ("staging", {"haproxy.org/route-acl": acl}))
    }
    paths = tuple(HttpPath("/a", "Prefix", IngressBackend(it, 80)) for it in ("staging", "web"))
    one = Ingress("shop", "web", rules=(IngressRule("*.a.test", paths),))
    composed = compose(TrafficView({one.key: one}, services=services), IngressPolicy())
    assert [it.backend for it in composed.desired.routes] == ["shop_web_80"]
    rules = conditional_rules(composed.desired, "txn.to", Layout("/run"))
    start = "  http-request set-var(txn.to) str(shop_staging_80) if !{ var(txn.to) -m found }"
    assert len(rules) == 2 * conditional, "the prefix itself, and what is below it"
    if rules:
        assert rules[0].startswith(start)
        assert "regsub(^[^.]+,*,)' -m str -- *.a.test }" in rules[0]
        assert "{ path -m str -- /a } { path -m end -- .x }" in rules[0]
        assert "{ path -m beg -- /a/ } { path -m end -- .x }" in rules[1]
    assert bool(composed.reports[0].problems) != bool(conditional)


@pytest.mark.parametrize(
    ("namespace", "created_ms", "code"),
    [
        pytest.param("shop", 9, None, id="its own namespace's"),
        pytest.param("other", 9, "PathConflict", id="another's, newer"),
        pytest.param("other", 0, None, id="another's, older"),
    ],
)
def test_a_condition_takes_no_requests_of_an_older_host_of_another_namespace(
    namespace: str, created_ms: int, code: str | None
) -> None:
    written = {"haproxy.org/route-acl": "path -m found"}
    services = {
        "shop/web": Service("shop", "web", ports=(ServicePort(80),)),
        f"{namespace}/all": Service(
            namespace, "all", ports=(ServicePort(80),), annotations=written
        ),
    }
    web, every = (
        (IngressRule("a.test", (HttpPath("/", "Prefix", IngressBackend(name, 80)),)),)
        for name in ("web", "all")
    )
    ingresses = (
        Ingress("shop", "web", rules=web, created_ms=5),
        Ingress(namespace, "all", rules=every, created_ms=created_ms),
    )
    composed = compose(
        TrafficView({it.key: it for it in ingresses}, services=services), IngressPolicy()
    )
    told = {it.ingress: it for it in composed.reports}[f"{namespace}/all"]
    assert [it.code for it in told.problems] == ([] if code is None else [code])
    assert len(composed.desired.conditional) == (code is None)
    assert told.is_accepted == (code is None)
