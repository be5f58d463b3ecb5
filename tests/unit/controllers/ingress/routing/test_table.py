from __future__ import annotations

import pytest

from kingtide.controllers.ingress.routing.hosts import host_of
from kingtide.controllers.ingress.routing.table import Route, RouteTable
from kingtide.kube.ingresses import PathType


def table(*routes: tuple[str, str, PathType, str]) -> RouteTable:
    return RouteTable(Route(*route) for route in routes)


@pytest.mark.parametrize(
    ("header", "host"),
    [
        pytest.param("Shop.Example.COM", "shop.example.com", id="upper case"),
        pytest.param("shop.example.com:8443", "shop.example.com", id="port"),
        pytest.param("shop.example.com.", "shop.example.com", id="final dot"),
        pytest.param("[2001:DB8::1]:80", "[2001:db8::1]", id="IPv6 with port"),
        pytest.param("[2001:db8::1]", "[2001:db8::1]", id="IPv6"),
        pytest.param("", "", id="empty"),
        pytest.param(None, "", id="absent"),
        pytest.param("[", "[", id="half an IPv6 address"),
        pytest.param("[::1", "[:", id="half an IPv6 address with a port"),
        pytest.param("a.test:80:90", "a.test:80", id="two ports"),
    ],
)
def test_the_host_of_a_header(header: str | None, host: str) -> None:
    assert host_of(header) == host


def test_a_wildcard_is_one_label_and_no_more() -> None:
    rules = table(("*.example.com", "/", "Prefix", "wild"))
    assert rules.match("a.example.com", "/") is not None
    assert rules.match("a.b.example.com", "/") is None
    assert rules.match("example.com", "/") is None
    assert rules.match(".example.com", "/") is None


def test_a_host_with_rules_of_its_own_never_falls_back_to_wider_ones() -> None:
    rules = table(
        ("a.example.com", "/only", "Exact", "own"),
        ("*.example.com", "/", "Prefix", "wild"),
        ("", "/", "Prefix", "any"),
    )
    assert rules.match("a.example.com", "/other") is None
    other = rules.match("b.example.com", "/other")
    assert other is not None
    assert other.route.backend == "wild"


def test_the_first_of_two_routes_for_the_same_requests_wins_and_the_other_is_told() -> None:
    rules = table(("h", "/a", "Prefix", "first"), ("H", "/a/", "Prefix", "second"))
    found = rules.match("h", "/a/b")
    assert found is not None
    assert found.route.backend == "first"
    assert [(it.route.backend, it.winner.backend) for it in rules.conflicts] == [
        ("second", "first")
    ]


def test_the_same_backend_twice_is_no_conflict() -> None:
    assert not table(("h", "/a", "Prefix", "x"), ("h", "/a", "Prefix", "x")).conflicts


def test_a_string_prefix_and_an_element_of_the_same_text_do_not_hide_each_other() -> None:
    rules = table(("h", "/a", "Prefix", "element"), ("h", "/a", "ImplementationSpecific", "text"))
    answers = [rules.match("h", path) for path in ("/a", "/a/b", "/ab")]
    assert [it and it.route.backend for it in answers] == ["element", "element", "text"]


def test_paths_are_compared_as_received() -> None:
    rules = table(("h", "/a", "Prefix", "x"))
    for path in ("/A", "/%61", "//a", "/b/../a", ""):
        assert rules.match("h", path) is None


@pytest.mark.parametrize("path", ["/", "/a/"])
@pytest.mark.parametrize("older", ["Prefix", "ImplementationSpecific"])
def test_a_newer_prefix_of_the_same_path_takes_nothing(path: str, older: PathType) -> None:
    newer: PathType = "ImplementationSpecific" if older == "Prefix" else "Prefix"
    routes = Route("a.test", path, older, "old"), Route("a.test", path, newer, "new")
    table = RouteTable(routes)
    assert [it.route.backend for it in table.conflicts] == ["new"]
    found = table.match("a.test", path)
    assert found is not None
    assert found.route.backend == "old"
