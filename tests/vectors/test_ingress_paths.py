"""ingress_paths.json: which backend answers a request, and which Ingresses a controller takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kingtide.controllers.ingress.classes import is_chosen
from kingtide.controllers.ingress.routing.table import Route, RouteTable
from tests.vectors.cases import Case
from tests.vectors.claims import Stepwise, VectorFile
from tests.vectors.strictness import only_known

vectors = VectorFile("ingress_paths")

NOT_FOUND = "404"


@vectors.cases("groups", step_keys=("expect",))
def test_a_request_meets_its_backend(case: Case) -> Stepwise:
    given = only_known(case.given, "id", "origin", "ref", "rules", "default_backend", "requests")
    table = RouteTable(_route(rule) for rule in given["rules"])
    return Stepwise([_answer(table, given, request) for request in given["requests"]])


def _route(rule: Mapping[str, Any]) -> Route:
    it = only_known(rule, "host", "path", "type", "backend")
    return Route(it["host"] or "", it["path"], it["type"], it["backend"])


def _answer(
    table: RouteTable, given: Mapping[str, Any], request: Mapping[str, Any]
) -> Mapping[str, Any]:
    it = only_known(request, "host", "path", "why")
    found = table.match(it["host"], it["path"])
    backend = given["default_backend"] if found is None else found.route.backend
    return {"expect": backend or NOT_FOUND}


@vectors.cases("class_selection.cases", expected_keys=("expect",))
def test_a_controller_takes_its_ingresses(case: Case) -> Mapping[str, Any]:
    given = only_known(
        case.given,
        "id",
        "why",
        "controller_class",
        "ingress_class",
        "default_class",
        "accept_empty",
    )
    named = given["ingress_class"]
    chosen = is_chosen(
        given["default_class"] if named is None else named,
        given["controller_class"],
        accept_empty=given.get("accept_empty", False),
    )
    return {"expect": chosen}
