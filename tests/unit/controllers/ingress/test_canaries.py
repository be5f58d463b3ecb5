from __future__ import annotations

from collections.abc import Mapping

import pytest

from kingtide.controllers.ingress.annotations.canary import Canary, canary_of
from kingtide.controllers.ingress.canaries import MAX_LOOKED_AT
from kingtide.controllers.ingress.compose import Composed, compose
from kingtide.controllers.ingress.explaining.division import division
from kingtide.controllers.ingress.rendering.maps import map_lines
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.ingresses import HttpPath, Ingress, IngressBackend, IngressRule
from kingtide.kube.services import Service, ServicePort

SERVICES = {
    f"{namespace}/{name}": Service(namespace, name, ports=(ServicePort(80),))
    for namespace in ("shop", "other")
    for name in ("web", "next")
}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({}, None),
        ({"canary": "false", "canary-weight": "5"}, None),
        ({"canary": "true"}, Canary()),
        ({"canary": "true", "canary-weight": "5"}, Canary(5)),
        ({"canary": "true", "canary-weight": "5", "canary-weight-total": "1000"}, Canary(5, 1000)),
        (
            {"canary": "true", "canary-by-header": "X-C", "canary-by-header-value": "v2"},
            Canary(header="X-C", value="v2"),
        ),
        (
            {"canary": "true", "canary-by-header": "X-C", "canary-by-header-pattern": "v[12]"},
            Canary(header="X-C", pattern="v[12]"),
        ),
        (
            {
                "canary": "true",
                "canary-by-header": "X-C",
                "canary-by-header-value": "v2",
                "canary-by-header-pattern": "v[12]",
            },
            Canary(header="X-C", value="v2"),
        ),
        ({"canary": "true", "canary-by-cookie": "c"}, Canary(cookie="c")),
    ],
)
def test_who_goes_to_a_canary(written: Mapping[str, str], expected: Canary | None) -> None:
    assert canary_of(written) == (expected, ())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("canary-weight", "101"),
        ("canary-weight", "-1"),
        ("canary-weight-total", "0"),
        ("canary-by-header", "a b"),
        ("canary-by-header-value", "a b"),
        ("canary-by-header-pattern", "(a+)+"),
        ("canary-by-cookie", "a;b"),
    ],
)
def test_what_cannot_be_read_is_told_and_sends_nobody_there(name: str, text: str) -> None:
    found, (problem,) = canary_of({"canary": "true", name: text})
    assert found == Canary()
    assert name in problem.place


def ingress(
    name: str, service: str, path: str = "/", namespace: str = "shop", **written: str
) -> Ingress:
    to = HttpPath(path, "Prefix", IngressBackend(service, 80))
    annotations = {f"haproxy.org/{key.replace('_', '-')}": text for key, text in written.items()}
    return Ingress(namespace, name, rules=(IngressRule("a.test", (to,)),), annotations=annotations)


def composed(*ingresses: Ingress) -> Composed:
    view = TrafficView({it.key: it for it in ingresses}, services=SERVICES)
    return compose(view, IngressPolicy())


def test_a_canarys_route_is_a_split_of_the_others() -> None:
    it = composed(
        ingress("web", "web"),
        ingress("next", "next", canary="true", canary_weight="5", canary_by_header="X-C"),
    )
    (route,) = it.desired.routes
    (split,) = it.desired.splits
    assert (split.main, split.canary, split.weight) == ("shop_web_80", "shop_next_80", 500)
    assert (route.backend, route.split) == ("shop_web_80", split.name)
    lines = map_lines(it.desired)
    assert lines["paths"] == (("a.test/", split.name),)
    assert lines["weights"] == ((split.name, "500"),)
    assert lines["picks"] == (
        (f"{split.name}:h:X-C:always", "shop_next_80"),
        (f"{split.name}:h:X-C:never", "shop_web_80"),
    )
    assert all(report.is_accepted for report in it.reports)


def test_another_weight_is_another_line_of_a_map_alone() -> None:
    def lines(weight: str) -> Mapping[str, object]:
        canary = ingress("next", "next", canary="true", canary_weight=weight)
        return map_lines(composed(ingress("web", "web"), canary).desired)

    before, after = lines("5"), lines("50")
    assert [name for name in before if before[name] != after[name]] == ["weights"]


def test_who_may_come_in_holds_for_the_canary_too() -> None:
    it = composed(
        ingress("web", "web", deny_list="10.0.0.0/8"),
        ingress("next", "next", canary="true", canary_weight="5", set_host="ignored"),
    )
    (split,) = it.desired.splits
    main, canary = (it.desired.backends[name] for name in (split.main, split.canary))
    assert canary.service == "shop/next"
    assert canary.directives == main.directives
    assert canary.files == main.files != ()


@pytest.mark.parametrize(
    "others",
    [
        pytest.param([], id="alone"),
        pytest.param([ingress("web", "web", "/other")], id="beside another path"),
        pytest.param([ingress("web", "web", namespace="other")], id="beside another namespace's"),
        pytest.param([ingress("web", "web", ssl_passthrough="true")], id="beside passed TLS"),
        pytest.param(
            [ingress("web", "web"), ingress("a", "next", canary="true")], id="after another canary"
        ),
    ],
)
def test_a_canary_without_effect_is_told(others: list[Ingress]) -> None:
    it = composed(*others, ingress("next", "next", canary="true", canary_weight="100"))
    report = next(one for one in it.reports if one.ingress == "shop/next")
    assert not report.is_accepted
    assert [one.code for one in report.problems] == ["CanaryWithoutEffect"]


@pytest.mark.parametrize("same", [True, False], ids=["one header", "a header each"])
def test_every_request_passes_so_many_headers_of_canaries_and_no_more(*, same: bool) -> None:
    ingresses = []
    for number in range(MAX_LOOKED_AT + 1):
        header = "X-C" if same else f"X-C{number}"
        for name, written in (
            ("web", {}),
            ("next", {"canary": "true", "canary_by_header": header}),
        ):
            ingresses.append(ingress(f"{name}{number:02}", name, f"/{number:02}", **written))
    it = composed(*ingresses)
    told = [problem for report in it.reports for problem in report.problems]
    assert len(it.desired.splits) == MAX_LOOKED_AT + same
    assert [problem.code for problem in told] == ([] if same else ["CanaryWithoutEffect"])


@pytest.mark.parametrize(
    ("said", "goes"), [("v2", "canary"), ("beta-v1", "canary"), ("v3", ""), ("never", "")]
)
def test_a_request_is_explained_by_what_an_expression_finds_in_its_header(
    said: str, goes: str
) -> None:
    it = composed(
        ingress("web", "web"),
        ingress(
            "next",
            "next",
            canary="true",
            canary_by_header="X-C",
            canary_by_header_pattern="v[12]$",
        ),
    )
    found = division(it.desired, it.desired.routes[0], {"x-c": said})
    assert found is not None
    assert found.goes == goes
