from __future__ import annotations

import pytest
from msgspec import structs

from kingtide.controllers.ingress.compose import compose
from kingtide.controllers.ingress.rendering.server_names import (
    OFFLOAD,
    passed_to,
    server_names,
)
from kingtide.controllers.ingress.routing.hosts import keys_tried
from kingtide.controllers.ingress.routing.table import RouteTable
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.ingresses import HttpPath, Ingress, IngressBackend, IngressClass, IngressRule
from kingtide.kube.services import Service, ServicePort
from kingtide.kube.workloads import ConfigMap

POLICY = IngressPolicy()
SERVICES = {
    "shop/web": Service("shop", "web", ports=(ServicePort(80, "http", 8080),)),
    "shop/api": Service("shop", "api", ports=(ServicePort(80),)),
}


def ingress(
    name: str = "it",
    host: str = "shop.example.com",
    path: str = "/",
    service: str = "web",
    port: int | str = 80,
    created_ms: int = 0,
) -> Ingress:
    to = HttpPath(path, "Prefix", IngressBackend(service, port))
    return Ingress("shop", name, rules=(IngressRule(host, (to,)),), created_ms=created_ms)


def view(*ingresses: Ingress) -> TrafficView:
    return TrafficView({it.key: it for it in ingresses}, services=SERVICES)


def test_a_path_becomes_a_route_to_its_services_port() -> None:
    composed = compose(view(ingress(port="http")), POLICY)
    (route,) = composed.desired.routes
    assert (route.host, route.backend) == ("shop.example.com", "shop_web_http")
    assert composed.desired.backends["shop_web_http"].service == "shop/web"
    assert composed.reports[0].is_accepted


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        pytest.param(ingress(service="missing"), "ServiceMissing", "shop/missing", id="service"),
        pytest.param(ingress(port=81), "PortMissing", "has no port 81; it has http", id="port"),
        pytest.param(ingress(port="grpc"), "PortMissing", "it has http", id="port by name"),
        pytest.param(ingress(service=""), "BackendNotAService", "no Service", id="resource"),
        pytest.param(ingress(host="a b"), "HostInvalid", "no DNS name", id="host with a space"),
        pytest.param(ingress(host="*"), "HostInvalid", "no DNS name", id="host of a star"),
        pytest.param(ingress(host="x\ny"), "HostInvalid", "no DNS name", id="host of two lines"),
        pytest.param(ingress(host="x" * 254), "HostInvalid", "254 characters", id="long host"),
        pytest.param(ingress(path="a"), "PathInvalid", "slash", id="path without a slash"),
        pytest.param(ingress(path="/a b"), "PathInvalid", "write %20", id="path with a space"),
        pytest.param(ingress(path="/\x00"), "PathInvalid", "U+0000", id="path with a zero"),
        pytest.param(ingress(path="/a?b"), "PathInvalid", "question mark", id="path and query"),
        pytest.param(ingress(path="/" + "a" * 3000), "PathInvalid", "3001", id="long path"),
    ],
)
def test_what_has_no_effect_is_told_with_its_place(asked: Ingress, code: str, words: str) -> None:
    composed = compose(view(asked), POLICY)
    (report,) = composed.reports
    assert not composed.desired.routes
    assert not report.is_accepted
    (problem,) = report.problems
    assert problem.code == code
    assert problem.place.startswith("spec.rules[0]")
    assert words in problem.message


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("169.254.169.254", "it is an address"),
        ("0x7f000001", "it is an address"),
        ("127.1", "it is an address"),
        ("localhost", "node that HAProxy runs on"),
        ("db.localhost.", "node that HAProxy runs on"),
        ("a..b", "1 to 63 characters"),
        (f"{'x' * 64}.com", "1 to 63 characters"),
        ("", "1 to 63 characters"),
        ("a b", "no DNS name"),
    ],
)
def test_an_external_name_that_nobody_answers_to_is_told(name: str, words: str) -> None:
    outside = Service("shop", "out", type="ExternalName", external_name=name)
    asked = ingress(service="out")
    composed = compose(TrafficView({asked.key: asked}, services={outside.key: outside}), POLICY)
    (problem,) = composed.reports[0].problems
    assert problem.code == "AddressUnusable"
    assert words in problem.message
    assert not composed.desired.backends["shop_out_80"].servers


def test_the_older_of_two_ingresses_keeps_its_requests() -> None:
    old, new = ingress("zz", created_ms=1), ingress("aa", service="api", created_ms=2)
    composed = compose(view(new, old), POLICY)
    assert [it.backend for it in composed.desired.routes] == ["shop_web_http", "shop_api_80"]
    reports = {it.ingress: it for it in composed.reports}
    assert reports["shop/zz"].is_accepted
    assert not reports["shop/aa"].is_accepted
    assert reports["shop/aa"].problems[0].code == "PathConflict"
    assert "shop/zz" in reports["shop/aa"].problems[0].message


PASSED = {"haproxy.org/ssl-passthrough": "true"}


@pytest.mark.parametrize("path", ["/", "/login"])
@pytest.mark.parametrize("is_older", [True, False], ids=["older", "newer"])
def test_the_older_of_requests_and_passed_tls_keeps_a_host(path: str, *, is_older: bool) -> None:
    web = ingress("web", path=path, created_ms=1 if is_older else 3)
    passed = structs.replace(ingress("passed", service="api", created_ms=2), annotations=PASSED)
    composed = compose(view(web, passed), POLICY)
    told = {it.ingress: it for it in composed.reports}
    lost, won = ("shop/passed", "shop/web") if is_older else ("shop/web", "shop/passed")
    assert [it.code for it in told[lost].problems] == ["PathConflict"]
    assert not told[lost].is_accepted
    assert told[won].is_accepted
    assert [*composed.desired.passthrough] == ([] if is_older else ["shop.example.com"])


def test_a_host_within_a_wildcard_of_passed_tls_is_not_passed_on() -> None:
    wild = structs.replace(ingress("wild", host="*.example.com"), annotations=PASSED)
    composed = compose(view(wild, ingress("web", created_ms=9)), POLICY)
    names = server_names(composed.desired)
    assert names["shop.example.com"] == OFFLOAD
    assert names["*.example.com"].startswith("shop_web_http")
    assert passed_to(composed.desired, keys_tried("shop.example.com")) == ""
    assert passed_to(composed.desired, keys_tried("x.example.com")) == names["*.example.com"]


def test_an_ingress_of_another_class_is_not_even_told_of() -> None:
    other = Ingress("shop", "it", class_name="nginx")
    classes = {"nginx": IngressClass("nginx", "k8s.io/ingress-nginx")}
    composed = compose(TrafficView({other.key: other}, classes), POLICY)
    assert not composed.reports


def test_a_default_backend_takes_what_no_rule_takes() -> None:
    it = Ingress("shop", "it", default_backend=IngressBackend("web", 80))
    composed = compose(view(it, ingress("other", service="api")), POLICY)
    assert [(r.host, r.backend) for r in composed.desired.routes] == [
        ("", "shop_web_http"),
        ("shop.example.com", "shop_api_80"),
    ]


def test_a_config_map_and_a_default_backend_that_are_named_and_missing_are_told() -> None:
    policy = IngressPolicy(config_map="d/values", default_backend="d/none")
    composed = compose(view(ingress("it")), policy)
    assert [(it.code, it.place) for it in composed.problems] == [
        ("ConfigMapMissing", "configMap"),
        ("ServiceMissing", "defaultBackend"),
    ]


@pytest.mark.parametrize(
    ("annotations", "values", "told"),
    [
        pytest.param({"auth-url": "http://a/b"}, {}, True, id="asked services"),
        pytest.param({"whitelist-source-range": "10.0.0.0/8"}, {}, True, id="list"),
        pytest.param(
            {"whitelist-source-range": "10.0.0.0/8"},
            {"allow-list": "10.0.0.0/8"},
            False,
            id="list of all",
        ),
        pytest.param({"auth-tls-secret": "d/ca"}, {"client-ca": "d/ca"}, False, id="authority"),
        pytest.param({"proxy-body-size": "8m"}, {}, False, id="what protects nothing"),
        pytest.param({"auth-url": " "}, {}, False, id="empty"),
    ],
)
def test_what_kept_people_out_with_ingress_nginx_and_does_not_here_is_told(
    annotations: dict[str, str], values: dict[str, str], told: bool
) -> None:
    theirs = {f"nginx.ingress.kubernetes.io/{name}": text for name, text in annotations.items()}
    it = structs.replace(ingress("it"), annotations=theirs)
    seen = structs.replace(view(it), config_maps={"d/v": ConfigMap("d", "v", data=values)})
    composed = compose(seen, IngressPolicy(config_map="d/v"))
    for report in composed.reports:
        found = [one.message for one in report.problems if "keeps nobody out" in one.message]
        assert bool(found) is told


def test_a_password_of_ours_beside_ingress_nginx_is_enough() -> None:
    theirs = {"nginx.ingress.kubernetes.io/auth-secret": "users"}
    ours = {"haproxy.org/auth-type": "basic-auth", "haproxy.org/auth-secret": "users"}
    it = structs.replace(ingress("it"), annotations={**theirs, **ours})
    (report,) = compose(view(it), POLICY).reports
    assert not [one for one in report.problems if "keeps nobody out" in one.message]


FALLBACK = IngressBackend("api", 80)


PATHLESS = Ingress("shop", "it", rules=(IngressRule("a.test"),))


def with_fallback(it: Ingress) -> Ingress:
    return structs.replace(it, default_backend=FALLBACK)


@pytest.mark.parametrize(
    ("ingresses", "host", "path", "backend"),
    [
        pytest.param(
            [with_fallback(ingress(path="/a"))], "shop.example.com", "/b", "shop_api_80", id="path"
        ),
        pytest.param(
            [with_fallback(ingress(path="/a"))],
            "shop.example.com",
            "/a",
            "shop_web_http",
            id="rule",
        ),
        pytest.param(
            [with_fallback(PATHLESS), ingress("wild", host="*.test")],
            "a.test",
            "/",
            "shop_api_80",
            id="a host without paths, before a wildcard",
        ),
        pytest.param(
            [with_fallback(ingress(path="/a")), ingress("newer", created_ms=9)],
            "shop.example.com",
            "/b",
            "shop_web_http",
            id="after all rules, newer ones too",
        ),
        pytest.param(
            [with_fallback(ingress(path="/a")), ingress("other", host="other.test", path="/a")],
            "other.test",
            "/b",
            None,
            id="for no host of another Ingress",
        ),
    ],
)
def test_an_ingress_default_backend_takes_what_no_rule_of_its_hosts_takes(
    ingresses: list[Ingress], host: str, path: str, backend: str | None
) -> None:
    composed = compose(view(*ingresses), POLICY)
    found = RouteTable(composed.desired.routes).match(host, path)
    assert (None if found is None else found.route.backend) == backend
    assert not any(it.problems for it in composed.reports)


def test_an_ingress_default_backend_takes_nothing_of_another_namespaces_host() -> None:
    far = Ingress("far", "it", rules=ingress(path="/b").rules, default_backend=FALLBACK)
    far = structs.replace(far, created_ms=9)
    services = {**SERVICES, "far/web": structs.replace(SERVICES["shop/web"], namespace="far")}
    services["far/api"] = structs.replace(SERVICES["shop/api"], namespace="far")
    both = TrafficView({"shop/it": ingress(path="/a"), "far/it": far}, services=services)
    table = RouteTable(compose(both, POLICY).desired.routes)
    assert table.match("shop.example.com", "/c") is None
    assert table.match("shop.example.com", "/b") is not None
    assert table.match("nobody.test", "/c") is not None


def test_a_default_backend_whose_tls_is_passed_through_takes_no_requests() -> None:
    values = ConfigMap("d", "v", data={"ssl-passthrough": "true"})
    policy = IngressPolicy(default_backend="shop/web", config_map="d/v")
    composed = compose(TrafficView(services=SERVICES, config_maps={"d/v": values}), policy)
    assert composed.desired.default_backend is None


def test_the_policys_default_backend_answers_where_no_ingress_does() -> None:
    composed = compose(view(), IngressPolicy(default_backend="shop/web"))
    assert composed.desired.default_backend == "shop_web_http"
    assert compose(view(), IngressPolicy(default_backend="shop/no")).desired.default_backend is None


def test_names_of_two_services_never_make_the_same_backend() -> None:
    services = {
        f"{namespace}/{name}": Service(namespace, name, ports=(ServicePort(80),))
        for namespace, name in (("shop", "a_b"), ("shop_a", "b"))
    }
    asked = [
        Ingress(it.namespace, it.name, rules=ingress(host=f"{it.name}", service=it.name).rules)
        for it in services.values()
    ]
    composed = compose(TrafficView({it.key: it for it in asked}, services=services), POLICY)
    assert {it.service for it in composed.desired.backends.values()} == {*services}
    assert len(composed.desired.backends) == 2
