"""What a request meets, from objects to servers."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from kingtide.certificates.pairs import new_authority, new_serving
from kingtide.controllers.ingress.explaining.explanation import Explanation, explain
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.controllers.ingress.written import gathered
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.ingresses import HttpPath, Ingress, IngressBackend, IngressRule
from kingtide.kube.secrets import Secret
from kingtide.kube.services import Endpoint, EndpointPort, EndpointSlice, Service, ServicePort
from kingtide.kube.workloads import ConfigMap

POLICY = IngressPolicy()
READY = Endpoint(("10.0.0.1",), target="api-1", node="node-a", zone="eu-west-1a")
ENDING = Endpoint(("10.0.0.2",), is_ready=False, is_terminating=True, target="api-2")
STARTING = Endpoint(("10.0.0.3",), is_ready=False, is_serving=False, target="api-3")
ENDED = Endpoint(("10.0.0.4",), is_ready=False, is_serving=False, is_terminating=True)


def ingress(name: str = "web", class_name: str | None = None, **annotations: str) -> Ingress:
    path = HttpPath("/api", "Prefix", IngressBackend("api", 80))
    written = {f"haproxy.org/{key.replace('_', '-')}": it for key, it in annotations.items()}
    rules = (IngressRule("shop.example.com", (path,)),)
    return Ingress("shop", name, class_name=class_name, rules=rules, annotations=written)


def view(*endpoints: Endpoint, others: tuple[Ingress, ...] = (), **annotations: str) -> TrafficView:
    port = ServicePort(80, target_port=8080)
    pods = EndpointSlice("shop", "api-1", "api", endpoints=endpoints, ports=(EndpointPort(8080),))
    services = [Service("shop", name, ports=(port,)) for name in ("api", "next")]
    return gathered([ingress(**annotations), *others, *services, pods])


def told(view: TrafficView, path: str = "/api/x", **headers: str) -> Explanation:
    return explain(view, POLICY, "shop.example.com", path, headers)


def test_endpoints_are_told_with_what_they_do() -> None:
    found = told(view(READY, ENDING, STARTING, ENDED))
    assert [(it.address, it.state) for it in found.endpoints] == [
        ("10.0.0.1:8080", "serves"),
        ("10.0.0.2:8080", "drains"),
        ("10.0.0.3", "not ready"),
        ("10.0.0.4", "ended"),
    ]
    assert found.answer == "servers"
    assert (found.endpoints[0].pod, found.endpoints[0].zone) == ("api-1", "eu-west-1a")


def test_pods_that_end_serve_while_no_other_is_ready() -> None:
    found = told(view(ENDING, STARTING))
    assert [it.state for it in found.endpoints] == ["serves while it ends", "not ready"]
    assert found.is_answered


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        pytest.param("/api", "no server", id="a rule without servers is 503"),
        pytest.param("/", "no rule", id="no rule is 404"),
    ],
)
def test_nobody_answering_is_told(path: str, answer: str) -> None:
    found = told(view(STARTING), path)
    assert found.answer == answer
    assert not found.is_answered


def test_what_is_done_on_the_way_is_told_with_its_lists_and_the_headers_it_reads() -> None:
    found = told(
        view(READY, allow_list="10.0.0.0/8", src_ip_header="X-Real-IP", check="false"),
        **{"x-real-ip": "192.0.2.1"},
    )
    about = {it.about: it for it in found.steps}
    assert about["who may come in"].patterns == ("10.0.0.0/8",)
    assert about["who may come in"].line.endswith("unless { src -f <allowed> }")
    assert about["who the client is"].reads == ("x-real-ip",)
    assert about["who may come in"].reads == ()
    assert found.server_words == ()


def test_a_long_list_is_cut_with_its_count() -> None:
    many = ",".join(f"10.0.{number}.0/24" for number in range(30))
    (step,) = [it for it in told(view(READY, allow_list=many)).steps if it.patterns]
    assert len(step.patterns) == 21
    assert step.patterns[-1] == "and 10 more"


def test_ingresses_of_the_host_that_have_troubles_or_another_class_are_told() -> None:
    missing = msgspec.structs.replace(ingress("lost"), namespace="other")
    foreign = ingress("old", class_name="nginx")
    found = told(view(READY, others=(missing, foreign)))
    assert [(it.ingress, it.problems[0].code) for it in found.troubled] == [
        ("other/lost", "ServiceMissing")
    ]
    assert [(it.ingress, it.class_name) for it in found.foreign] == [("shop/old", "nginx")]


def test_the_default_backend_answers_what_no_rule_takes() -> None:
    policy = IngressPolicy(default_backend="shop/api")
    found = explain(view(READY), policy, "elsewhere.example.com", "/")
    assert (found.answer, found.service, found.choice.match) == (
        "default backend",
        "shop/api",
        None,
    )


@pytest.mark.parametrize(
    ("headers", "goes"),
    [
        pytest.param({}, "", id="nothing said: by weight"),
        pytest.param({"x-canary": "always"}, "canary", id="the header says so"),
        pytest.param(
            {"X-Canary": "never", "Cookie": "beta=always"}, "main", id="before the cookie"
        ),
        pytest.param({"Cookie": "a=b; beta=always"}, "canary", id="the cookie says so"),
        pytest.param({"x-canary": "perhaps"}, "", id="another word says nothing"),
    ],
)
def test_a_canary_is_told_with_where_this_request_goes(headers: dict[str, str], goes: str) -> None:
    canary = ingress(
        "next",
        canary="true",
        canary_weight="20",
        canary_by_header="X-Canary",
        canary_by_cookie="beta",
    )
    other = HttpPath("/api", "Prefix", IngressBackend("next", 80))
    rules = (IngressRule("shop.example.com", (other,)),)
    canary = msgspec.structs.replace(canary, rules=rules)
    found = told(view(READY, others=(canary,)), **headers)
    assert found.division is not None, found.troubled
    assert (found.division.ingress, found.division.weight) == ("shop/next", 2_000)
    assert found.division.goes == goes
    assert found.service == ("shop/next" if goes == "canary" else "shop/api")


def test_a_host_whose_tls_is_passed_through_is_answered_by_haproxy_in_plain() -> None:
    found = told(view(READY, ssl_passthrough="true"))
    assert (found.answer, found.endpoints) == ("no pod", ())
    assert found.passthrough.startswith("shop_api_80")


@pytest.mark.parametrize(
    ("host", "path", "count"),
    [
        pytest.param("shop.example.com", "/api/x", 1, id="its host and path"),
        pytest.param("shop.example.com", "/apis", 0, id="another path"),
        pytest.param("*.example.com", "/api/x", 0, id="a wider host than one with rules"),
        pytest.param("", "/api/x", 0, id="any host"),
    ],
)
def test_rules_under_a_condition_are_told_where_the_request_is_theirs(
    host: str, path: str, count: int
) -> None:
    objects = view(READY)
    written = {"haproxy.org/route-acl": "hdr(X-Beta) -m found"}
    services = {
        **objects.services,
        "shop/next": msgspec.structs.replace(objects.services["shop/next"], annotations=written),
    }
    other = HttpPath("/api", "Prefix", IngressBackend("next", 80))
    beta = msgspec.structs.replace(ingress("beta"), rules=(IngressRule(host, (other,)),))
    ingresses = {**objects.ingresses, beta.key: beta}
    found = told(msgspec.structs.replace(objects, services=services, ingresses=ingresses), path)
    assert [it.route.ingress for it in found.unless] == ["shop/beta"] * count
    assert all("X-Beta" in it.condition for it in found.unless)


def test_who_is_asked_is_told_instead_of_the_rules_by_which_haproxy_asks() -> None:
    url, signin = "http://api.shop.svc/auth", "https://$host/in?rd=/"
    copied = "X-User"
    asked = view(
        READY, auth_url=url, auth_signin=signin, auth_response_headers=copied, set_host="inner"
    )
    found = told(asked)
    assert [it.line for it in found.steps if it.about == "whom somebody else lets in"] == [
        f"GET {url}: 2xx does, within 5 s; else 503",
        f"401 is sent to {signin}",
        "from the answer alone: x-user",
    ]
    assert found.steps[-1].line == "http-request set-header Host inner"
    assert not [it for it in found.steps if "kingtide_auth" in it.line]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({"ssl-certificate": "shop/default"}, "shop/default", id="the default"),
        pytest.param(
            {"ssl-certificate": "shop/default", "client-strict-sni": "true"}, "", id="strict"
        ),
        pytest.param({}, "", id="none"),
    ],
)
def test_a_host_without_a_certificate_is_shown_the_default_one(
    values: dict[str, str], expected: str
) -> None:
    begins = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    ends = begins + dt.timedelta(days=9)
    made = new_serving(new_authority("a", begins, ends), "b", ["other.test"], begins, ends)
    secret = Secret("shop", "default", data={"tls.crt": made.certificate, "tls.key": made.key})
    objects = msgspec.structs.replace(
        view(READY),
        secrets={secret.key: secret},
        config_maps={"d/v": ConfigMap("d", "v", data=values)},
    )
    policy = IngressPolicy(config_map="d/v")
    assert explain(objects, policy, "shop.example.com", "/api").certificate == expected
