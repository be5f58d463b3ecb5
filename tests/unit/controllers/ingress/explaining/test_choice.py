"""Which rule a request meets, and why the others do not."""

from __future__ import annotations

from itertools import product

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kingtide.controllers.ingress.desired import Desired
from kingtide.controllers.ingress.explaining.choice import Why, choose
from kingtide.controllers.ingress.routing.table import Route, RouteTable
from kingtide.kube.ingresses import PathType

HOST = "shop.example.com"


def route(path: str, kind: PathType = "Prefix", host: str = HOST, ingress: str = "a/a") -> Route:
    return Route(host, path, kind, f"{ingress}{kind}{path}", ingress)


ROUTES = (
    route("/"),
    route("/cart"),
    route("/cart", "Exact"),
    route("/cart/old", "ImplementationSpecific"),
    route("/cart/", ingress="b/b"),
    route("/", host="*.example.com"),
    route("/", host=""),
    route("/", host="other.example.com"),
)


@pytest.mark.parametrize(
    ("path", "taken", "whys"),
    [
        pytest.param(
            "/cart",
            ROUTES[2],
            ["ExactFirst", "ExactFirst", "Taken", "HostFirst", "HostFirst", "PathOnly"],
            id="an exact path before prefixes",
        ),
        pytest.param(
            "/cart/older",
            ROUTES[3],
            ["Longer", "Longer", "Taken", "HostFirst", "HostFirst", "ExactOnly"],
            id="the longest beginning, which need not end at a slash",
        ),
        pytest.param(
            "/carts",
            ROUTES[0],
            ["HostFirst", "HostFirst", "ElementWise", "ExactOnly", "PathOnly", "PathOnly"],
            id="a prefix ends at a slash",
        ),
    ],
)
def test_every_other_rule_of_the_host_is_told_with_its_reason(
    path: str, taken: Route, whys: list[Why]
) -> None:
    found = choose(Desired(ROUTES), f"{HOST.upper()}:8080", path)
    assert found.match is not None
    assert found.match.route == taken
    assert [it.why for it in found.passed] == whys
    assert all(it.route.host != "other.example.com" for it in found.passed)


def test_a_host_with_rules_is_not_left_for_a_wider_one() -> None:
    desired = Desired((route("/cart"), route("/", host="*.example.com")))
    found = choose(desired, HOST, "/help")
    assert found.match is None
    assert [(it.key, it.has_rules) for it in found.hosts] == [
        (HOST, True),
        ("*.example.com", True),
        ("", False),
    ]
    assert [(it.route.host, it.why) for it in found.passed] == [
        ("*.example.com", "HostFirst"),
        (HOST, "PathOnly"),
    ]


_HOSTS = st.sampled_from(["", "a.b", "*.b", "c.b"])
_PATHS = st.sampled_from(["", "/", "/a", "/a/", "/a/b", "/ab"])
_ROUTES = st.lists(
    st.builds(
        Route,
        host=_HOSTS,
        path=_PATHS,
        path_type=st.sampled_from(["Exact", "Prefix", "ImplementationSpecific"]),
        backend=st.sampled_from(["x", "y"]),
    ),
    max_size=8,
)


@given(_ROUTES)
def test_a_rule_that_is_passed_for_another_would_win_without_those_before_it(
    routes: list[Route],
) -> None:
    # Whatever is told as met and passed does meet the request, once nothing stands before it;
    # whatever is told as unmet does not, alone either.
    named = [msgspec.structs.replace(it, ingress=str(number)) for number, it in enumerate(routes)]
    for host, path in product(["a.b", "c.b", "d.b", "e"], ["/", "/a", "/a/", "/a/b/c", "/abc"]):
        found = choose(Desired(tuple(named)), host, path)
        assert found.match == RouteTable(named).match(host, path)
        for it in found.passed:
            alone = RouteTable([it.route]).match(host, path)
            unmet = it.why in ("ExactOnly", "ElementWise", "PathOnly")
            assert (alone is None) == unmet, it
